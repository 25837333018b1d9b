/**
 * Groups of types that this broker does not serve, which Apache Kafka has left in the log: they are listed, and not
 * overwritten.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import type { Group, GroupType } from "./group.ts";
import type { GroupState } from "./group_state.ts";
import type { GroupRecord, RecordOfGroup } from "./records.ts";

/** Replays what tells whether such a group is there. */
export function replayUnservedGroup(state: GroupState, record: GroupRecord): void {
  const type = TYPES.get(record.name);
  if (type === undefined) return;
  const { groupId } = (record as RecordOfGroup<"ShareGroupMetadata">).key;
  if (record.value !== null) state.groups.set(groupId, new UnservedGroup(groupId, type));
  else if (state.groups.get(groupId)?.type === type) state.groups.delete(groupId);
}

const TYPES: ReadonlyMap<string, GroupType> = new Map([
  ["ShareGroupMetadata", "share"],
]);

class UnservedGroup implements Group {
  readonly state = "Dead";
  readonly isEmpty = false;
  readonly canExpire = false;

  constructor(readonly groupId: string, readonly type: GroupType) {}

  get protocolType(): string {
    return this.type;
  }

  isSubscribedTo(): boolean {
    return true;
  }

  commitError(): ErrorCode {
    return ErrorCode.GROUP_ID_NOT_FOUND;
  }

  onCommit(): void {}

  fetchError(): ErrorCode {
    return ErrorCode.NONE;
  }

  offsetDeleteError(): ErrorCode {
    return ErrorCode.NON_EMPTY_GROUP;
  }

  deleteError(): ErrorCode {
    return ErrorCode.NON_EMPTY_GROUP;
  }

  tombstones(): GroupRecord[] {
    return [];
  }

  offsetUnusedSinceMs(): null {
    return null;
  }

  onLoaded(): void {}

  onTopicsChanged(): void {}

  abandon(): void {}
}
