/**
 * The records by which the share coordinator changes its state, as Apache Kafka 4.3 writes them.
 *
 * @module
 */
import {
  encodeCoordinatorRecord,
  type RecordBytes,
  SHARE_STATE_RECORDS,
  type ShareSnapshotValue,
  type ShareStateRecord,
  type ShareUpdateValue,
} from "../../protocol/records/mod.ts";
import type { Message } from "../../protocol/schema.ts";
import type { SharePartitionKey } from "./share_state.ts";

const RECORD_VERSION = 0;
const TOMBSTONE_VERSION = -1;

/** A share partition in full. */
export function snapshotRecord(key: SharePartitionKey, value: ShareSnapshotValue): ShareStateRecord {
  return { name: "ShareSnapshot", key: keyOf(key), version: RECORD_VERSION, value };
}

/** What has changed of a share partition. */
export function updateRecord(key: SharePartitionKey, value: ShareUpdateValue): ShareStateRecord {
  return { name: "ShareUpdate", key: keyOf(key), version: RECORD_VERSION, value };
}

/** A share partition that is forgotten. */
export function tombstone(key: SharePartitionKey): ShareStateRecord {
  return { name: "ShareSnapshot", key: keyOf(key), version: TOMBSTONE_VERSION, value: null };
}

/** A record as it stands in the log. */
export function encodeShareStateRecord({ name, key, version, value }: ShareStateRecord): RecordBytes {
  const types = SHARE_STATE_RECORDS[name] as { key: Message<unknown>; value: Message<unknown> };
  return encodeCoordinatorRecord(types, key, version, value);
}

function keyOf({ groupId, topicId, partition }: SharePartitionKey) {
  return { groupId, topicId, partition };
}
