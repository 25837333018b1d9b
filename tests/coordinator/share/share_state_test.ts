/** What the share coordinator writes, and from where on its log is needed. */
import { assertEquals } from "@std/assert";
import {
  deleteState,
  forgetTopics,
  initializeState,
  readState,
  snapshotColdPartitions,
  writeState,
  type WrittenState,
} from "../../../lib/coordinator/share/decisions.ts";
import { type SharePartitionKey, ShareState } from "../../../lib/coordinator/share/share_state.ts";
import { combineStateBatches, type StateBatch } from "../../../lib/coordinator/share/state_batches.ts";
import { Turn } from "../../../lib/coordinator/turn.ts";
import type { ShareStateRecord } from "../../../lib/protocol/records/mod.ts";

const TOPIC = "AAAAAAAAAAAAAAAAAAAAAQ";
const FIRST = keyOf(0);
const SECOND = keyOf(1);

/** A state, and the records that have made it what it is. */
class World {
  readonly state = new ShareState(0, { updatesPerSnapshot: () => 2, hasPartition: () => true });
  nowMs = 1000;
  #offset = 0;

  /** Returns the records, as `NAME PARTITION at SNAPSHOT_EPOCH: BATCHES`. */
  decide(decision: (state: ShareState, turn: Turn<ShareStateRecord>) => unknown): string[] {
    const turn = new Turn<ShareStateRecord>(this.nowMs);
    decision(this.state, turn);
    for (const record of turn.records) this.state.replay(record, undefined, this.#offset++);
    return turn.records.map(({ name, key, value }) => {
      if (value === null) return `forgotten ${key.partition}`;
      return [`${name} ${key.partition} at ${value.snapshotEpoch}:`, ...value.stateBatches.map(textOf)].join(" ");
    });
  }

  begin(key: SharePartitionKey): string[] {
    return this.decide((state, turn) => initializeState(state, turn, key, { stateEpoch: 0, startOffset: 0n }));
  }

  write(key: SharePartitionKey, ...stateBatches: StateBatch[]): string[] {
    const written: WrittenState = {
      ...{ stateEpoch: 0, leaderEpoch: 0, startOffset: -1n, deliveryCompleteCount: 0, stateBatches },
    };
    return this.decide((state, turn) => writeState(state, turn, key, written));
  }
}

function keyOf(partition: number): SharePartitionKey {
  return { groupId: "g", topicId: TOPIC, partition };
}

function batch(first: number, last: number, deliveryState = 2, deliveryCount = 1): StateBatch {
  return { firstOffset: BigInt(first), lastOffset: BigInt(last), deliveryState, deliveryCount };
}

function textOf({ firstOffset, lastOffset, deliveryState, deliveryCount }: StateBatch): string {
  return `${firstOffset}-${lastOffset}:${deliveryState}×${deliveryCount}`;
}

Deno.test("after some updates comes a snapshot, and makes what was before it redundant", () => {
  const world = new World();
  assertEquals(world.begin(FIRST), ["ShareSnapshot 0 at 0:"]);
  assertEquals(world.begin(SECOND), ["ShareSnapshot 1 at 0:"]);
  assertEquals(world.write(FIRST, batch(0, 4)), ["ShareUpdate 0 at 0: 0-4:2×1"]);
  assertEquals(world.write(FIRST, batch(7, 9)), ["ShareUpdate 0 at 0: 7-9:2×1"]);
  assertEquals(world.state.redundantBefore, 0);
  assertEquals(world.write(FIRST, batch(5, 6)), ["ShareSnapshot 0 at 1: 0-9:2×1"]);
  assertEquals(world.state.redundantBefore, 1);
  assertEquals(world.write(FIRST, batch(10, 10)), ["ShareUpdate 0 at 1: 10-10:2×1"]);
});

Deno.test("a partition that is forgotten keeps nothing of the log", () => {
  const world = new World();
  world.begin(FIRST);
  world.begin(SECOND);
  assertEquals(world.decide((state, turn) => deleteState(state, turn, FIRST)), ["forgotten 0"]);
  assertEquals(world.state.redundantBefore, 1);
  assertEquals(world.decide((state, turn) => forgetTopics(state, turn, new Set([TOPIC]))), ["forgotten 1"]);
  assertEquals(world.state.redundantBefore, 3);
  assertEquals(world.decide((state, turn) => deleteState(state, turn, FIRST)), []);
});

Deno.test("a partition that nobody has written for long gets a snapshot, once", () => {
  const world = new World();
  world.begin(FIRST);
  world.begin(SECOND);
  world.write(SECOND, batch(0, 0));
  const snapshotCold = () => world.decide((state, turn) => snapshotColdPartitions(state, turn, 500));
  assertEquals(snapshotCold(), []);
  world.nowMs = 1600;
  assertEquals(snapshotCold(), ["ShareSnapshot 0 at 1:", "ShareSnapshot 1 at 1: 0-0:2×1"]);
  world.nowMs = 9000;
  assertEquals(snapshotCold(), []);
});

Deno.test("a leader epoch that is new is kept, and fences those before it", () => {
  const world = new World();
  world.begin(FIRST);
  const read = (leaderEpoch: number) => world.decide((state, turn) => readState(state, turn, FIRST, leaderEpoch));
  assertEquals(read(3), ["ShareUpdate 0 at 0:"]);
  assertEquals(read(3), []);
  assertEquals(read(2), []);
  assertEquals(world.write(FIRST, batch(0, 0)), []);
});

Deno.test("batches are laid over those before: more deliveries hold, and of as many the later state", () => {
  const combined = (startOffset: number, ...batches: StateBatch[]) =>
    combineStateBatches(batches, BigInt(startOffset)).map(textOf).join(" ");
  assertEquals(combined(-1, batch(0, 9, 0, 1), batch(3, 5, 2, 1)), "0-2:0×1 3-5:2×1 6-9:0×1");
  assertEquals(combined(-1, batch(3, 5, 2, 1), batch(0, 9, 0, 1)), "0-2:0×1 3-5:2×1 6-9:0×1");
  assertEquals(combined(-1, batch(0, 4, 0, 2), batch(2, 8, 2, 1)), "0-4:0×2 5-8:2×1");
  assertEquals(combined(-1, batch(0, 4), batch(5, 8)), "0-8:2×1");
  assertEquals(combined(6, batch(0, 4), batch(5, 8)), "6-8:2×1");
});
