/**
 * What stands in front of a record's body, so that a reader can tell what it is and of which version.
 *
 * - Metadata records, and those of `__remote_log_metadata`: frame version, record key and record version as unsigned
 *   varints (KIP-631).
 * - Keys of coordinators' records: the int16 record type. Values: the int16 version.
 * - Control record keys and values, and what clients send each other: the int16 version.
 *
 * @module
 */
import { DecodeError, Reader, Writer } from "../../bytes/mod.ts";
import type { Infer, Init, Message } from "../schema.ts";

/** The version of the frame of metadata records. */
const FRAME_VERSION = 1;

/** The messages of a log that frames its records as the metadata log does, by name. */
export type RecordTable = Readonly<Record<string, Message<unknown>>>;

/** A record of a log, with its name to tell the types of values apart. */
export type RecordOf<T extends RecordTable> = {
  readonly [N in keyof T]: {
    readonly name: N;
    readonly message: T[N];
    readonly version: number;
    readonly value: Infer<T[N]>;
  };
}[keyof T];

/** A record whose key or version this broker does not know: a newer one wrote it. */
export interface UnknownRecord {
  readonly name: null;
  readonly key: number;
  readonly version: number;
  readonly body: Uint8Array;
}

/** The messages of a coordinator's log: the key and the value of each type, by the name that both begin with. */
export type CoordinatorTable = Readonly<Record<string, CoordinatorPair>>;

interface CoordinatorPair {
  readonly key: Message<unknown>;
  readonly value: Message<unknown>;
}

/** A record of a coordinator's log. A null value, a tombstone, removes what the key names; its version is -1. */
export type CoordinatorRecordOf<T extends CoordinatorTable> = {
  readonly [N in keyof T]: {
    readonly name: N;
    readonly key: Infer<T[N]["key"]>;
    readonly version: number;
    readonly value: Infer<T[N]["value"]> | null;
  };
}[keyof T];

/** A coordinator's record whose type this broker does not know: a newer one wrote it. */
export interface UnknownCoordinatorRecord {
  readonly name: null;
  readonly type: number;
}

/** A record as a batch carries it. */
export interface RecordBytes {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** A record with its frame, as it stands in the value of the log's record. */
export function encodeFramed<T>(message: Message<T>, version: number, value: Init<T>): Uint8Array {
  const writer = new Writer();
  writer.unsignedVarint(FRAME_VERSION);
  writer.unsignedVarint(message.key!);
  writer.unsignedVarint(version);
  message.write(writer, version, value);
  return writer.finish();
}

/**
 * Makes the reader of framed records.
 *
 * The function that it returns throws {@linkcode DecodeError} where the bytes are no such record.
 */
export function framedDecoder<T extends RecordTable>(table: T): (bytes: Uint8Array) => RecordOf<T> | UnknownRecord {
  const byKey = new Map(Object.entries(table).map(([name, message]) => [message.key!, { name, message }]));
  return (bytes) => {
    const reader = new Reader(bytes);
    const frameVersion = reader.unsignedVarint();
    if (frameVersion !== FRAME_VERSION) {
      reader.fail(`record frame has version ${frameVersion}, known is ${FRAME_VERSION}`);
    }
    const key = reader.unsignedVarint();
    const version = reader.unsignedVarint();
    const known = byKey.get(key);
    if (known === undefined || !known.message.hasVersion(version)) {
      return { name: null, key, version, body: reader.view(reader.remaining) };
    }
    const value = readAll(known.message, reader, version);
    return { name: known.name, message: known.message, version, value } as RecordOf<T>;
  };
}

/** The key of a coordinator's record: its type, and its body, which has the one version 0. */
export function encodeCoordinatorKey<T>(key: Message<T>, value: Init<T>): Uint8Array {
  const writer = new Writer();
  writer.int16(key.key!);
  key.write(writer, 0, value);
  return writer.finish();
}

/** A coordinator's record; a null value makes a tombstone. */
export function encodeCoordinatorRecord<K, V>(
  types: { readonly key: Message<K>; readonly value: Message<V> },
  key: Init<K>,
  version: number,
  value: Init<V> | null,
): RecordBytes {
  return {
    key: encodeCoordinatorKey(types.key, key),
    value: value === null ? null : encodeVersioned(types.value, version, value),
  };
}

/**
 * Makes the reader of a coordinator's records.
 *
 * The function that it returns throws {@linkcode DecodeError} where the bytes are no such record, or their version is not known.
 */
export function coordinatorDecoder<T extends CoordinatorTable>(
  table: T,
): (record: RecordBytes) => CoordinatorRecordOf<T> | UnknownCoordinatorRecord {
  const byType = new Map(Object.entries(table).map(([name, pair]) => [pair.key.key!, { name, pair }]));
  return (record) => {
    const reader = new Reader(record.key);
    const type = reader.int16();
    const known = byType.get(type);
    if (known === undefined) return { name: null, type };
    const { name, pair } = known;
    const key = readAll(pair.key, reader, 0);
    const { version, value } = record.value === null
      ? { version: -1, value: null }
      : decodeVersioned(pair.value, record.value);
    return { name, key, version, value } as CoordinatorRecordOf<T>;
  };
}

/** A message with its version in front. */
export function encodeVersioned<T>(message: Message<T>, version: number, value: Init<T>): Uint8Array {
  const writer = new Writer();
  writer.int16(version);
  message.write(writer, version, value);
  return writer.finish();
}

/**
 * What {@linkcode encodeVersioned} made.
 *
 * @throws {DecodeError} where the bytes are no such message, or its version is not known.
 */
export function decodeVersioned<T>(message: Message<T>, bytes: Uint8Array): { version: number; value: T } {
  const reader = new Reader(bytes);
  const version = reader.int16();
  if (!message.hasVersion(version)) {
    throw new DecodeError(`${message.name} has version ${version}, known are ${message.versions.join(" to ")}`, 0);
  }
  return { version, value: readAll(message, reader, version) };
}

function readAll<T>(message: Message<T>, reader: Reader, version: number): T {
  const value = message.read(reader, version);
  reader.end();
  return value;
}
