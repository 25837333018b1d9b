/**
 * One record, and how a batch of magic 2 holds it.
 *
 * ```
 * varint length of what follows     varint key length (-1: null), key
 * int8 attributes, unused           varint value length (-1: null), value
 * varlong timestamp − base timestamp   varint header count, then for each header:
 * varint offset − base offset          varint length and key, varint length (-1: null) and value
 * ```
 *
 * Source: https://kafka.apache.org/documentation/#record
 *
 * @module
 */
import { Reader, toNumberClamped, unzigzag } from "../bytes/mod.ts";

/** A header of a record: a name, which may occur more than once, and a value. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Bytes that the shortest record takes: its length, the attributes, two deltas, two lengths and a count. */
export const LEAST_RECORD_BYTES = 7;
/** Bytes that the shortest header takes: two lengths. */
const LEAST_HEADER_BYTES = 2;
const NO_BYTES = new Uint8Array(0);

/** A record, of whatever format. Key, value and header values are views of what it was read from. */
export class LogRecord {
  #headers: readonly RecordHeader[] | null = null;

  /**
   * @param offset its offset in the partition
   * @param timestamp milliseconds since the epoch, brought to the nearest safe integer; -1 where it has none
   * @param sequence its sequence number; -1 where the producer is not idempotent
   * @param headerCount how many headers there are
   * @param headerBytes the headers as they stand in a batch, checked already
   */
  constructor(
    readonly offset: number,
    readonly timestamp: number,
    readonly sequence: number,
    readonly key: Uint8Array | null,
    readonly value: Uint8Array | null,
    readonly headerCount = 0,
    readonly headerBytes: Uint8Array = NO_BYTES,
  ) {}

  /** The headers, decoded when first asked for: a megabyte of the shortest ones becomes many megabytes of objects. */
  get headers(): readonly RecordHeader[] {
    if (this.#headers === null) {
      const reader = new Reader(this.headerBytes);
      this.#headers = Array.from({ length: this.headerCount }, () => {
        const key = reader.string(reader.varint());
        return { key, value: readNullable(reader, "header value") };
      });
    }
    return this.#headers;
  }
}

/** What the records of a batch have in common. */
export interface RecordContext {
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  /** -1 where the producer is not idempotent. */
  readonly baseSequence: number;
  /** The timestamp of all records where the batch has LogAppendTime, else null. */
  readonly logAppendTime: number | null;
}

/**
 * Reads one record of a batch of magic 2.
 *
 * @throws {DecodeError} where it is malformed
 */
export function readRecord(reader: Reader, context: RecordContext): LogRecord {
  const length = reader.varint();
  if (length < 0 || length > reader.remaining) {
    reader.fail(`record cannot have the length ${length}, ${reader.remaining} bytes remain`);
  }
  const end = reader.offset + length;
  reader.skip(1);
  const timestampDelta = readTimestampDelta(reader);
  const offsetDelta = reader.varint();
  const key = readNullable(reader, "key");
  const value = readNullable(reader, "value");
  const headerCount = reader.varint();
  const headersStart = reader.offset;
  if (headerCount < 0 || headerCount * LEAST_HEADER_BYTES > end - headersStart) {
    reader.fail(`record cannot have ${headerCount} headers in the ${end - headersStart} bytes that remain of it`);
  }
  for (let index = 0; index < headerCount; index++) skipHeader(reader);
  if (reader.offset !== end) {
    reader.fail(`record of ${length} bytes ends ${reader.offset - end} bytes after its length`);
  }
  return new LogRecord(
    context.baseOffset + offsetDelta,
    context.logAppendTime ?? context.baseTimestamp + timestampDelta,
    context.baseSequence < 0 ? -1 : (context.baseSequence + offsetDelta) % 2 ** 31,
    key,
    value,
    headerCount,
    headerCount === 0 ? NO_BYTES : reader.bytes.subarray(headersStart, end),
  );
}

function readNullable(reader: Reader, what: string): Uint8Array | null {
  const length = reader.varint();
  // As in Kafka, any negative length is null.
  return length < 0 ? null : reader.view(length, what);
}

function skipHeader(reader: Reader): void {
  const keyLength = reader.varint();
  if (keyLength < 0) reader.fail("header has no key");
  reader.skip(keyLength);
  const valueLength = reader.varint();
  if (valueLength > 0) reader.skip(valueLength);
}

/** A varlong as a number. Nearly all of them take a few bytes, which need no `bigint`. */
function readTimestampDelta(reader: Reader): number {
  let value = 0;
  for (let index = 0; index < MAX_SHORT_BYTES; index++) {
    const byte = reader.bytes[reader.offset + index];
    if (byte === undefined) break;
    value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) {
      reader.skip(index + 1);
      return unzigzag(value);
    }
  }
  return toNumberClamped(reader.varlong());
}

/** Varints of up to this many bytes fit into 31 bits. */
const MAX_SHORT_BYTES = 4;
