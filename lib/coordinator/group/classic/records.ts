/**
 * The record of a classic group, in the version in which Apache Kafka 4.3 writes it.
 *
 * @module
 */
import { type GroupRecord, TOMBSTONE_VERSION } from "../records.ts";
import type { ClassicGroup } from "./classic_group.ts";

/** With group instance ids (KIP-345). */
const GROUP_METADATA_VERSION = 3;

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
