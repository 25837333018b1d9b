/**
 * Makes the target assignment of a group.
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";
import type { GroupImage } from "../group_state.ts";
import { type Assignment, isSameAssignment, NO_PARTITIONS } from "./assignment.ts";
import type { Assignor, GroupSpec, MemberSpec } from "./assignor.ts";
import type { ModernMember } from "./modern_group.ts";

/** What a target assignment is made of. */
export interface TargetAssignmentInput<M extends ModernMember> {
  readonly assignor: Assignor;
  /** All members, as they are from now on. */
  readonly members: ReadonlyMap<string, M>;
  /** The topics that a member subscribes to, by name. */
  readonly topicNamesOf: (member: M) => Iterable<string>;
  /** Whether all subscribe to the same topics. */
  readonly isHomogeneous: boolean;
  /** The targets until now, by member id. */
  readonly targets: ReadonlyMap<string, Assignment>;
  /** The member whose target somebody takes over who was not there before: a static one that is back. */
  readonly replaced?: { readonly memberId: string; readonly previousMemberId: string };
  readonly image: GroupImage;
}

/** A target assignment: that of each member, and of whom it has changed. */
export interface TargetAssignment {
  readonly targets: ReadonlyMap<string, Assignment>;
  /** Ids of members whose records are to be written. */
  readonly changed: readonly string[];
}

export function makeTargetAssignment<M extends ModernMember>(input: TargetAssignmentInput<M>): TargetAssignment {
  const { assignor, members, targets, replaced } = input;
  const spec = specOf(input);
  const assigned = assignor.assign(spec);
  const made = new Map<string, Assignment>();
  const changed: string[] = [];
  for (const memberId of members.keys()) {
    const target = assigned.get(memberId) ?? NO_PARTITIONS;
    made.set(memberId, target);
    // Who takes over a target has no record of it yet.
    const known = memberId === replaced?.memberId ? undefined : targets.get(memberId);
    if (known === undefined || !isSameAssignment(known, target)) changed.push(memberId);
  }
  return { targets: made, changed };
}

function specOf<M extends ModernMember>(input: TargetAssignmentInput<M>): GroupSpec {
  const { members, isHomogeneous, image } = input;
  const topicIdsOf = topicIdResolver(input);
  const specs = new Map<string, MemberSpec>();
  for (const [memberId, member] of members) {
    specs.set(memberId, {
      instanceId: member.instanceId,
      rackId: member.rackId,
      topicIds: topicIdsOf(member),
      target: targetOf(input, memberId),
    });
  }
  let owners: ReadonlyMap<Uuid, ReadonlyMap<number, string>> | null = null;
  return {
    members: specs,
    isHomogeneous,
    partitionCount: (topicId) => image.topicById(topicId)?.partitions.size,
    targetOwner: (topicId, partition) => (owners ??= ownersOf(specs)).get(topicId)?.get(partition),
  };
}

function targetOf<M extends ModernMember>({ targets, replaced }: TargetAssignmentInput<M>, memberId: string) {
  const id = memberId === replaced?.memberId ? replaced.previousMemberId : memberId;
  return targets.get(id) ?? NO_PARTITIONS;
}

/** Members of a homogeneous group share one set of ids. */
function topicIdResolver<M extends ModernMember>({ topicNamesOf, isHomogeneous, image }: TargetAssignmentInput<M>) {
  let shared: ReadonlySet<Uuid> | null = null;
  return (member: M): ReadonlySet<Uuid> => {
    if (shared !== null) return shared;
    const ids = new Set<Uuid>();
    for (const name of topicNamesOf(member)) {
      const topic = image.topicByName(name);
      if (topic !== undefined) ids.add(topic.id);
    }
    if (isHomogeneous) shared = ids;
    return ids;
  };
}

function ownersOf(members: ReadonlyMap<string, MemberSpec>): ReadonlyMap<Uuid, ReadonlyMap<number, string>> {
  const owners = new Map<Uuid, Map<number, string>>();
  for (const [memberId, { target }] of members) {
    for (const [topicId, partitions] of target) {
      let ofTopic = owners.get(topicId);
      if (ofTopic === undefined) owners.set(topicId, ofTopic = new Map());
      for (const partition of partitions) ofTopic.set(partition, memberId);
    }
  }
  return owners;
}
