/**
 * The records of a world. Each says in a header who sent it, as which of its records: that tells it from all others,
 * whatever its key and value are.
 *
 * @module
 */
import type { LogRecord, RecordBatch, RecordInit } from "../../lib/records/mod.ts";

/** A record as a producer makes it. */
export interface SimRecord {
  /** See {@linkcode formatId}. */
  readonly id: string;
  readonly key: string;
  /** True where its value is null: where the topic is compacted, the key is to go. */
  readonly isTombstone: boolean;
  /** Its CreateTime, in milliseconds since the epoch. */
  readonly timestamp: number;
}

/** A batch that was read, and its records decoded. */
export interface ReadBatch {
  readonly batch: RecordBatch;
  readonly records: readonly ReadRecord[];
}

export interface ReadRecord {
  readonly record: LogRecord;
  readonly id: string;
}

const ID_HEADER = "id";
const UTF8 = new TextEncoder();
const TEXT = new TextDecoder();

/** The record as it is sent, with a value of `valueBytes` bytes where it has one. */
export function toSend({ id, key, isTombstone, timestamp }: SimRecord, valueBytes: number): RecordInit {
  return {
    timestamp,
    key: UTF8.encode(key),
    value: isTombstone ? null : new Uint8Array(valueBytes).fill(46),
    headers: [{ key: ID_HEADER, value: UTF8.encode(id) }],
  };
}

/** The id of a record that was read; undefined where it has none. */
export function idOf({ headers }: LogRecord): string | undefined {
  const value = headers.find(({ key }) => key === ID_HEADER)?.value;
  return value === undefined || value === null ? undefined : TEXT.decode(value);
}

/** The key of a record that was read. */
export function keyOf({ key }: LogRecord): string | null {
  return key === null ? null : TEXT.decode(key);
}

/** The id of the `number`-th record of a producer in one of its lives. */
export function formatId(writer: string, number: number): string {
  return `${writer}#${number}`;
}

export function parseId(id: string): { writer: string; number: number } {
  const [writer, number] = id.split("#");
  return { writer, number: Number(number) };
}
