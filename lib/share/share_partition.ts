/**
 * A share partition: which records of a partition a share group has seen, and what became of them (KIP-932).
 *
 * | state        | event                                        | next         | delivery count |
 * | ------------ | -------------------------------------------- | ------------ | -------------- |
 * | (not seen)   | acquire                                      | ACQUIRED     | 1              |
 * | AVAILABLE    | acquire                                      | ACQUIRED     | + 1            |
 * | AVAILABLE    | the log has the record no more               | ARCHIVED     |                |
 * | ACQUIRED     | acknowledge: accept                          | ACKNOWLEDGED |                |
 * | ACQUIRED     | acknowledge: reject, gap                     | ARCHIVED     |                |
 * | ACQUIRED     | acknowledge: release, below the limit        | AVAILABLE    |                |
 * | ACQUIRED     | acknowledge: renew                           | ACQUIRED     |                |
 * | ACQUIRED     | the member's session ends, below the limit   | AVAILABLE    |                |
 * | ACQUIRED     | the lock expires, below the limit            | AVAILABLE    |                |
 * | ACQUIRED     | any of these three, at the limit             | ARCHIVED     |                |
 * | ACQUIRED     | it belongs to an aborted transaction         | ARCHIVED     |                |
 *
 * ACKNOWLEDGED and ARCHIVED records are done with. The start offset is where the first record lies that is not; what
 * lies before it is forgotten. The next offset is where the records begin that the group has not seen.
 *
 * An acknowledgement takes effect at once, is written by the caller, and then committed or undone with `complete`.
 * Meanwhile nobody acquires what it has released, and the start offset does not pass what it has done with. No clock and
 * no log are seen here.
 *
 * @module
 */
import { ErrorCode } from "../protocol/error_code.ts";
import { acquire, type AcquiredRecords, type Acquisition } from "./acquire.ts";
import { type Acknowledgement, findAcknowledged } from "./acknowledge.ts";
import { type Delivery, InFlightRecords, newRun, type Run, type Transition } from "./in_flight.ts";
import { AcknowledgeType, isTerminal, RecordState } from "./record_state.ts";

/** The settings that a share partition obeys; they may change at any time. */
export interface SharePartitionSettings {
  /** How many records may be in flight: `share.partition.max.record.locks`. */
  readonly maxInFlightRecords: number;
  /** `share.delivery.count.limit` */
  readonly maxDeliveryCount: number;
  /** `share.record.lock.duration.ms` */
  readonly recordLockDurationMs: number;
  /** `share.renew.acknowledge.enable` */
  readonly isRenewEnabled: boolean;
}

/** The state of some offsets, `firstOffset` and `lastOffset` inclusive, as the share coordinator keeps it. */
export interface StateBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryState: RecordState;
  readonly deliveryCount: number;
}

/** What is to be written of a share partition. */
export interface StateWrite {
  readonly startOffset: number;
  /** How many records from the start offset on are done with. */
  readonly deliveryCompleteCount: number;
  readonly stateBatches: readonly StateBatch[];
}

/** A change that took effect, and that is to be written. Null where there is nothing to write. */
export interface StateChange extends StateWrite {
  readonly transition: Transition;
}

/** An acknowledgement that cannot be; nothing has changed. */
export interface Refusal {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
}

export class SharePartition {
  readonly records = new InFlightRecords();
  readonly #settings: () => SharePartitionSettings;
  #startOffset: number;
  #nextOffset: number;

  /**
   * @param startOffset where the group begins to read
   * @param stateBatches what is known of records from there on, in the order of their offsets; what lies between them was
   *   delivered, and nobody has said what became of it
   */
  constructor(
    startOffset: number,
    stateBatches: readonly StateBatch[],
    settings: () => SharePartitionSettings,
  ) {
    this.#settings = settings;
    this.#startOffset = startOffset;
    this.#nextOffset = startOffset;
    for (const { firstOffset, lastOffset, deliveryState: state, deliveryCount } of stateBatches) {
      if (firstOffset > this.#nextOffset) this.append({ first: this.#nextOffset, last: firstOffset - 1 }, UNKNOWN);
      this.append({ first: firstOffset, last: lastOffset }, { state, deliveryCount, memberId: null });
    }
    this.advance();
  }

  get settings(): SharePartitionSettings {
    return this.#settings();
  }

  /** The first offset that is not done with. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset behind all that the group has seen. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** How many offsets lie between the start offset and the next one, while any of them is in flight. */
  get inFlightCount(): number {
    return this.records.isEmpty ? 0 : this.#nextOffset - this.#startOffset;
  }

  /** From where records are to be read: the first that is available, or that the group has not seen. */
  get nextFetchOffset(): number {
    for (const run of this.records) if (isAvailable(run)) return run.first;
    return this.#nextOffset;
  }

  /** False while as many records are in flight as may be, and none is available. */
  get canAcquire(): boolean {
    return this.nextFetchOffset !== this.#nextOffset || this.inFlightCount < this.settings.maxInFlightRecords;
  }

  /** When the first lock expires; Infinity where there is none. */
  get nextExpiryMs(): number {
    let next = Infinity;
    for (const run of this.records) if (isAcquired(run)) next = Math.min(next, run.lockExpiresAtMs);
    return next;
  }

  /** How many records from the start offset on are done with. */
  get deliveryCompleteCount(): number {
    let count = 0;
    for (const { first, last, delivery } of this.records) if (isTerminal(delivery.state)) count += last - first + 1;
    return count;
  }

  /** Gives records of the log to a member. Returns what it got, in the order of the offsets. */
  acquire(acquisition: Acquisition): AcquiredRecords[] {
    return acquire(this, acquisition);
  }

  /** Adds offsets behind all others. A share partition without any begins with them. */
  append(batch: { readonly first: number; readonly last: number }, delivery: Delivery, lockExpiresAtMs?: number): void {
    if (this.records.isEmpty) this.#startOffset = batch.first;
    this.records.append(newRun(batch, delivery, lockExpiresAtMs));
    this.#nextOffset = batch.last + 1;
  }

  /**
   * Takes a member's word on what became of records. All of it holds, or nothing but renewed locks.
   *
   * @returns what is to be written, and then told to `complete`; null for nothing; or why it cannot be: INVALID_REQUEST,
   *   INVALID_RECORD_STATE
   */
  acknowledge(
    memberId: string,
    acknowledgements: readonly Acknowledgement[],
    nowMs: number,
  ): StateChange | Refusal | null {
    const transition = { memberId };
    for (const acknowledgement of acknowledgements) {
      const found = findAcknowledged(this, memberId, acknowledgement);
      if ("errorCode" in found) {
        this.complete(transition, false);
        return found;
      }
      for (const { run, type } of found.runs) {
        if (type === AcknowledgeType.RENEW) run.lockExpiresAtMs = nowMs + this.settings.recordLockDurationMs;
        else this.#begin(run, transition, this.#acknowledged(run.delivery, type));
      }
    }
    return this.#changeOf(transition);
  }

  /** Takes back all that a member has: its session has ended. */
  release(memberId: string): StateChange | null {
    const transition = { memberId };
    for (const run of this.records) {
      if (!isAcquired(run) || run.delivery.memberId !== memberId) continue;
      this.#begin(run, transition, this.#released(run.delivery));
    }
    return this.#changeOf(transition);
  }

  /** A change was written, or could not be. What was decided otherwise meanwhile stays so. */
  complete(transition: Transition, isWritten: boolean): void {
    for (const run of this.records) {
      if (run.pending?.transition !== transition) continue;
      if (isWritten) run.lockExpiresAtMs = Infinity;
      else run.delivery = run.pending.before;
      run.pending = null;
    }
    if (isWritten) this.advance();
  }

  /**
   * Takes back what members have had for too long. It holds whether or not it can be written: nobody waits for it.
   *
   * @returns null where no lock has expired
   */
  expireLocks(nowMs: number): StateWrite | null {
    const expired: Run[] = [];
    for (const run of this.records) if (isAcquired(run) && run.lockExpiresAtMs <= nowMs) expired.push(run);
    if (expired.length === 0) return null;
    for (const run of expired) {
      run.delivery = this.#released(run.delivery);
      run.lockExpiresAtMs = Infinity;
    }
    return this.#writeOf(expired);
  }

  /** The log begins at this offset now: what lies before it is done with. */
  moveStartOffset(logStartOffset: number): void {
    if (logStartOffset <= this.#startOffset) return;
    this.records.dropBefore(logStartOffset);
    this.#startOffset = logStartOffset;
    this.#nextOffset = Math.max(this.#nextOffset, logStartOffset);
    this.advance();
  }

  /** Gives up records that are in a state, `first` to `last` inclusive. It is not written. */
  archive(first: number, last: number, state: RecordState): void {
    for (const run of this.records.cut(first, last)) {
      if (run.delivery.state !== state) continue;
      run.delivery = { ...run.delivery, state: RecordState.ARCHIVED, memberId: null };
      run.lockExpiresAtMs = Infinity;
      run.pending = null;
    }
  }

  /** Moves the start offset past all that is done with. */
  advance(): void {
    let start = this.#nextOffset;
    for (const { first, delivery, pending } of this.records) {
      if (isTerminal(delivery.state) && pending === null) continue;
      start = first;
      break;
    }
    if (this.records.isEmpty) return;
    this.records.dropBefore(start);
    this.#startOffset = start;
  }

  #begin(run: Run, transition: Transition, delivery: Delivery): void {
    run.pending = { transition, before: run.delivery };
    run.delivery = delivery;
  }

  #acknowledged(delivery: Delivery, type: AcknowledgeType): Delivery {
    if (type === AcknowledgeType.RELEASE) return this.#released(delivery);
    const state = type === AcknowledgeType.ACCEPT ? RecordState.ACKNOWLEDGED : RecordState.ARCHIVED;
    return { ...delivery, state, memberId: null };
  }

  #released(delivery: Delivery): Delivery {
    const isSpent = delivery.deliveryCount >= this.settings.maxDeliveryCount;
    return { ...delivery, state: isSpent ? RecordState.ARCHIVED : RecordState.AVAILABLE, memberId: null };
  }

  #changeOf(transition: Transition): StateChange | null {
    const changed = Array.from(this.records).filter(({ pending }) => pending?.transition === transition);
    return changed.length === 0 ? null : { transition, ...this.#writeOf(changed) };
  }

  #writeOf(runs: readonly Run[]): StateWrite {
    return {
      startOffset: this.#startOffset,
      deliveryCompleteCount: this.deliveryCompleteCount,
      stateBatches: runs.map(({ first, last, delivery: { state, deliveryCount } }) => ({
        firstOffset: first,
        lastOffset: last,
        deliveryState: state,
        deliveryCount,
      })),
    };
  }
}

/** What was delivered before, and nobody has said what became of it. */
const UNKNOWN: Delivery = { state: RecordState.AVAILABLE, deliveryCount: 0, memberId: null };

/** True for records that may be given to a member now. */
export function isAvailable({ delivery, pending }: Run): boolean {
  return delivery.state === RecordState.AVAILABLE && pending === null;
}

function isAcquired({ delivery }: Run): boolean {
  return delivery.state === RecordState.ACQUIRED;
}
