/**
 * What an assignor of partitions is: a pure function of what members subscribe to and of what they were to have, to what
 * they shall have.
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";
import type { Assignment } from "./assignment.ts";

/** A member, as an assignor sees it. */
export interface MemberSpec {
  readonly instanceId: string | null;
  readonly rackId: string | null;
  /** The ids of the topics that it subscribes to, of those that there are. */
  readonly topicIds: ReadonlySet<Uuid>;
  /** The target that it has had until now. */
  readonly target: Assignment;
}

/** A group, as an assignor sees it. */
export interface GroupSpec {
  /** By member id. */
  readonly members: ReadonlyMap<string, MemberSpec>;
  /** Whether all members subscribe to the same topics. */
  readonly isHomogeneous: boolean;
  /** How many partitions a topic has; undefined where there is no such topic. */
  partitionCount(topicId: Uuid): number | undefined;
  /** The member whose target has had the partition until now. */
  targetOwner(topicId: Uuid, partition: number): string | undefined;
}

/** Assigns the partitions of a group. */
export interface Assignor {
  /** By which members ask for it, such as `uniform`. */
  readonly name: string;
  /** The new target of each member. A member that is left out gets nothing. */
  assign(group: GroupSpec): ReadonlyMap<string, Assignment>;
}
