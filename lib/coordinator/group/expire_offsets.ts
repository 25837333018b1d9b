/**
 * Forgets offsets that nobody has used for `offsets.retention.minutes`, and groups that have neither members nor
 * offsets (KIP-211).
 *
 * @module
 */
import type { Turn } from "../turn.ts";
import type { CommittedOffset } from "./committed_offsets.ts";
import type { Group } from "./group.ts";
import type { GroupState } from "./group_state.ts";
import { type GroupRecord, NEVER_EXPIRES, offsetTombstone } from "./records.ts";

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
    if (!group.canExpire) continue;
    let hasOffsets = state.offsets.hasPending(group.groupId);
    for (const offset of state.offsets.of(group.groupId)) {
      if (hasExpired(state, group, offset, turn.nowMs)) {
        turn.write(offsetTombstone(group.groupId, offset.topic, offset.partition));
      } else hasOffsets = true;
    }
    if (!hasOffsets && group.isEmpty) turn.write(...group.tombstones());
  }
}

function hasExpired(
  state: GroupState,
  group: Group,
  { topic, partition, value }: CommittedOffset,
  nowMs: number,
): boolean {
  if (state.offsets.isUnstable(group.groupId, topic, partition)) return false;
  const unusedSinceMs = group.offsetUnusedSinceMs(topic, value);
  if (unusedSinceMs === null) return false;
  if (value.expireTimestamp !== NEVER_EXPIRES) return nowMs >= value.expireTimestamp;
  return nowMs - unusedSinceMs >= state.settings.offsetsRetentionMs;
}
