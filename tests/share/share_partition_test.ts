import { assertEquals } from "@std/assert";
import { type Acquisition, ShareAcquireMode } from "../../lib/share/acquire.ts";
import { SharePartition, type SharePartitionSettings, type StateBatch } from "../../lib/share/share_partition.ts";

const [ACCEPT, RELEASE, REJECT, RENEW, GAP] = [1, 2, 3, 4, 0];
const [AVAILABLE, ACKNOWLEDGED, ARCHIVED] = [0, 2, 4] as const;

const SETTINGS: SharePartitionSettings = {
  maxInFlightRecords: 200,
  maxDeliveryCount: 5,
  recordLockDurationMs: 30_000,
  isRenewEnabled: true,
};

/** A share partition, and what happens to it, in a line each. */
class World {
  readonly partition: SharePartition;
  nowMs = 0;

  constructor(
    { startOffset = 0, batches = [] as StateBatch[], settings = {} as Partial<SharePartitionSettings> } = {},
  ) {
    this.partition = new SharePartition(startOffset, batches, () => ({ ...SETTINGS, ...settings }));
  }

  /** Acquires from what batches of these extents would be read as. */
  acquire(memberId: string, extents: readonly [number, number][], options: Partial<Acquisition> = {}): string {
    const acquired = this.partition.acquire({
      memberId,
      mode: ShareAcquireMode.BATCH_OPTIMIZED,
      maxRecords: 1000,
      batchSize: 1000,
      fetchOffset: this.partition.nextFetchOffset,
      batches: extents.map(([baseOffset, lastOffset]) => ({ baseOffset, lastOffset })),
      nowMs: this.nowMs,
      ...options,
    });
    return acquired.map(({ firstOffset, lastOffset, deliveryCount }) => `${firstOffset}-${lastOffset}×${deliveryCount}`)
      .join(" ");
  }

  /** Acknowledges; what is to be written, written at once unless `isWritten` says that it cannot be. */
  say(memberId: string, [firstOffset, lastOffset, ...types]: number[], isWritten = true): string {
    const change = this.partition.acknowledge(memberId, [{ firstOffset, lastOffset, types }], this.nowMs);
    if (change === null) return "nothing to write";
    if ("errorCode" in change) return change.errorMessage;
    this.partition.complete(change.transition, isWritten);
    return change.stateBatches.map(textOf).join(" ");
  }

  get text(): string {
    const runs = Array.from(
      this.partition.records,
      ({ first, last, delivery }) =>
        textOf({
          firstOffset: first,
          lastOffset: last,
          deliveryState: delivery.state,
          deliveryCount: delivery.deliveryCount,
        }),
    );
    return [`${this.partition.startOffset}…${this.partition.nextOffset}`, ...runs].join(" ");
  }
}

function textOf({ firstOffset, lastOffset, deliveryState, deliveryCount }: {
  firstOffset: number;
  lastOffset: number;
  deliveryState: number;
  deliveryCount: number;
}): string {
  const state = ["available", "acquired", "acknowledged", "", "archived"][deliveryState];
  return `${firstOffset}-${lastOffset}:${state}×${deliveryCount}`;
}

Deno.test("the start offset moves past what is done with, and no further", () => {
  const world = new World();
  assertEquals(world.acquire("a", [[0, 4], [5, 9]]), "0-9×1");
  assertEquals(world.say("a", [3, 6, ACCEPT]), "3-6:acknowledged×1");
  assertEquals(world.text, "0…10 0-2:acquired×1 3-6:acknowledged×1 7-9:acquired×1");
  assertEquals(world.say("a", [0, 2, REJECT]), "0-2:archived×1");
  assertEquals(world.text, "7…10 7-9:acquired×1");
  assertEquals(world.say("a", [7, 9, GAP]), "7-9:archived×1");
  assertEquals(world.text, "10…10");
});

Deno.test("what could not be written is undone, and can be said again", () => {
  const world = new World();
  world.acquire("a", [[0, 4]]);
  assertEquals(world.say("a", [0, 4, ACCEPT], false), "0-4:acknowledged×1");
  assertEquals(world.text, "0…5 0-4:acquired×1");
  world.say("a", [0, 4, ACCEPT]);
  assertEquals(world.text, "5…5");
});

Deno.test("while a change is being written, nobody gets what it releases, and the start offset stays", () => {
  const world = new World();
  world.acquire("a", [[0, 4]]);
  const said = [{ firstOffset: 0, lastOffset: 4, types: [ACCEPT, ACCEPT, RELEASE, RELEASE, RELEASE] }];
  const change = world.partition.acknowledge("a", said, 0);
  assertEquals(world.partition.nextFetchOffset, 5);
  assertEquals(world.partition.startOffset, 0);
  assertEquals(world.say("a", [0, 1, ACCEPT]), "The offset cannot be acknowledged. The offset is not acquired.");
  if (change === null || "errorCode" in change) throw new Error("It is to be written");
  assertEquals(change.deliveryCompleteCount, 2);
  world.partition.complete(change.transition, true);
  assertEquals(world.partition.nextFetchOffset, 2);
  assertEquals(world.partition.startOffset, 2);
});

Deno.test("an acknowledgement with something wrong in it changes nothing", () => {
  const world = new World();
  world.acquire("a", [[0, 4]]);
  const said = [{ firstOffset: 0, lastOffset: 1, types: [ACCEPT] }, { firstOffset: 4, lastOffset: 9, types: [ACCEPT] }];
  world.partition.acknowledge("a", said, 0);
  assertEquals(world.say("b", [0, 4, ACCEPT]), "Member is not the owner of offset");
  assertEquals(world.text.includes("acknowledged"), false);
});

Deno.test("a lock that expires gives its records back, and the last time gives them up", () => {
  const world = new World({ settings: { maxDeliveryCount: 2 } });
  world.acquire("a", [[0, 1]]);
  assertEquals(world.partition.nextExpiryMs, 30_000);
  assertEquals(world.partition.expireLocks(29_999), null);
  assertEquals(world.partition.expireLocks(30_000)!.stateBatches.map(textOf), ["0-1:available×1"]);
  assertEquals(world.acquire("b", [[0, 1]]), "0-1×2");
  assertEquals(world.partition.expireLocks(30_000)!.stateBatches.map(textOf), ["0-1:archived×2"]);
});

Deno.test("a renewed lock begins anew, for the records that it is renewed for", () => {
  const world = new World();
  world.acquire("a", [[0, 3]]);
  world.nowMs = 20_000;
  assertEquals(world.say("a", [1, 2, RENEW]), "nothing to write");
  assertEquals(world.partition.expireLocks(30_000)!.stateBatches.map(textOf), ["0-0:available×1", "3-3:available×1"]);
  const disabled = new World({ settings: { isRenewEnabled: false } });
  disabled.acquire("a", [[0, 3]]);
  assertEquals(disabled.say("a", [0, 3, RENEW]), "Renewing acquisition locks is not enabled for the group.");
});

Deno.test("what was delivered and not spoken of is given again after a restart", () => {
  const world = new World({
    startOffset: 2,
    batches: [
      { firstOffset: 5, lastOffset: 9, deliveryState: ACKNOWLEDGED, deliveryCount: 1 },
      { firstOffset: 10, lastOffset: 11, deliveryState: AVAILABLE, deliveryCount: 3 },
      { firstOffset: 14, lastOffset: 15, deliveryState: ARCHIVED, deliveryCount: 1 },
    ],
  });
  assertEquals(world.partition.nextFetchOffset, 2);
  assertEquals(world.acquire("a", [[0, 19]]), "2-4×1");
  world.partition.release("b");
  assertEquals(world.text.startsWith("2…16 2-4:acquired×1 5-9:acknowledged×1"), true);
});

Deno.test("offsets that the log has no records at are passed over", () => {
  const world = new World();
  world.acquire("a", [[0, 4]]);
  world.say("a", [0, 4, RELEASE]);
  // The records were compacted away before they could be given again.
  assertEquals(world.acquire("a", [[8, 9]], { fetchOffset: 0 }), "8-9×1");
  world.partition.advance();
  assertEquals(world.text, "8…10 8-9:acquired×1");
});

Deno.test("records before the log's start are forgotten, whoever has them", () => {
  const world = new World();
  world.acquire("a", [[0, 9]]);
  world.partition.moveStartOffset(4);
  assertEquals(world.say("a", [0, 3, ACCEPT]), "nothing to write");
  assertEquals(world.say("a", [2, 5, ACCEPT]), "4-5:acknowledged×1");
  assertEquals(world.text, "6…10 6-9:acquired×1");
  world.partition.moveStartOffset(20);
  assertEquals(world.text, "20…20");
});

Deno.test("no more records are in flight than may be, and what is in flight can be given again", () => {
  const world = new World({ settings: { maxInFlightRecords: 10 } });
  assertEquals(world.acquire("a", [[0, 4], [5, 9], [10, 14]]), "0-9×1");
  assertEquals(world.partition.canAcquire, false);
  world.say("a", [3, 3, RELEASE]);
  assertEquals(world.partition.canAcquire, true);
  assertEquals(world.acquire("b", [[0, 4], [5, 9], [10, 14]]), "3-3×2");
});

Deno.test("batches are split at the size that is asked for, where the log's batches are", () => {
  const world = new World();
  assertEquals(world.acquire("a", [[0, 4], [5, 9], [10, 14], [15, 19]], { batchSize: 8 }), "0-9×1 10-19×1");
});

Deno.test("records that were delivered often come in small portions, and for the last time alone", () => {
  const world = new World({ settings: { maxDeliveryCount: 5 } });
  world.acquire("a", [[0, 7]]);
  for (let delivery = 1; delivery < 3; delivery++) {
    world.say("a", [0, 7, RELEASE]);
    assertEquals(world.acquire("a", [[0, 7]]), `0-7×${delivery + 1}`);
  }
  world.say("a", [0, 7, RELEASE]);
  assertEquals(world.acquire("a", [[0, 7]]), "0-3×4");
  world.say("a", [0, 3, RELEASE]);
  assertEquals(world.acquire("a", [[0, 7]]), "0-0×5");
});

Deno.test("where many are delivered often, those that were not are not held up for long", () => {
  const world = new World({ settings: { maxDeliveryCount: 2 } });
  assertEquals(world.acquire("a", [[0, 1]], { mode: ShareAcquireMode.RECORD_LIMIT, maxRecords: 1 }), "0-0×1");
  assertEquals(world.acquire("a", [[0, 1]], { mode: ShareAcquireMode.RECORD_LIMIT, maxRecords: 1 }), "1-1×1");
});

Deno.test("a member whose session ends gives back what it has", () => {
  const world = new World();
  world.acquire("a", [[0, 4]]);
  world.acquire("b", [[5, 9]]);
  const change = world.partition.release("a")!;
  assertEquals(change.stateBatches.map(textOf), ["0-4:available×1"]);
  world.partition.complete(change.transition, true);
  assertEquals(world.partition.release("c"), null);
  assertEquals(world.acquire("c", [[0, 9]]), "0-4×2");
});

Deno.test("the start offset moves past what the log turns out not to have, though nobody is given anything", () => {
  const world = new World({
    startOffset: 1,
    batches: [{ firstOffset: 3, lastOffset: 3, deliveryState: ACKNOWLEDGED, deliveryCount: 1 }],
  });
  assertEquals(world.partition.startOffset, 1);
  assertEquals(world.acquire("a", [[3, 3]]), "");
  assertEquals(world.partition.startOffset, 4);
});
