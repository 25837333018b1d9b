/**
 * Members that join, stall, leave, miss answers and are slow to give partitions up, while topics grow, come and go, and
 * the coordinator crashes: what each member has, as it sees it itself, against what the coordinator thinks.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ConsumerGroup } from "../../../../lib/coordinator/group/consumer/consumer_group.ts";
import type { ConsumerMember } from "../../../../lib/coordinator/group/consumer/consumer_member.ts";
import { describeConsumerGroup } from "../../../../lib/coordinator/group/consumer/describe.ts";
import { Refusal } from "../../../../lib/coordinator/group/group.ts";
import { GROUP, topicId } from "../group_world.ts";
import { ConsumerWorld } from "./consumer_world.ts";

const TOPICS = ["t", "u"];
const CLIENTS = 4;
const AT_ONCE = { "consumer.assignment.interval.ms": "0" };
/** Rounds of heartbeats in which every group must have settled. */
const ROUNDS_TO_SETTLE = 12;

/** A consumer, as it sees itself. */
class Consumer {
  epoch = 0;
  /** Partitions that it works on, as `topic-partition`. */
  owned = new Set<string>();
  /** What it was told to have last; null where it has not been told yet. */
  assigned: ReadonlySet<string> | null = null;

  constructor(readonly id: string, readonly instance: string | null, readonly topics: readonly string[]) {}

  /**
   * Sends a heartbeat, of which the answer may get lost.
   *
   * @param isQuick whether it gives up at once what it must
   */
  beat(world: ConsumerWorld, isQuick: boolean, isLost: boolean): void {
    if (isQuick && this.assigned !== null) {
      this.owned = new Set([...this.owned].filter((one) => this.assigned!.has(one)));
    }
    const isJoining = this.epoch === 0;
    const answer = world.heartbeatOf(this.id, {
      epoch: this.epoch,
      topics: this.topics,
      rebalanceTimeoutMs: 60_000,
      owned: byTopic(isJoining ? new Set() : this.owned),
      ...(this.instance === null ? {} : { instance: this.instance }),
    });
    if (isLost) return;
    if (answer instanceof Refusal) return this.lose();
    this.epoch = answer.memberEpoch!;
    if (answer.assignment == null) return;
    this.assigned = new Set(
      (answer.assignment.topicPartitions ?? []).flatMap(({ topicId: id, partitions }) =>
        partitions!.map((partition) => `${TOPICS.find((name) => topicId(name) === id)}-${partition}`)
      ),
    );
    // It works on nothing new before it has given up what it must.
    const mustGiveUp = [...this.owned].some((one) => !this.assigned!.has(one));
    if (!mustGiveUp) this.owned = new Set(this.assigned);
  }

  leave(world: ConsumerWorld): void {
    world.heartbeatOf(this.id, { epoch: -1, ...(this.instance === null ? {} : { instance: this.instance }) });
    this.lose();
  }

  /** It is out of the group: it stops its work, and joins again. */
  lose(): void {
    this.epoch = 0;
    this.owned = new Set();
    this.assigned = null;
  }
}

const event = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant("beat" as const), who: who(), isQuick: fc.boolean(), isLost: rarely() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("leave" as const), who: who() }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("advance" as const), ms: fc.constantFrom(1, 5_000, 30_000, 50_000) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("grow" as const), topic: fc.constantFrom(...TOPICS) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("delete" as const), topic: fc.constantFrom(...TOPICS) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("crash" as const) }) },
);

function who() {
  return fc.nat(CLIENTS - 1);
}

function rarely() {
  return fc.integer({ min: 0, max: 5 }).map((roll) => roll === 0);
}

Deno.test("a partition has one owner at a time, whatever members, topics and the coordinator do; and all settle", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let partitions: Record<string, number> = { t: 4, u: 2 };
      let world = new ConsumerWorld({}, [], partitions, AT_ONCE);
      const consumers = Array.from(
        { length: CLIENTS },
        (_, index) => new Consumer(`m${index}`, index === 0 ? "static" : null, index === 1 ? ["t"] : TOPICS),
      );
      for (const one of events) {
        if (one.type === "beat") {
          consumers[one.who].beat(world, one.isQuick, one.isLost);
        } else if (one.type === "leave") consumers[one.who].leave(world);
        else if (one.type === "advance") world.advance(one.ms);
        else if (one.type === "grow") world.createTopic(one.topic, (partitions[one.topic] ?? 0) + 1);
        else if (one.type === "delete" && partitions[one.topic] !== undefined) world.deleteTopic(one.topic);
        else if (one.type === "crash") world = crash(world, partitions);
        partitions = countsOf(world);
        assertOneOwner(world, consumers);
      }
      settle(world, consumers);
    }),
    { numRuns: 300 },
  );
});

/** The shard is loaded anew from what it has written, and is as it was. */
function crash(world: ConsumerWorld, partitions: Record<string, number>): ConsumerWorld {
  const loaded = new ConsumerWorld({}, world.log, partitions, AT_ONCE);
  loaded.nowMs = world.nowMs;
  assertEquals(describeConsumerGroup(loaded.state, GROUP), describeConsumerGroup(world.state, GROUP));
  return loaded;
}

/** What the coordinator thinks that members have is no other's, and no member that it knows has anything else. */
function assertOneOwner(world: ConsumerWorld, consumers: readonly Consumer[]): void {
  const group = world.state.groups.get(GROUP);
  if (!(group instanceof ConsumerGroup)) return;
  const owners = new Map<string, string>();
  for (const member of group.members.values()) {
    for (const one of ownedBy(member)) {
      assert(!owners.has(one), `${one} is ${owners.get(one)}'s and ${member.memberId}'s`);
      owners.set(one, member.memberId);
    }
  }
  for (const { id, epoch, owned } of consumers) {
    const member = group.members.get(id);
    // Who has been removed does not know it yet; and who joins again has nothing, whatever it had.
    if (member === undefined || epoch === 0 || epoch > member.memberEpoch) continue;
    if (epoch !== member.memberEpoch && epoch !== member.previousMemberEpoch) continue;
    for (const one of owned) assertEquals(owners.get(one), id, `${id} works on ${one}`);
  }
}

function ownedBy({ assigned, pendingRevocation }: ConsumerMember): string[] {
  return [assigned, pendingRevocation].flatMap((owned) =>
    Array.from(owned, ([id, partitions]) => Array.from(partitions.keys(), (partition) => `${id}-${partition}`)).flat()
  ).map((one) => TOPICS.reduce((text, name) => text.replace(topicId(name), name), one));
}

/** When all send heartbeats and nothing else happens, all partitions have an owner who works on them. */
function settle(world: ConsumerWorld, consumers: readonly Consumer[]): void {
  for (let round = 0; round < ROUNDS_TO_SETTLE; round++) for (const one of consumers) one.beat(world, true, false);
  assertEquals(world.state.groups.get(GROUP)!.state, "Stable");
  const counts = countsOf(world);
  const wanted = Object.entries(counts).flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => `${topic}-${partition}`)
  );
  const owned = consumers.flatMap((one) => [...one.owned]).filter((one) => counts[one.split("-")[0]] !== undefined);
  assertEquals(owned.sort(), wanted.sort());
}

function countsOf(world: ConsumerWorld): Record<string, number> {
  return Object.fromEntries(Array.from(world.image.topics(), ({ name, partitions }) => [name, partitions.size]));
}

function byTopic(owned: ReadonlySet<string>): Record<string, number[]> {
  const topics: Record<string, number[]> = {};
  for (const one of owned) {
    const [topic, partition] = one.split("-");
    (topics[topic] ??= []).push(Number(partition));
  }
  return topics;
}
