/**
 * Forgets offsets that nobody has used for `offsets.retention.minutes`, and groups that have neither members nor
 * offsets (KIP-211).
 *
 * @module
 */
import type { OffsetCommitValue } from "../../protocol/records/group.ts";
import type { Turn } from "../turn.ts";
import type { ClassicGroup } from "./classic_group.ts";
import type { CommittedOffset } from "./committed_offsets.ts";
import type { GroupState } from "./group_state.ts";
import { type GroupRecord, groupTombstone, NEVER_EXPIRES, offsetTombstone } from "./records.ts";

/** Looks for what has expired every `offsets.retention.check.interval.ms` from now on. */
export function scheduleExpiry(state: GroupState): void {
  state.timers.schedule("expiry", state.settings.offsetsRetentionCheckIntervalMs, (turn) => {
    expireOffsets(state, turn);
    scheduleExpiry(state);
  });
}

/** Forgets what has expired by now. */
export function expireOffsets(state: GroupState, turn: Turn<GroupRecord>): void {
  for (const group of state.groups.values()) {
    let hasOffsets = state.offsets.hasPending(group.groupId);
    for (const offset of state.offsets.of(group.groupId)) {
      if (hasExpired(state, group, offset, turn.nowMs)) {
        turn.write(offsetTombstone(group.groupId, offset.topic, offset.partition));
      } else hasOffsets = true;
    }
    if (!hasOffsets && group.state === "Empty") turn.write(groupTombstone(group.groupId));
  }
}

function hasExpired(
  state: GroupState,
  group: ClassicGroup,
  { topic, partition, value }: CommittedOffset,
  nowMs: number,
): boolean {
  if (state.offsets.isUnstable(group.groupId, topic, partition)) return false;
  const unusedSinceMs = unusedSince(group, topic, value);
  if (unusedSinceMs === null) return false;
  if (value.expireTimestamp !== NEVER_EXPIRES) return nowMs >= value.expireTimestamp;
  return nowMs - unusedSinceMs >= state.settings.offsetsRetentionMs;
}

/** From when on nobody has used the offset, milliseconds since the epoch; null where it is in use. */
function unusedSince(group: ClassicGroup, topic: string, { commitTimestamp }: OffsetCommitValue): number | null {
  const committedMs = Number(commitTimestamp);
  // Of a consumer that assigns itself its partitions, nothing else is known.
  if (group.protocolType === null) return committedMs;
  if (group.state === "Empty") return group.stateTimestampMs === -1 ? committedMs : group.stateTimestampMs;
  const isTold = group.usesConsumerProtocol && group.subscribedTopics !== null;
  return group.state === "Stable" && isTold && !group.isSubscribedTo(topic) ? committedMs : null;
}
