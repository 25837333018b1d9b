/**
 * The checker: what clients were told, and what may therefore never be otherwise.
 *
 * For each partition there is one history. Whatever anybody reads is held against it: a record stays what and where it
 * was, the high watermark and the log start offset never move back, what was acknowledged is there, and nobody reads
 * what nobody has sent.
 *
 * @module
 */
import { type CleaningBounds, CleaningRules } from "./cleaning.ts";
import { keyOf, parseId, type ReadBatch, type ReadRecord, type SimRecord } from "./records.ts";

/** A promise of the broker was broken. */
export class Violation extends Error {
  override name = "Violation";
}

/** How well a record that was acknowledged is kept. */
export type Durability =
  /** Until it is deleted. */
  | "durable"
  /** Only as long as the power is on. */
  | "written"
  /** As "written", but the power was cut while the answer was on its way. */
  | "lost";

/** What was sent to partitions of one name: a request that names its topic may reach a later one of that name. */
export type SentRecords = Map<string, Sent>;

/** What is known of one record that was sent. */
interface Sent {
  readonly record: SimRecord;
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
  /** True where of records with the same key only the last need be kept. */
  isCompacted = false;
  /** How often the power was cut while records were acknowledged that need not survive it. */
  lossCount = 0;

  constructor(name: string, sent: SentRecords) {
    this.name = name;
    this.#sent = sent;
  }

  /** Whether records at `offset` or behind it may be gone, as they are meant to be. */
  mayHaveLost(offset: number): boolean {
    return this.hasRetention || this.isCompacted || this.deletedUpTo > offset;
  }

  get watermarks(): Watermarks {
    return { highWatermark: this.#highWatermark, logStartOffset: this.#logStartOffset };
  }

  noteSent(records: readonly SimRecord[], isIdempotent: boolean): void {
    for (const record of records) {
      const sent = this.#sent.get(record.id);
      if (sent === undefined) this.#sent.set(record.id, { record, times: 1, isIdempotent });
      else sent.times++;
    }
  }

  /** @param logAppendTimeMs as the answer told it; -1 where records keep the time that they came with */
  noteAcknowledged(
    baseOffset: number,
    records: readonly SimRecord[],
    durability: Durability,
    logAppendTimeMs: number,
  ): void {
    if (baseOffset < 0) this.#fail(`a batch is acknowledged with offset ${baseOffset}`);
    if (durability === "lost") {
      this.lossCount++;
      return;
    }
    records.forEach(({ id, timestamp }, index) => {
      const offset = baseOffset + index;
      const known = this.#fixed.get(offset) ?? this.#written.get(offset);
      if (known !== undefined && known !== id) {
        this.#fail(`offset ${offset} is acknowledged for ${id}, and it is that of ${known}`);
      }
      if (durability === "durable") {
        this.#fixed.set(offset, id);
        this.#noteTimestamp(offset, logAppendTimeMs === -1 ? timestamp : logAppendTimeMs);
      } else if (!this.#fixed.has(offset)) {
        this.#written.set(offset, id);
      }
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
  noteRead({ record, id }: ReadRecord): void {
    const { offset } = record;
    const known = this.#fixed.get(offset) ?? this.#written.get(offset);
    if (known !== undefined && known !== id) {
      this.#fail(`offset ${offset} reads ${id}, and it was ${known} before`);
    }
    const sent = this.#sent.get(id)?.record;
    if (sent === undefined) this.#fail(`offset ${offset} reads ${id}, which nobody has sent here`);
    if (keyOf(record) !== sent.key || (record.value === null) !== sent.isTombstone) {
      this.#fail(`offset ${offset} reads ${id} with another key or value than it was sent with`);
    }
    this.#fixed.set(offset, id);
    this.#noteTimestamp(offset, record.timestamp);
  }

  #noteTimestamp(offset: number, timestamp: number): void {
    const known = this.#timestamps.get(offset);
    if (known !== undefined && known !== timestamp) {
      this.#fail(`offset ${offset} has the time ${timestamp}, and it was ${known} before`);
    }
    this.#timestamps.set(offset, timestamp);
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
      for (const read of records) {
        const { record } = read;
        if (record.offset !== offset && !this.isCompacted) this.#fail(`there is a gap before offset ${record.offset}`);
        offset = record.offset + 1;
        this.noteRead(read);
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

  /**
   * Judges the whole log, as it is when all is over: all records from `logStartOffset` to the high watermark.
   *
   * @param cleaning what the cleaner may have done, and the latest that the broker's clock can have shown
   */
  checkWhole(
    logStartOffset: number,
    highWatermark: number,
    whole: ReadonlyMap<number, string>,
    cleaning: { readonly bounds: CleaningBounds; readonly nowMs: number },
  ): void {
    const rules = this.isCompacted ? this.#cleaningRules(whole, cleaning) : null;
    for (const promised of [this.#fixed, this.#written]) {
      for (const [offset, id] of promised) {
        if (offset < logStartOffset) continue;
        if (offset >= highWatermark) this.#fail(`offset ${offset} (${id}) is lost: the log ends at ${highWatermark}`);
        const found = whole.get(offset);
        if (found === undefined && rules?.mayBeGone(offset, id)) continue;
        if (found !== id) this.#fail(`offset ${offset} was ${id} and is ${found}`);
      }
    }
    this.#checkCopies([...whole.values()]);
    this.#checkOrder([...whole.values()]);
  }

  #cleaningRules(
    whole: ReadonlyMap<number, string>,
    cleaning: { readonly bounds: CleaningBounds; readonly nowMs: number },
  ): CleaningRules {
    const offsets = new Map<string, number>();
    for (const known of [this.#written, this.#fixed, whole]) {
      for (const [offset, id] of known) offsets.set(id, Math.max(offset, offsets.get(id) ?? -1));
    }
    return new CleaningRules({ sent: this.#sent, offsets, whole, ...cleaning });
  }

  #checkCopies(whole: readonly string[]): void {
    const copies = new Map<string, number>();
    for (const id of whole) copies.set(id, (copies.get(id) ?? 0) + 1);
    for (const [id, count] of copies) {
      const { times, isIdempotent } = this.#sent.get(id)!;
      const most = isIdempotent ? 1 : times;
      if (count > most) this.#fail(`${id} is there ${count} times, and may be ${most} times`);
    }
  }

  /** The records of an idempotent producer stand in the order in which they were first sent. */
  #checkOrder(whole: readonly string[]): void {
    const last = new Map<string, number>();
    for (const id of whole) {
      if (!this.#sent.get(id)!.isIdempotent) continue;
      const { writer, number } = parseId(id);
      const before = last.get(writer) ?? -1;
      if (number <= before) this.#fail(`${id} stands behind number ${before} of the same producer`);
      last.set(writer, number);
    }
  }

  #fail(message: string): never {
    throw new Violation(`${this.name}: ${message}`);
  }
}
