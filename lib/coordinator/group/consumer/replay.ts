/**
 * Replays the records of consumer groups.
 *
 * Tombstones of what is not there are passed over: compaction may have left them alone.
 *
 * @module
 */
import type { GroupState } from "../group_state.ts";
import { assignmentFrom } from "../modern/mod.ts";
import type { RecordOfGroup } from "../records.ts";
import { ConsumerGroup } from "./consumer_group.ts";
import { ConsumerMember, NOTHING_OWNED, withAssignment, withMetadata } from "./consumer_member.ts";

export function replayConsumerGroup(state: GroupState, record: RecordOfGroup<"ConsumerGroup">): void {
  const group = groupFor(state, record);
  if (group === undefined) return;
  switch (record.name) {
    case "ConsumerGroupMetadata":
      if (record.value === null) return void state.groups.delete(group.groupId);
      group.groupEpoch = record.value.epoch;
      group.metadataHash = record.value.metadataHash;
      return;
    case "ConsumerGroupPartitionMetadata":
      group.hasPartitionMetadataRecord = record.value !== null;
      return;
    case "ConsumerGroupMemberMetadata":
      if (record.value === null) group.removeMember(record.key.memberId);
      else group.setMember(withMetadata(memberOf(group, record.key.memberId), record.value));
      return;
    case "ConsumerGroupTargetAssignmentMetadata":
      group.assignmentEpoch = record.value?.assignmentEpoch ?? -1;
      group.assignmentTimestampMs = Number(record.value?.assignmentTimestamp ?? 0n);
      return;
    case "ConsumerGroupTargetAssignmentMember":
      if (record.value === null) group.targets.delete(record.key.memberId);
      else group.targets.set(record.key.memberId, assignmentFrom(record.value.topicPartitions));
      return;
    case "ConsumerGroupCurrentMemberAssignment":
      return replayAssignment(group, record);
    case "ConsumerGroupRegularExpression":
      return replayRegex(group, record);
  }
}

/** The group that a record is of, which it makes where it is no tombstone. What comes later in the log is what holds. */
function groupFor(state: GroupState, { key: { groupId }, value }: RecordOfGroup<"ConsumerGroup">) {
  const known = state.groups.get(groupId);
  if (known instanceof ConsumerGroup) return known;
  if (value === null) return undefined;
  const group = new ConsumerGroup(groupId);
  state.groups.set(groupId, group);
  return group;
}

function memberOf(group: ConsumerGroup, memberId: string): ConsumerMember {
  return group.members.get(memberId) ?? new ConsumerMember({ memberId });
}

function replayAssignment(
  group: ConsumerGroup,
  { key: { memberId }, value }: RecordOfGroup<"ConsumerGroupCurrentMemberAssignment">,
): void {
  if (value !== null) return group.setMember(withAssignment(memberOf(group, memberId), value));
  const known = group.members.get(memberId);
  if (known === undefined) return;
  group.setMember(known.with({
    memberEpoch: -1,
    previousMemberEpoch: -1,
    assigned: NOTHING_OWNED,
    pendingRevocation: NOTHING_OWNED,
  }));
}

function replayRegex(
  group: ConsumerGroup,
  { key: { regularExpression: regex }, value }: RecordOfGroup<"ConsumerGroupRegularExpression">,
): void {
  if (value === null) group.resolvedRegexes.delete(regex);
  else {
    group.resolvedRegexes.set(regex, {
      topics: new Set(value.topics),
      version: Number(value.version),
      timestampMs: Number(value.timestamp),
    });
  }
}
