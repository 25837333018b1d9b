/**
 * Whatever members do, and whenever the broker dies: every record is delivered until it is done with or was delivered
 * often enough, none again that was accepted or rejected, none to two members at once, and none more often than it may be.
 */
import { assert, assertEquals, assertLessOrEqual, fail } from "@std/assert";
import fc from "fast-check";
import { initializeState, readState, writeState } from "../../lib/coordinator/share/decisions.ts";
import { encodeShareStateRecord } from "../../lib/coordinator/share/records.ts";
import { ShareState } from "../../lib/coordinator/share/share_state.ts";
import { Turn } from "../../lib/coordinator/turn.ts";
import { decodeShareStateRecord, type ShareStateRecord } from "../../lib/protocol/records/mod.ts";
import type { FetchedBatch, ShareAcquireMode } from "../../lib/share/acquire.ts";
import { AcknowledgeType } from "../../lib/share/record_state.ts";
import { SharePartition, type StateChange, type StateWrite } from "../../lib/share/share_partition.ts";

const KEY = { groupId: "g", topicId: "AAAAAAAAAAAAAAAAAAAAAQ", partition: 0 };
const LIMIT = 3;
const SETTINGS = { maxInFlightRecords: 12, maxDeliveryCount: LIMIT, recordLockDurationMs: 100, isRenewEnabled: true };
const PORTS = { updatesPerSnapshot: () => 3, hasPartition: () => true };
const MEMBERS = ["a", "b", "c"];

/** What was changed, and is not written yet. */
interface Pending {
  readonly write: StateWrite;
  /** Null where nobody waits for it. */
  readonly change: StateChange | null;
  /** The offsets that are done with once it is written. */
  readonly done: readonly number[];
}

/** A partition, the share partition of it, what is kept of it, and what its members know. */
class Model {
  readonly #log: FetchedBatch[] = [];
  #end = 0;
  readonly #stateLog: ReturnType<typeof encodeShareStateRecord>[] = [];
  #state = new ShareState(0, PORTS);
  #partition: SharePartition;
  #pending: Pending[] = [];
  #nowMs = 0;
  #leaderEpoch = 0;
  readonly #held = new Map<number, string>();
  /** How often each record was delivered, as its last delivery said. */
  readonly #delivered = new Map<number, number>();
  readonly #done = new Set<number>();

  constructor() {
    this.#decide((turn) => initializeState(this.#state, turn, KEY, { stateEpoch: 0, startOffset: 0n }));
    this.#partition = this.#load();
  }

  /** Records are written; those before them may have been compacted away. */
  produce(count: number, gap: number): void {
    this.#log.push({ baseOffset: this.#end + gap, lastOffset: this.#end + gap + count - 1 });
    this.#end += gap + count;
  }

  /** Returns how many records the member got. */
  acquire(memberId: string, maxRecords: number, mode: ShareAcquireMode): number {
    const fetchOffset = this.#partition.nextFetchOffset;
    const batches = this.#log.filter(({ lastOffset }) => lastOffset >= fetchOffset);
    if (batches.length === 0 || !this.#partition.canAcquire) return 0;
    const acquired = this.#partition.acquire({
      ...{ memberId, mode, maxRecords, batchSize: 4, fetchOffset, batches },
      nowMs: this.#nowMs,
    });
    for (const { firstOffset, lastOffset, deliveryCount } of acquired) {
      assertLessOrEqual(deliveryCount, LIMIT);
      for (let offset = firstOffset; offset <= lastOffset; offset++) this.#deliver(offset, memberId, deliveryCount);
    }
    return acquired.reduce((count, { firstOffset, lastOffset }) => count + lastOffset - firstOffset + 1, 0);
  }

  /** A member says something of some of what it has. */
  acknowledge(memberId: string, type: AcknowledgeType, skip: number, count: number): void {
    const offsets = this.#heldBy(memberId).slice(skip, skip + count);
    const said = offsets.map((offset) => ({ firstOffset: offset, lastOffset: offset, types: [type] }));
    const change = this.#partition.acknowledge(memberId, said, this.#nowMs);
    if (change === null) return;
    if ("errorCode" in change) fail(`${memberId} has ${offsets}: ${change.errorMessage}`);
    for (const offset of offsets) this.#held.delete(offset);
    this.#pending.push({ write: change, change, done: type === AcknowledgeType.RELEASE ? [] : offsets });
  }

  /** The member's session ends. */
  leave(memberId: string): void {
    const change = this.#partition.release(memberId);
    for (const offset of this.#heldBy(memberId)) this.#held.delete(offset);
    if (change !== null) this.#pending.push({ write: change, change, done: [] });
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    const write = this.#partition.expireLocks(this.#nowMs);
    if (write !== null) this.#pending.push({ write, change: null, done: [] });
    this.#forgetExpired();
  }

  /** The oldest of what is to be written is, or cannot be. */
  settle(isWritten: boolean): void {
    const pending = this.#pending.shift();
    if (pending === undefined) return;
    if (isWritten) this.#write(pending);
    if (pending.change === null) this.#partition.advance();
    else this.#partition.complete(pending.change.transition, isWritten);
    // What could not be written is the member's again.
    if (!isWritten) this.#recallHeld();
  }

  /** The broker dies. The oldest of what was to be written may have been, though nobody has been told. */
  crash(isWritten: boolean): void {
    if (isWritten && this.#pending.length > 0) this.#write(this.#pending[0]);
    this.#pending = [];
    this.#held.clear();
    const state = new ShareState(0, PORTS);
    for (const [offset, { key, value }] of this.#stateLog.entries()) {
      if (offset < this.#state.redundantBefore) continue;
      state.replay(decodeShareStateRecord({ key, value }) as ShareStateRecord, undefined, offset);
    }
    assertEquals(state.get(KEY)!.value, this.#state.get(KEY)!.value);
    this.#state = state;
    this.#partition = this.#load();
  }

  /** A member accepts all that is left. */
  drain(): void {
    for (let round = 0; round < 1000; round++) {
      while (this.#pending.length > 0) this.settle(true);
      this.pass(1000);
      while (this.#pending.length > 0) this.settle(true);
      if (this.acquire("z", 100, 0) === 0) break;
      this.acknowledge("z", AcknowledgeType.ACCEPT, 0, 1000);
    }
    const last = this.#log.at(-1)?.lastOffset ?? -1;
    assertEquals(this.#partition.startOffset, last + 1, "all is done with");
    for (const { baseOffset, lastOffset } of this.#log) {
      for (let offset = baseOffset; offset <= lastOffset; offset++) {
        assert(this.#done.has(offset) || this.#delivered.get(offset) === LIMIT, `${offset} was lost`);
      }
    }
  }

  #deliver(offset: number, memberId: string, deliveryCount: number): void {
    assert(!this.#done.has(offset), `${offset} is done with`);
    assert(!this.#held.has(offset), `${offset} is held by ${this.#held.get(offset)}`);
    this.#held.set(offset, memberId);
    this.#delivered.set(offset, deliveryCount);
  }

  #heldBy(memberId: string): number[] {
    return [...this.#held].filter(([, holder]) => holder === memberId).map(([offset]) => offset).sort((a, b) => a - b);
  }

  #forgetExpired(): void {
    const acquired = this.#acquired();
    for (const offset of [...this.#held.keys()]) if (!acquired.has(offset)) this.#held.delete(offset);
  }

  #recallHeld(): void {
    for (const [offset, memberId] of this.#acquired()) this.#held.set(offset, memberId);
  }

  #acquired(): Map<number, string> {
    const acquired = new Map<number, string>();
    for (const { first, last, delivery: { memberId } } of this.#partition.records) {
      for (let offset = first; memberId !== null && offset <= last; offset++) acquired.set(offset, memberId);
    }
    return acquired;
  }

  #load(): SharePartition {
    const read = this.#decide((turn) => readState(this.#state, turn, KEY, this.#leaderEpoch++));
    const batches = (read.stateBatches ?? []).map((batch) => ({
      firstOffset: Number(batch.firstOffset),
      lastOffset: Number(batch.lastOffset),
      deliveryState: batch.deliveryState as 0 | 2 | 4,
      deliveryCount: batch.deliveryCount!,
    }));
    return new SharePartition(Number(read.startOffset), batches, () => SETTINGS);
  }

  #write({ write: { startOffset, deliveryCompleteCount, stateBatches }, done }: Pending): void {
    const written = this.#decide((turn) =>
      writeState(this.#state, turn, KEY, {
        stateEpoch: 0,
        leaderEpoch: this.#leaderEpoch - 1,
        startOffset: BigInt(startOffset),
        deliveryCompleteCount,
        stateBatches: stateBatches.map((batch) => ({
          ...batch,
          firstOffset: BigInt(batch.firstOffset),
          lastOffset: BigInt(batch.lastOffset),
        })),
      })
    );
    assertEquals(written.errorCode, 0);
    for (const offset of done) this.#done.add(offset);
  }

  #decide<T>(decision: (turn: Turn<ShareStateRecord>) => T): T {
    const turn = new Turn<ShareStateRecord>(this.#nowMs);
    const answer = decision(turn);
    for (const record of turn.records) {
      this.#state.replay(record, undefined, this.#stateLog.push(encodeShareStateRecord(record)) - 1);
    }
    return answer;
  }
}

const member = fc.constantFrom(...MEMBERS);
const said = fc.constantFrom<AcknowledgeType>(1, 2, 3, 4);
const produced = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, 0, 0, 2));
const acquired = fc.tuple(member, fc.integer({ min: 1, max: 8 }), fc.constantFrom<ShareAcquireMode>(0, 1));
const acknowledged = fc.tuple(member, said, fc.nat({ max: 3 }), fc.integer({ min: 1, max: 5 }));
type Happening = (model: Model) => void;

const event = fc.oneof<fc.WeightedArbitrary<Happening>[]>(
  { weight: 2, arbitrary: produced.map((args) => (model) => model.produce(...args)) },
  { weight: 8, arbitrary: acquired.map((args) => (model) => void model.acquire(...args)) },
  { weight: 8, arbitrary: acknowledged.map((args) => (model) => model.acknowledge(...args)) },
  { weight: 8, arbitrary: fc.constantFrom(true, true, false).map((isWritten) => (model) => model.settle(isWritten)) },
  { weight: 2, arbitrary: member.map((memberId) => (model) => model.leave(memberId)) },
  { weight: 3, arbitrary: fc.constantFrom(30, 120).map((ms) => (model) => model.pass(ms)) },
  { weight: 1, arbitrary: fc.boolean().map((isWritten) => (model) => model.crash(isWritten)) },
);

Deno.test("records of a share group are delivered, and what is done with is not delivered again", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80, size: "max" }), (events) => {
      const model = new Model();
      for (const happens of events) happens(model);
      model.drain();
    }),
    { numRuns: 1000 },
  );
});
