/**
 * The records by which the group coordinator changes its state: those of committed offsets, in the versions in which
 * Apache Kafka 4.3 writes them. Those of groups stand in the folder of their type.
 *
 * @module
 */
import type { OffsetCommitValue } from "../../protocol/records/group.ts";
import {
  encodeCoordinatorRecord,
  GROUP_RECORDS,
  type GroupRecord,
  type RecordBytes,
} from "../../protocol/records/mod.ts";
import type { Message } from "../../protocol/schema.ts";

export type { GroupRecord };

/** The records of a type of groups: those whose names begin so. */
export type RecordOfGroup<P extends string> = Extract<GroupRecord, { readonly name: `${P}${string}` }>;

/** With the topic's id. */
const OFFSET_COMMIT_VERSION = 4;
/** The only one that has a time of expiry, which clients could set before KIP-211. */
const EXPIRING_OFFSET_COMMIT_VERSION = 1;
/** What the version of a tombstone is, which has no value. */
export const TOMBSTONE_VERSION = -1;

/** What `expireTimestamp` says where the client has set no time of expiry. */
export const NEVER_EXPIRES = -1n;

/** A committed offset. */
export function offsetRecord(
  groupId: string,
  topic: string,
  partition: number,
  value: OffsetCommitValue,
): GroupRecord {
  return {
    name: "OffsetCommit",
    key: { group: groupId, topic, partition },
    version: value.expireTimestamp === NEVER_EXPIRES ? OFFSET_COMMIT_VERSION : EXPIRING_OFFSET_COMMIT_VERSION,
    value,
  };
}

/** An offset that is forgotten. */
export function offsetTombstone(groupId: string, topic: string, partition: number): GroupRecord {
  return { name: "OffsetCommit", key: { group: groupId, topic, partition }, version: TOMBSTONE_VERSION, value: null };
}

/** Whether a record is of the groups whose records' names begin with `prefix`. */
export function isRecordOf<P extends string>(prefix: P, record: GroupRecord): record is RecordOfGroup<P> {
  return record.name.startsWith(prefix);
}

/** A record as it stands in the log. */
export function encodeGroupRecord({ name, key, version, value }: GroupRecord): RecordBytes {
  const types = GROUP_RECORDS[name] as { key: Message<unknown>; value: Message<unknown> };
  return encodeCoordinatorRecord(types, key, version, value);
}
