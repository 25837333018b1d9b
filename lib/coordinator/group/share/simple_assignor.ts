/**
 * The assignor `simple` of share groups (KIP-932): every partition is read by as few members as makes all members read
 * something, members read about the same number of partitions, and who reads a partition goes on to do so.
 *
 * Where all members subscribe to the same topics, the partitions of all topics are handed out together, else topic by topic.
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";
import type { Assignment, Assignor, GroupSpec } from "../modern/mod.ts";

/** A partition of a topic. */
interface TopicPartition {
  readonly topicId: Uuid;
  readonly partition: number;
}

/** @param assignable the partitions that may be given */
export function simpleAssignor(assignable: Assignment): Assignor {
  return { name: "simple", assign: (group) => assign(group, assignable) };
}

function assign(group: GroupSpec, assignable: Assignment): ReadonlyMap<string, Assignment> {
  const members = [...group.members.keys()];
  const topics = new Set([...group.members.values()].flatMap(({ topicIds }) => [...topicIds]));
  const partitionsOf = (topicId: Uuid): TopicPartition[] =>
    Array.from(assignable.get(topicId) ?? [], (partition) => ({ topicId, partition }))
      .filter(({ partition }) => partition < (group.partitionCount(topicId) ?? 0))
      .sort((one, other) => one.partition - other.partition);
  const result = new Map<string, Map<Uuid, Set<number>>>(members.map((memberId) => [memberId, new Map()]));
  if (group.isHomogeneous) handOut(members, [...topics].flatMap(partitionsOf), group, result);
  else {
    for (const topicId of topics) {
      const subscribers = members.filter((memberId) => group.members.get(memberId)!.topicIds.has(topicId));
      handOut(subscribers, partitionsOf(topicId), group, result);
    }
  }
  return result;
}

/** Hands partitions out to members, all of whom may have any of them. */
function handOut(
  members: readonly string[],
  partitions: readonly TopicPartition[],
  group: GroupSpec,
  result: Map<string, Map<Uuid, Set<number>>>,
): void {
  if (partitions.length === 0) return;
  /** How many members read a partition at most. */
  const sharing = Math.ceil(members.length / partitions.length);
  const shares = sharesOf(members.length, sharing * partitions.length);
  const left = new Map(members.map((memberId, index) => [memberId, shares[index]]));
  const readers = partitions.map(({ topicId, partition }) => {
    const kept = new Set<string>();
    for (const memberId of members) {
      const isKept = kept.size < sharing && left.get(memberId)! > 0 &&
        group.members.get(memberId)!.target.get(topicId)?.has(partition);
      if (!isKept) continue;
      kept.add(memberId);
      left.set(memberId, left.get(memberId)! - 1);
    }
    return kept;
  });
  fill(readers, members.filter((memberId) => left.get(memberId)! > 0), left, sharing);
  partitions.forEach(({ topicId, partition }, index) => {
    for (const memberId of readers[index]) {
      const topics = result.get(memberId)!;
      const ofTopic = topics.get(topicId) ?? new Set();
      topics.set(topicId, ofTopic.add(partition));
    }
  });
}

/** So many as evenly as can be. */
function sharesOf(members: number, total: number): number[] {
  const upTo = (index: number) => Math.ceil((total * index) / members);
  return Array.from({ length: members }, (_, index) => upTo(index + 1) - upTo(index));
}

/** Gives each partition to members that have room, one after the other, until it has enough of them. */
function fill(
  readers: readonly Set<string>[],
  membersWithRoom: string[],
  left: Map<string, number>,
  sharing: number,
): void {
  let next = 0;
  for (const reading of readers) {
    for (let tried = 0; reading.size < sharing && tried < membersWithRoom.length;) {
      next %= membersWithRoom.length;
      const memberId = membersWithRoom[next];
      if (reading.has(memberId)) {
        next++;
        tried++;
        continue;
      }
      reading.add(memberId);
      tried = 0;
      left.set(memberId, left.get(memberId)! - 1);
      if (left.get(memberId) === 0) membersWithRoom.splice(next, 1);
      else next++;
    }
  }
}
