/**
 * The uniform assignor where members subscribe to different topics: partitions go to the subscriber that has the
 * fewest, and then from those that have many to those that have few, a topic at a time, until nothing gets better.
 *
 * @module
 */
import type { Uuid } from "../../../../bytes/mod.ts";
import { javaHashCode } from "../../../java_hash_code.ts";
import { grownCapacity, inHashOrder } from "../../../java_hash_map.ts";
import type { Assignment, GroupSpec } from "../../modern/mod.ts";
import { LoadBalancer } from "./load_balancer.ts";
import { compareUuids } from "./uuid_order.ts";

/** After so many rounds over all topics it is good enough. */
const MAX_ROUNDS = 16;
const NOBODY = -1;

export function assignHeterogeneous(group: GroupSpec): ReadonlyMap<string, Assignment> {
  const assigning = new Assigning(group);
  if (assigning.topics.length === 0) return new Map();
  assigning.assignUnowned();
  assigning.balance();
  return assigning.result();
}

/** A topic with the index of each partition's owner, and those of its subscribers. */
interface Topic {
  readonly topicId: Uuid;
  readonly owners: number[];
  readonly subscribers: number[];
}

/** An assignment that is being made. Members are known by their index. */
class Assigning {
  readonly #memberIds: readonly string[];
  /** In the order in which they are dealt with. */
  readonly topics: readonly Topic[];
  /** Partitions of each member. */
  readonly #loads: number[];
  readonly #balancer: LoadBalancer;

  /** Begins with what members have had of what they subscribe to. */
  constructor(group: GroupSpec) {
    this.#memberIds = inHashOrder(group.members.keys(), javaHashCode, grownCapacity(group.members.size));
    this.#loads = this.#memberIds.map(() => 0);
    const topics = new Map<Uuid, Topic>();
    for (const [index, memberId] of this.#memberIds.entries()) {
      for (const topicId of group.members.get(memberId)!.topicIds) {
        let topic = topics.get(topicId);
        if (topic === undefined) {
          const owners = new Array(group.partitionCount(topicId) ?? 0).fill(NOBODY);
          topics.set(topicId, topic = { topicId, owners, subscribers: [] });
        }
        topic.subscribers.push(index);
      }
    }
    for (const [index, memberId] of this.#memberIds.entries()) this.#keep(group, memberId, index, topics);
    this.topics = [...topics.values()].sort(compareTopics);
    this.#balancer = new LoadBalancer(this.#loads);
  }

  /** Gives out what nobody has. */
  assignUnowned(): void {
    for (const topic of this.topics) {
      if (!topic.owners.includes(NOBODY)) continue;
      this.#balancer.begin(topic.subscribers);
      for (const [partition, owner] of topic.owners.entries()) {
        if (owner === NOBODY) this.#give(topic, partition, this.#balancer.nextLeastLoaded());
      }
    }
  }

  /** Moves partitions from members with many to members with few. */
  balance(): void {
    const topics = this.topics.filter(({ subscribers }) => subscribers.length >= 2);
    let lastMoved = -1;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      for (const [index, topic] of topics.entries()) {
        if (index === lastMoved) return;
        if (this.#balanceTopic(topic) > 0 || lastMoved === -1) lastMoved = index;
      }
    }
  }

  result(): ReadonlyMap<string, Assignment> {
    const assignments = this.#memberIds.map(() => new Map<Uuid, Set<number>>());
    for (const { topicId, owners } of this.topics) {
      for (const [partition, owner] of owners.entries()) {
        const assignment = assignments[owner];
        const partitions = assignment.get(topicId);
        if (partitions === undefined) assignment.set(topicId, new Set([partition]));
        else partitions.add(partition);
      }
    }
    return new Map(this.#memberIds.map((memberId, index) => [memberId, assignments[index]]));
  }

  #keep(group: GroupSpec, memberId: string, index: number, topics: ReadonlyMap<Uuid, Topic>): void {
    const { topicIds, target } = group.members.get(memberId)!;
    for (const [topicId, partitions] of target) {
      if (!topicIds.has(topicId)) continue;
      const { owners } = topics.get(topicId)!;
      for (const partition of partitions) {
        if (partition >= owners.length) continue;
        owners[partition] = index;
        this.#loads[index]++;
      }
    }
  }

  #give(topic: Topic, partition: number, member: number): void {
    const owner = topic.owners[partition];
    if (owner !== NOBODY) this.#loads[owner]--;
    topic.owners[partition] = member;
    this.#loads[member]++;
  }

  /** How many partitions of the topic it has moved. */
  #balanceTopic(topic: Topic): number {
    if (this.#balancer.begin(topic.subscribers) <= 1) return 0;
    // Those of each owner, of which the last one goes first.
    const owned = new Map<number, number[]>();
    for (const [partition, owner] of topic.owners.entries()) {
      const partitions = owned.get(owner);
      if (partitions === undefined) owned.set(owner, [partition]);
      else partitions.push(partition);
    }
    let moved = 0;
    while (!this.#balancer.isBalanced) {
      const from = this.#balancer.nextMostLoaded();
      if (from === null) break;
      const partition = owned.get(from)?.pop();
      if (partition === undefined) {
        this.#balancer.excludeMostLoaded();
        continue;
      }
      const to = this.#balancer.nextLeastLoaded();
      if (this.#balancer.isBalanced) break;
      this.#give(topic, partition, to);
      moved++;
    }
    return moved;
  }
}

/** Topics with many partitions for each subscriber first, and of those with as many the ones with few subscribers. */
function compareTopics(one: Topic, other: Topic): number {
  const difference = other.owners.length / other.subscribers.length - one.owners.length / one.subscribers.length;
  if (difference !== 0) return difference;
  const subscribers = one.subscribers.length - other.subscribers.length;
  return subscribers !== 0 ? subscribers : compareUuids(one.topicId, other.topicId);
}
