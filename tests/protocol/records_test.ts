import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError } from "../../lib/bytes/mod.ts";
import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  decodeGroupRecord,
  decodeMetadataRecord,
  decodeVersioned,
  encodeCoordinatorKey,
  encodeCoordinatorRecord,
  encodeMetadataRecord,
  encodeVersioned,
  EndTxnMarker,
  GROUP_RECORDS,
  METADATA_RECORDS,
  NoOpRecord,
  OffsetCommitKey,
  TopicRecord,
} from "../../lib/protocol/records/mod.ts";

const TOPIC_ID = "bm90LWEtcmFuZG9tLWlkLQ";

Deno.test("a metadata record comes back with its name, version and value", () => {
  const bytes = encodeMetadataRecord(TopicRecord, 0, { name: "orders", topicId: TOPIC_ID });
  assertEquals([...bytes.subarray(0, 3)], [1, 2, 0]); // frame version, key, version
  const record = decodeMetadataRecord(bytes);
  if (record.name !== "TopicRecord") throw new Error(`unexpected ${record.name}`);
  assertEquals(record.message, TopicRecord);
  assertEquals([record.version, record.value.name, record.value.topicId], [0, "orders", TOPIC_ID]);
});

Deno.test("a metadata record of a key or version that a newer Kafka has is told from damage", () => {
  assertEquals(decodeMetadataRecord(Uint8Array.of(1, 100, 3, 7, 8)), {
    name: null,
    key: 100,
    version: 3,
    body: Uint8Array.of(7, 8),
  });
  assertEquals(decodeMetadataRecord(Uint8Array.of(1, TopicRecord.key!, 9)).name, null);
});

Deno.test("a damaged metadata record is a DecodeError", () => {
  const bytes = encodeMetadataRecord(NoOpRecord, 0, {});
  assertThrows(() => decodeMetadataRecord(Uint8Array.of(0, ...bytes.subarray(1))), DecodeError, "frame has version 0");
  assertThrows(() => decodeMetadataRecord(Uint8Array.of(...bytes, 0)), DecodeError, "1 bytes are left over");
  assertThrows(() => decodeMetadataRecord(bytes.subarray(0, 2)), DecodeError);
});

Deno.test("the records of the metadata log have keys of their own", () => {
  const keys = Object.values(METADATA_RECORDS).map(({ key }) => key);
  assertEquals(new Set(keys).size, keys.length);
});

Deno.test("a coordinator's record comes back with its name, key, version and value", () => {
  const record = encodeCoordinatorRecord(
    GROUP_RECORDS.OffsetCommit,
    { group: "g", topic: "t", partition: 1 },
    3,
    { offset: 42n, leaderEpoch: 5, metadata: "", commitTimestamp: 6n },
  );
  assertEquals([...record.key.subarray(0, 2), ...record.value!.subarray(0, 2)], [0, 1, 0, 3]);
  const decoded = decodeGroupRecord(record);
  if (decoded.name !== "OffsetCommit") throw new Error(`unexpected ${decoded.name}`);
  assertEquals([decoded.version, decoded.key.group, decoded.value?.offset], [3, "g", 42n]);
});

Deno.test("a coordinator's record without a value is a tombstone", () => {
  const key = { group: "g", topic: "t", partition: 1 };
  const tombstone = encodeCoordinatorRecord(GROUP_RECORDS.OffsetCommit, key, -1, null);
  assertEquals(tombstone, { key: encodeCoordinatorKey(OffsetCommitKey, key), value: null });
  assertEquals(decodeGroupRecord(tombstone), { name: "OffsetCommit", key, version: -1, value: null });
});

Deno.test("a coordinator's record of a type that a newer Kafka has is told from damage", () => {
  assertEquals(decodeGroupRecord({ key: Uint8Array.of(0, 99, 1), value: null }), { name: null, type: 99 });
  const { key } = encodeCoordinatorRecord(GROUP_RECORDS.GroupMetadata, { group: "g" }, 0, {});
  assertThrows(
    () => decodeGroupRecord({ key, value: Uint8Array.of(0, 9) }),
    DecodeError,
    "has version 9, known are 0 to 4",
  );
});

Deno.test("a version in front is read and checked", () => {
  const bytes = encodeVersioned(EndTxnMarker, 0, { coordinatorEpoch: 7 });
  assertEquals([...bytes], [0, 0, 0, 0, 0, 7]);
  assertEquals(decodeVersioned(EndTxnMarker, bytes), { version: 0, value: { coordinatorEpoch: 7 } });
  assertThrows(() => decodeVersioned(EndTxnMarker, Uint8Array.of(0, 1, 0, 0, 0, 7)), DecodeError, "known are 0 to 0");
  assertThrows(() => decodeVersioned(EndTxnMarker, Uint8Array.of(...bytes, 1)), DecodeError, "left over");
});

Deno.test("subscriptions and assignments of newer clients are read as far as they are known", () => {
  const subscription = encodeVersioned(ConsumerProtocolSubscription, 3, { topics: ["t"], rackId: "r" });
  const newer = Uint8Array.of(0, 9, ...subscription.subarray(2), 1, 2, 3);
  assertEquals(decodeConsumerProtocolSubscription(newer), decodeConsumerProtocolSubscription(subscription));
  assertEquals(decodeConsumerProtocolSubscription(newer).rackId, "r");

  const assignment = encodeVersioned(ConsumerProtocolAssignment, 0, {
    assignedPartitions: [{ topic: "t", partitions: [1, 2] }],
  });
  assertEquals(decodeConsumerProtocolAssignment(assignment).assignedPartitions, [{ topic: "t", partitions: [1, 2] }]);
  assertThrows(() => decodeConsumerProtocolSubscription(Uint8Array.of(0xff, 0xff)), DecodeError, "negative version");
  assertThrows(() => decodeConsumerProtocolAssignment(Uint8Array.of(0)), DecodeError);
});
