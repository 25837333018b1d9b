/**
 * The checker: what clients were told, and what may therefore never be otherwise.
 *
 * For each partition there is one history. Whatever anybody reads is held against it: a record stays what and where it
 * was, the high watermark and the log start offset never move back, what was acknowledged is there, and nobody reads
 * what nobody has sent.
 *
 * @module
 */
import type { LogRecord, RecordBatch } from "../../lib/records/mod.ts";

/** A promise of the broker was broken. */
export class Violation extends Error {
  override name = "Violation";
}

/** How well a record that was acknowledged is kept: until it is deleted, or only as long as the power is on. */
export type Durability = "durable" | "written";

/** What was sent to partitions of one name: a request that names its topic may reach a later one of that name. */
export type SentRecords = Map<string, Sent>;

/** What is known of one record that was sent. */
interface Sent {
  /** How often: a producer that is not idempotent may make as many copies. */
  times: number;
  readonly isIdempotent: boolean;
}

/** A fact known when a question was asked, against which the answer is held. */
export interface Watermarks {
  readonly highWatermark: number;
  readonly logStartOffset: number;
}

/** All that is known of one partition of one topic, for as long as this topic lives. */
export class PartitionHistory {
  readonly name: string;
  readonly #sent: SentRecords;
  /** What somebody has read, or was told to be durable. */
  readonly #fixed = new Map<number, string>();
  /** What was acknowledged and holds until the power is cut. */
  readonly #written = new Map<number, string>();
  readonly #timestamps = new Map<number, number>();
  #highWatermark = 0;
  #logStartOffset = 0;
  /** Where it began when a client was told that the records before are deleted. */
  #deletedStartOffset = 0;
  /** The greatest offset that a client asked to delete up to, whether it was answered or not. */
  deletedUpTo = 0;
  /** True where retention may delete what nobody asked to delete. */
  hasRetention = false;
  /** True where of records with the same key, which here are copies of one record, only the last need be kept. */
  isCompacted = false;
  /** How often the power was cut while records were acknowledged that need not survive it. */
  lossCount = 0;

  constructor(name: string, sent: SentRecords) {
    this.name = name;
    this.#sent = sent;
  }

  get watermarks(): Watermarks {
    return { highWatermark: this.#highWatermark, logStartOffset: this.#logStartOffset };
  }

  noteSent(values: readonly string[], isIdempotent: boolean): void {
    for (const value of values) {
      const sent = this.#sent.get(value);
      if (sent === undefined) this.#sent.set(value, { times: 1, isIdempotent });
      else sent.times++;
    }
  }

  noteAcknowledged(baseOffset: number, values: readonly string[], durability: Durability): void {
    if (baseOffset < 0) this.#fail(`a batch is acknowledged with offset ${baseOffset}`);
    values.forEach((value, index) => {
      const offset = baseOffset + index;
      const known = this.#fixed.get(offset) ?? this.#written.get(offset);
      if (known !== undefined && known !== value) {
        this.#fail(`offset ${offset} is acknowledged for ${value}, and it is that of ${known}`);
      }
      if (durability === "durable") this.#fixed.set(offset, value);
      else if (!this.#fixed.has(offset)) this.#written.set(offset, value);
    });
  }

  /** A request to delete records was answered. */
  noteDeleted(logStartOffset: number): void {
    this.#deletedStartOffset = Math.max(this.#deletedStartOffset, logStartOffset);
  }

  /** Whoever saw the log begin where nobody was told that it is so for good may see it begin before. */
  noteCrash(): void {
    this.#logStartOffset = this.#deletedStartOffset;
  }

  /** What only the page cache has is no promise any more. What somebody has read is. */
  notePowerCut(): void {
    for (const offset of this.#written.keys()) {
      if (offset >= this.#highWatermark) {
        this.#written.delete(offset);
        this.lossCount++;
      }
    }
  }

  /** Takes in the offsets of an answer to a question that was asked when `known` held. */
  noteWatermarks(known: Watermarks, { highWatermark, logStartOffset }: Watermarks): void {
    if (highWatermark < known.highWatermark) {
      this.#fail(`the high watermark has moved back from ${known.highWatermark} to ${highWatermark}`);
    }
    const leastStartOffset = Math.min(known.logStartOffset, this.#logStartOffset);
    if (logStartOffset < leastStartOffset) {
      this.#fail(`the log start offset has moved back from ${leastStartOffset} to ${logStartOffset}`);
    }
    if (logStartOffset > highWatermark) {
      this.#fail(`the log start offset ${logStartOffset} is beyond the high watermark ${highWatermark}`);
    }
    if (logStartOffset > this.deletedUpTo && !this.hasRetention) {
      this.#fail(`the log start offset is ${logStartOffset}, though nobody deleted beyond ${this.deletedUpTo}`);
    }
    this.#highWatermark = Math.max(this.#highWatermark, highWatermark);
    this.#logStartOffset = Math.max(this.#logStartOffset, logStartOffset);
  }

  /** Takes in a record that somebody has read. */
  noteRead(record: LogRecord, value: string): void {
    const { offset } = record;
    const known = this.#fixed.get(offset) ?? this.#written.get(offset);
    if (known !== undefined && known !== value) {
      this.#fail(`offset ${offset} reads ${value}, and it was ${known} before`);
    }
    if (!this.#sent.has(value)) this.#fail(`offset ${offset} reads ${value}, which nobody has sent here`);
    this.#fixed.set(offset, value);
    this.#timestamps.set(offset, record.timestamp);
  }

  /** Takes in whole batches, as a fetch from `fetchOffset` on has returned them. Returns the offset after them. */
  noteBatches(fetchOffset: number, bound: number, batches: readonly ReadBatch[]): number {
    let nextOffset = fetchOffset;
    for (const [index, { batch, records }] of batches.entries()) {
      if (!batch.checksumOk()) this.#fail(`the batch at offset ${batch.baseOffset} has a wrong checksum`);
      const isExpected = index === 0
        ? batch.lastOffset >= fetchOffset && (batch.baseOffset <= fetchOffset || this.isCompacted)
        : batch.baseOffset === nextOffset || (this.isCompacted && batch.baseOffset > nextOffset);
      if (!isExpected) {
        this.#fail(`offset ${nextOffset} is next, and a batch from ${batch.baseOffset} to ${batch.lastOffset} came`);
      }
      if (batch.nextOffset > bound) {
        this.#fail(`offset ${batch.lastOffset} was shown, though only those before ${bound} may be`);
      }
      let offset = batch.baseOffset;
      for (const { record, value } of records) {
        if (record.offset !== offset && !this.isCompacted) this.#fail(`there is a gap before offset ${record.offset}`);
        offset = record.offset + 1;
        this.noteRead(record, value);
      }
      if (offset !== batch.nextOffset && !this.isCompacted) {
        this.#fail(`the batch at ${batch.baseOffset} lacks records at its end`);
      }
      nextOffset = batch.nextOffset;
    }
    return nextOffset;
  }

  /** Whether `found` may be the first record that is as late as `timestamp`, when asked while `known` held. */
  checkTimestampSearch(timestamp: number, found: { offset: number; timestamp: number }, known: Watermarks): void {
    if (found.offset >= 0 && found.timestamp < timestamp) {
      this.#fail(`asked for time ${timestamp}, offset ${found.offset} of time ${found.timestamp} was found`);
    }
    // What deletion or cleaning has taken away is not found, and nobody knows what that was.
    if (this.hasRetention || this.isCompacted) return;
    const end = found.offset < 0 ? known.highWatermark : Math.min(found.offset, known.highWatermark);
    for (const [offset, later] of this.#timestamps) {
      if (offset < this.#logStartOffset || offset >= end || later < timestamp) continue;
      if (offset < this.deletedUpTo) continue;
      this.#fail(`asked for time ${timestamp}, ${found.offset} was found, though offset ${offset} has time ${later}`);
    }
  }

  /** Judges the whole log, as it is when all is over: all records from `logStartOffset` to the high watermark. */
  checkWhole(logStartOffset: number, highWatermark: number, whole: ReadonlyMap<number, string>): void {
    const lastOffsets = new Map([...whole].map(([offset, value]) => [value, offset]));
    for (const promised of [this.#fixed, this.#written]) {
      for (const [offset, value] of promised) {
        if (offset < logStartOffset) continue;
        if (offset >= highWatermark) {
          this.#fail(`offset ${offset} (${value}) is lost: the log ends at ${highWatermark}`);
        }
        const found = whole.get(offset);
        if (found === undefined && this.isCompacted && (lastOffsets.get(value) ?? -1) > offset) continue;
        if (found !== value) this.#fail(`offset ${offset} was ${value} and is ${found}`);
      }
    }
    this.#checkCopies([...whole.values()]);
    this.#checkOrder([...whole.values()]);
  }

  #checkCopies(whole: readonly string[]): void {
    const copies = new Map<string, number>();
    for (const value of whole) copies.set(value, (copies.get(value) ?? 0) + 1);
    for (const [value, count] of copies) {
      const { times, isIdempotent } = this.#sent.get(value)!;
      const most = isIdempotent ? 1 : times;
      if (count > most) this.#fail(`${value} is there ${count} times, and may be ${most} times`);
    }
  }

  /** The records of an idempotent producer stand in the order in which they were first sent. */
  #checkOrder(whole: readonly string[]): void {
    const last = new Map<string, number>();
    for (const value of whole) {
      if (!this.#sent.get(value)!.isIdempotent) continue;
      const { writer, number } = parseValue(value);
      const before = last.get(writer) ?? -1;
      if (number <= before) this.#fail(`${value} stands behind number ${before} of the same producer`);
      last.set(writer, number);
    }
  }

  #fail(message: string): never {
    throw new Violation(`${this.name}: ${message}`);
  }
}

/** A batch that was read, and its records decoded. */
export interface ReadBatch {
  readonly batch: RecordBatch;
  readonly records: readonly { readonly record: LogRecord; readonly value: string }[];
}

/** The value of the `number`-th record of a producer in one of its lives. */
export function formatValue(writer: string, number: number): string {
  return `${writer}#${number}`;
}

function parseValue(value: string): { writer: string; number: number } {
  const [writer, number] = value.split("#");
  return { writer, number: Number(number) };
}
