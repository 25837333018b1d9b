/**
 * Records of streams groups for a transcript.
 *
 * @module
 */
import type { RecordOfGroup } from "../../../../lib/coordinator/group/records.ts";
import type { TaskIds } from "../../../../lib/coordinator/group/streams/tasks.ts";

/** Tasks of a member, active and in reserve. */
export function tasksText(active: readonly TaskIds[], standby: readonly TaskIds[]): string {
  const text = (list: readonly TaskIds[]) =>
    list.map(({ subtopologyId, partitions }) => `${subtopologyId}:${partitions}`).join(" ");
  const reserve = standby.length === 0 ? "" : ` and in reserve ${text(standby)}`;
  return `${active.length === 0 ? "nothing" : text(active)}${reserve}`;
}

/** A record of a streams group as a line. */
export function describeStreamsRecord(record: RecordOfGroup<"StreamsGroup">): string {
  const { name, key } = record;
  const what = name.replace("StreamsGroup", "");
  const whose = "memberId" in key ? ` of ${key.memberId}` : "";
  if (record.value === null) return `forgets ${what}${whose}`;
  switch (record.name) {
    case "StreamsGroupMetadata":
      return `writes epoch ${record.value.epoch}, topology ${record.value.validatedTopologyEpoch}`;
    case "StreamsGroupTargetAssignmentMetadata":
      return `writes target of epoch ${record.value.assignmentEpoch}`;
    case "StreamsGroupTargetAssignmentMember":
      return `writes target${whose}: ${tasksText(record.value.activeTasks, record.value.standbyTasks)}`;
    case "StreamsGroupCurrentMemberAssignment": {
      const { memberEpoch, state, activeTasks, standbyTasks, activeTasksPendingRevocation: active } = record.value;
      const { standbyTasksPendingRevocation: standby } = record.value;
      const revoked = active.length + standby.length === 0 ? "" : `, gives up ${tasksText(active, standby)}`;
      return `writes tasks${whose}: ${tasksText(activeTasks, standbyTasks)}${revoked}, epoch ${memberEpoch}, ` +
        ["unknown", "stable", "unrevoked", "unreleased"][state];
    }
    default:
      return `writes ${what}${whose}`;
  }
}
