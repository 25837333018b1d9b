/**
 * Walks through the records of a batch without making an object of each: for those who look at all records of a log.
 *
 * How a batch of magic 2 holds a record:
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
import { DecodeError, Reader, toNumberClamped, unzigzag } from "../bytes/mod.ts";
import { BATCH_HEADER_BYTES, type RecordBatch } from "./batch.ts";
import { CorruptBatchError } from "./corrupt.ts";
import { LogRecord } from "./record.ts";

/** Bytes that the shortest record takes: its length, the attributes, two deltas, two lengths and a count. */
export const LEAST_RECORD_BYTES = 7;
/** Bytes that the shortest header takes: two lengths. */
const LEAST_HEADER_BYTES = 2;
const NULL = -1;

/** Stands on one record after the other, before the first one to begin with. */
export interface RecordCursor {
  /**
   * Goes to the next record.
   *
   * @returns false where there is none
   * @throws {DecodeError} where it is malformed, or bytes are left after the last one; its path names the record
   */
  next(): boolean;
  /** The offset of the record in the partition. */
  readonly offset: number;
  readonly hasKey: boolean;
  /** Where the key lies: in these bytes, from here, up to there; nowhere, which is as long as an empty one, if there is none. */
  readonly bytes: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** False for what compaction takes for a tombstone. */
  readonly hasValue: boolean;
  /** The record as an object, with views of {@linkcode bytes}. */
  record(): LogRecord;
}

/** Through the records of a batch of magic 2. */
export class BatchCursor implements RecordCursor {
  readonly #reader: Reader;
  readonly #baseOffset: number;
  readonly #baseTimestamp: number;
  readonly #baseSequence: number;
  readonly #logAppendTime: number | null;
  readonly #count: number;
  #index = -1;
  #offsetDelta = 0;
  #timestampDelta = 0;
  #keyStart = 0;
  #keyLength = NULL;
  #valueStart = 0;
  #valueLength = NULL;
  #headerCount = 0;
  #headersStart = 0;
  #end = 0;

  /**
   * @param payload what follows the header of `batch`, decompressed
   * @throws {CorruptBatchError} where the batch claims fewer than no records
   */
  constructor(payload: Uint8Array, batch: RecordBatch) {
    const count = batch.recordCount;
    if (count < 0) throw new CorruptBatchError("records", `A batch cannot have ${count} records`, BATCH_HEADER_BYTES);
    this.#reader = new Reader(payload);
    this.#count = count;
    this.#baseOffset = batch.baseOffset;
    this.#baseTimestamp = batch.baseTimestamp;
    this.#baseSequence = batch.baseSequence;
    this.#logAppendTime = batch.timestampType === "LogAppendTime" ? batch.maxTimestamp : null;
  }

  next(): boolean {
    if (this.#index + 1 >= this.#count) return false;
    this.#index++;
    try {
      this.#read();
    } catch (error) {
      if (error instanceof DecodeError) error.within(`records[${this.#index}]`);
      throw error;
    }
    const { remaining } = this.#reader;
    // Kafka looks for leftovers when it reads the last record, and so not in a batch that claims to have none.
    if (this.#index === this.#count - 1 && remaining > 0) {
      this.#reader.fail(`after the ${this.#count} records that the batch claims, ${remaining} bytes remain`);
    }
    return true;
  }

  get offset(): number {
    return this.#baseOffset + this.#offsetDelta;
  }

  get bytes(): Uint8Array {
    return this.#reader.bytes;
  }

  get hasKey(): boolean {
    return this.#keyLength >= 0;
  }

  get keyStart(): number {
    return this.#keyStart;
  }

  get keyEnd(): number {
    return this.#keyStart + Math.max(0, this.#keyLength);
  }

  get hasValue(): boolean {
    return this.#valueLength >= 0;
  }

  record(): LogRecord {
    const { bytes } = this.#reader;
    return new LogRecord(
      this.offset,
      this.#logAppendTime ?? this.#baseTimestamp + this.#timestampDelta,
      this.#baseSequence < 0 ? -1 : (this.#baseSequence + this.#offsetDelta) % 2 ** 31,
      viewOf(bytes, this.#keyStart, this.#keyLength),
      viewOf(bytes, this.#valueStart, this.#valueLength),
      this.#headerCount,
      this.#headerCount === 0 ? NO_BYTES : bytes.subarray(this.#headersStart, this.#end),
    );
  }

  #read(): void {
    const reader = this.#reader;
    const length = reader.varint();
    if (length < 0 || length > reader.remaining) {
      reader.fail(`record cannot have the length ${length}, ${reader.remaining} bytes remain`);
    }
    this.#end = reader.offset + length;
    reader.skip(1);
    this.#timestampDelta = readTimestampDelta(reader);
    this.#offsetDelta = reader.varint();
    this.#keyLength = readNullableLength(reader);
    this.#keyStart = skipNullable(reader, this.#keyLength, "key");
    this.#valueLength = readNullableLength(reader);
    this.#valueStart = skipNullable(reader, this.#valueLength, "value");
    this.#headerCount = reader.varint();
    this.#headersStart = reader.offset;
    const headerBytes = this.#end - this.#headersStart;
    if (this.#headerCount < 0 || this.#headerCount * LEAST_HEADER_BYTES > headerBytes) {
      reader.fail(`record cannot have ${this.#headerCount} headers in the ${headerBytes} bytes that remain of it`);
    }
    for (let index = 0; index < this.#headerCount; index++) skipHeader(reader);
    if (reader.offset !== this.#end) {
      reader.fail(`record of ${length} bytes ends ${reader.offset - this.#end} bytes after its length`);
    }
  }
}

/** Through records that are objects already, as those of the old formats are. */
export class ObjectCursor implements RecordCursor {
  readonly #records: Iterator<LogRecord>;
  #current: LogRecord | null = null;

  constructor(records: Iterator<LogRecord>) {
    this.#records = records;
  }

  next(): boolean {
    const { done, value } = this.#records.next();
    if (!done) this.#current = value;
    return !done;
  }

  get offset(): number {
    return this.record().offset;
  }

  get hasKey(): boolean {
    return this.record().key !== null;
  }

  get bytes(): Uint8Array {
    return this.record().key ?? NO_BYTES;
  }

  get keyStart(): number {
    return 0;
  }

  get keyEnd(): number {
    return this.bytes.length;
  }

  get hasValue(): boolean {
    return this.record().value !== null;
  }

  record(): LogRecord {
    if (this.#current === null) throw new Error("Cannot look at a record before next() has found one");
    return this.#current;
  }
}

const NO_BYTES = new Uint8Array(0);

/** As in Kafka, any negative length is null. */
function readNullableLength(reader: Reader): number {
  return Math.max(NULL, reader.varint());
}

/** @returns where it starts */
function skipNullable(reader: Reader, length: number, what: string): number {
  const start = reader.offset;
  if (length > 0) reader.skip(length, what);
  return start;
}

/** A view costs a hundred bytes of memory, and hostile input could ask for one with each byte. */
function viewOf(bytes: Uint8Array, start: number, length: number): Uint8Array | null {
  if (length === NULL) return null;
  return length === 0 ? NO_BYTES : bytes.subarray(start, start + length);
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
