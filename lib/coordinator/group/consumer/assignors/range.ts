/**
 * The range assignor: of each topic every subscriber gets a row of partitions, so that topics with as many partitions
 * are assigned alike. What a member has had before does not count.
 *
 * @module
 */
import type { Uuid } from "../../../../bytes/mod.ts";
import type { Assignment, Assignor, GroupSpec, MemberSpec } from "../../modern/mod.ts";

/** How far a topic's partitions have been given out. */
interface Range {
  readonly quota: number;
  extra: number;
  next: number;
}

export const rangeAssignor: Assignor = {
  name: "range",
  assign(group: GroupSpec): ReadonlyMap<string, Assignment> {
    const members = [...group.members].sort(byInstanceThenId);
    const ranges = rangesOf(group);
    return new Map(members.map(([memberId, { topicIds }]) => {
      const assignment = new Map<Uuid, ReadonlySet<number>>();
      for (const topicId of topicIds) {
        const partitions = take(ranges.get(topicId)!);
        if (partitions.size > 0) assignment.set(topicId, partitions);
      }
      return [memberId, assignment];
    }));
  },
};

/** Static members first, so that they keep their places under new ids. */
function byInstanceThenId([idOne, one]: [string, MemberSpec], [idOther, other]: [string, MemberSpec]): number {
  if (one.instanceId !== null && other.instanceId !== null) return one.instanceId < other.instanceId ? -1 : 1;
  if (one.instanceId !== null) return -1;
  if (other.instanceId !== null) return 1;
  return idOne < idOther ? -1 : 1;
}

function rangesOf(group: GroupSpec): ReadonlyMap<Uuid, Range> {
  const subscribers = new Map<Uuid, number>();
  for (const { topicIds } of group.members.values()) {
    for (const topicId of topicIds) subscribers.set(topicId, (subscribers.get(topicId) ?? 0) + 1);
  }
  return new Map(Array.from(subscribers, ([topicId, count]) => {
    const partitions = group.partitionCount(topicId) ?? 0;
    return [topicId, { quota: Math.floor(partitions / count), extra: partitions % count, next: 0 }];
  }));
}

function take(range: Range): ReadonlySet<number> {
  const count = range.quota + (range.extra > 0 ? 1 : 0);
  range.extra--;
  const partitions = new Set(Array.from({ length: count }, (_, index) => range.next + index));
  range.next += count;
  return partitions;
}
