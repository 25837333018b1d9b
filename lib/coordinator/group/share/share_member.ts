/**
 * A member of a share group. It never changes: another one takes its place.
 *
 * @module
 */
import type { ShareGroupMemberMetadataValue } from "../../../protocol/records/share_group.ts";
import { type Assignment, type ModernMember, NO_PARTITIONS } from "../modern/mod.ts";

/** The epoch of a heartbeat that joins. */
export const JOIN_EPOCH = 0;
/** The epoch of a heartbeat that leaves. */
export const LEAVE_EPOCH = -1;

export interface ShareMember extends ModernMember {
  readonly instanceId: null;
  readonly isStable: true;
  readonly subscribedTopicNames: ReadonlySet<string>;
  readonly assigned: Assignment;
}

/** A member that has said nothing yet. */
export function unknownShareMember(memberId: string): ShareMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: "",
    clientHost: "",
    memberEpoch: JOIN_EPOCH,
    previousMemberEpoch: -1,
    isStable: true,
    subscribedTopicNames: new Set(),
    assigned: NO_PARTITIONS,
  };
}

/** What a record tells of a member. */
export function withMetadata(
  member: ShareMember,
  { rackId, clientId, clientHost, subscribedTopicNames }: ShareGroupMemberMetadataValue,
): ShareMember {
  return { ...member, rackId, clientId, clientHost, subscribedTopicNames: new Set(subscribedTopicNames) };
}

/** Whether both say the same of themselves. */
export function hasSameMetadata(one: ShareMember, other: ShareMember): boolean {
  return one.rackId === other.rackId && one.clientId === other.clientId && one.clientHost === other.clientHost &&
    hasSameSubscription(one, other);
}

/** Whether both name the same topics. */
export function hasSameSubscription(one: ShareMember, other: ShareMember): boolean {
  const { subscribedTopicNames: names } = one;
  if (names.size !== other.subscribedTopicNames.size) return false;
  for (const name of names) if (!other.subscribedTopicNames.has(name)) return false;
  return true;
}
