/**
 * The records by which the group coordinator changes its state, in the versions in which Apache Kafka 4.3 writes them.
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
import type { ClassicGroup } from "./classic_group.ts";

export type { GroupRecord };

/** With group instance ids (KIP-345). */
const GROUP_METADATA_VERSION = 3;
/** With the topic's id. */
const OFFSET_COMMIT_VERSION = 4;
/** The only one that has a time of expiry, which clients could set before KIP-211. */
const EXPIRING_OFFSET_COMMIT_VERSION = 1;
const TOMBSTONE_VERSION = -1;

/** What `expireTimestamp` says where the client has set no time of expiry. */
export const NEVER_EXPIRES = -1n;

/** A classic group as it is, with these assignments by member. */
export function groupRecord(group: ClassicGroup, assignments: ReadonlyMap<string, Uint8Array>): GroupRecord {
  return {
    name: "GroupMetadata",
    key: { group: group.groupId },
    version: GROUP_METADATA_VERSION,
    value: group.toRecord(assignments),
  };
}

/** A classic group that nobody has joined yet. */
export function newGroupRecord({ groupId, stateTimestampMs }: ClassicGroup): GroupRecord {
  return {
    name: "GroupMetadata",
    key: { group: groupId },
    version: GROUP_METADATA_VERSION,
    value: {
      protocolType: "",
      generation: 0,
      protocol: null,
      leader: null,
      currentStateTimestamp: BigInt(stateTimestampMs),
      members: [],
    },
  };
}

/** A classic group that is gone. */
export function groupTombstone(groupId: string): GroupRecord {
  return { name: "GroupMetadata", key: { group: groupId }, version: TOMBSTONE_VERSION, value: null };
}

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

/** A record as it stands in the log. */
export function encodeGroupRecord({ name, key, version, value }: GroupRecord): RecordBytes {
  const types = GROUP_RECORDS[name] as { key: Message<unknown>; value: Message<unknown> };
  return encodeCoordinatorRecord(types, key, version, value);
}
