/**
 * The uniform assignor: every member gets as many partitions as the others, one more or less, and keeps what it has had
 * as far as that allows.
 *
 * @module
 */
import type { Uuid } from "../../../../bytes/mod.ts";
import { javaHashCode } from "../../../java_hash_code.ts";
import { copiedCapacity, grownCapacity, inHashOrder, uuidHashCode } from "../../../java_hash_map.ts";
import type { Assignment, Assignor, GroupSpec } from "../../modern/mod.ts";
import { assignHeterogeneous } from "./uniform_heterogeneous.ts";

export const uniformAssignor: Assignor = {
  name: "uniform",
  assign(group: GroupSpec): ReadonlyMap<string, Assignment> {
    if (group.members.size === 0) return new Map();
    return group.isHomogeneous ? assignHomogeneous(group) : assignHeterogeneous(group);
  },
};

interface TopicPartition {
  readonly topicId: Uuid;
  readonly partition: number;
}

/** A member that is to get so many partitions more. */
interface UnfilledMember {
  readonly memberId: string;
  readonly kept: Assignment;
  readonly missing: number;
}

/** All members subscribe to the same topics, so that each may have each partition. */
function assignHomogeneous(group: GroupSpec): ReadonlyMap<string, Assignment> {
  const [{ topicIds: subscribed }] = group.members.values();
  if (subscribed.size === 0) return new Map();
  const topicIds = inHashOrder(subscribed, uuidHashCode, copiedCapacity(subscribed.size));
  const unassigned: TopicPartition[] = [];
  let total = 0;
  for (const topicId of topicIds) {
    const count = group.partitionCount(topicId) ?? 0;
    for (let partition = 0; partition < count; partition++) {
      if (group.targetOwner(topicId, partition) === undefined) unassigned.push({ topicId, partition });
    }
    total += count;
  }
  const { assignments, unfilled } = takeBack(group, subscribed, total, unassigned);
  let next = 0;
  for (const { memberId, kept, missing } of unfilled) {
    assignments.set(memberId, withMore(kept, unassigned.slice(next, next + missing)));
    next += missing;
  }
  return assignments;
}

/** What a member keeps, and more. Java's `computeIfAbsent` puts a new key before the others of its bucket. */
function withMore(kept: Assignment, more: readonly TopicPartition[]): Assignment {
  const known = new Map<Uuid, Set<number>>(Array.from(kept, ([topicId, partitions]) => [topicId, new Set(partitions)]));
  const added = new Map<Uuid, Set<number>>();
  for (const { topicId, partition } of more) {
    const partitions = known.get(topicId) ?? added.get(topicId);
    if (partitions === undefined) added.set(topicId, new Set([partition]));
    else partitions.add(partition);
  }
  return new Map([...[...added].reverse(), ...known]);
}

/** Takes from members what they have too much, and notes who has too little. */
function takeBack(group: GroupSpec, subscribed: ReadonlySet<Uuid>, total: number, unassigned: TopicPartition[]) {
  const memberIds = inHashOrder(group.members.keys(), javaHashCode, grownCapacity(group.members.size));
  const leastQuota = Math.floor(total / memberIds.length);
  let extra = total % memberIds.length;
  const assignments = new Map<string, Assignment>();
  const unfilled: UnfilledMember[] = [];
  for (const [index, memberId] of memberIds.entries()) {
    let hasExtra = extra > 0;
    const { target } = group.members.get(memberId)!;
    const { assignment, missing } = keep(target, subscribed, leastQuota + (hasExtra ? 1 : 0), unassigned);
    let isMissing = missing;
    // Others may need it more, who have one too many already.
    if (missing > 0 && hasExtra && memberIds.length - index > extra) {
      isMissing--;
      hasExtra = false;
    }
    if (isMissing > 0) unfilled.push({ memberId, kept: assignment, missing: isMissing });
    if (hasExtra) extra--;
    assignments.set(memberId, assignment);
  }
  return { assignments, unfilled };
}

/** The partitions that a member keeps of those it has had; what is beyond its quota is unassigned. */
function keep(target: Assignment, subscribed: ReadonlySet<Uuid>, quota: number, unassigned: TopicPartition[]) {
  const assignment = new Map<Uuid, ReadonlySet<number>>();
  let missing = quota;
  for (const topicId of inHashOrder(target.keys(), uuidHashCode, grownCapacity(target.size))) {
    if (!subscribed.has(topicId)) continue;
    const had = target.get(topicId)!;
    const partitions = inHashOrder([...had].sort((a, b) => a - b), identity, copiedCapacity(had.size));
    const kept = partitions.slice(0, missing);
    missing -= kept.length;
    for (const partition of partitions.slice(kept.length)) unassigned.push({ topicId, partition });
    if (kept.length > 0) assignment.set(topicId, new Set(kept));
  }
  return { assignment, missing };
}

/** The hash code of Java's `Integer`. */
function identity(value: number): number {
  return value;
}
