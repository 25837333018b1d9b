import { assertEquals, assertThrows } from "@std/assert";
import { decodeBatch } from "../../../lib/metadata/batch.ts";
import { MetadataImage } from "../../../lib/metadata/image/image.ts";
import { metadataRecord, type MetadataRecordName } from "../../../lib/metadata/record.ts";
import { decodeSnapshot, encodeSnapshot } from "../../../lib/metadata/snapshot.ts";
import { METADATA_RECORDS, type MetadataRecord } from "../../../lib/protocol/records/logs.ts";
import { batchesOf } from "../../../lib/records/mod.ts";
import { runtimeCompressor } from "../../../lib/shell/compressor.ts";
import { imageOf, readFixture } from "../support.ts";

const ID = "aj35l2OkRPWFol5oSxRyrg";
const TOPIC = metadataRecord("TopicRecord", { name: "a.b", topicId: ID });
const PARTITION = metadataRecord("PartitionRecord", {
  topicId: ID,
  partitionId: 0,
  replicas: [1],
  isr: [1],
  leader: 1,
  leaderEpoch: 4,
  partitionEpoch: 9,
  directories: ["W1WxH8EXmYVpEP7WNmvJXA"],
}, 2);

function imageFrom(records: Iterable<MetadataRecord>): MetadataImage {
  const image = new MetadataImage();
  for (const record of records) image.replay(record);
  return image;
}

function recordsOfLog(path: string, startOffset = 0): MetadataRecord[] {
  return [...batchesOf(readFixture(path))].flatMap((batch) => {
    if (batch.magic !== 2) throw new Error("not of magic 2");
    if (batch.baseOffset < startOffset) return [];
    const entries = decodeBatch(batch, runtimeCompressor);
    return entries.isControl ? [] : entries.records;
  });
}

/** The records of an image as they are after a snapshot was written and read. */
function throughSnapshot(image: MetadataImage): MetadataRecord[] {
  const init = { lastContainedLogTimestamp: 0, quorum: { kraftVersion: 0, voters: null }, epoch: 1, nowMs: 0 };
  return [...decodeSnapshot(encodeSnapshot({ ...init, records: image.records() }), runtimeCompressor).records];
}

Deno.test("the log that Apache Kafka wrote adds up to the topics that it had", () => {
  const image = imageFrom(recordsOfLog("static/__cluster_metadata-0/00000000000000000000.log"));
  assertEquals([...image.topics()].map(({ name, partitions }) => [name, partitions.size]), [
    ["alpha", 3],
    ["beta", 4],
    ["__consumer_offsets", 50],
  ]);
  assertEquals([image.topicCount, image.partitionCount], [3, 57]);
  assertEquals(image.topicByName("alpha")?.id, ID);
  assertEquals(image.topicByName("gone"), undefined);
  assertEquals(Object.fromEntries(image.configs(2, "beta")), {
    "cleanup.policy": "compact",
    "segment.bytes": "2000000",
  });
  assertEquals(Object.fromEntries(image.configs(4, "1")), { "log.cleaner.threads": "2" });
  assertEquals(image.features.get("metadata.version"), 30);
  assertEquals(image.nextProducerId, 1000n);
  // A broker that was stopped leaves its partitions without a leader, and itself the one that may lead them again.
  const partition = image.partition(ID, 0)!;
  assertEquals([partition.leader, partition.isr, partition.eligibleLeaderReplicas], [-1, [], [1]]);
  assertEquals(image.brokers.get(1)?.fenced, true);
});

Deno.test("a snapshot and the log behind it add up to the same as the whole log", () => {
  const folder = "dynamic-killed/__cluster_metadata-0";
  const segments = ["00000000000000000000", "00000000000000000053", "00000000000000000099"];
  const log = (startOffset: number) => segments.flatMap((name) => recordsOfLog(`${folder}/${name}.log`, startOffset));
  const snapshot = readFixture(`${folder}/00000000000000000095-0000000002.checkpoint`);
  const whole = imageFrom(log(0));
  const resumed = imageFrom([...decodeSnapshot(snapshot, runtimeCompressor).records, ...log(95)]);
  const texts = (image: MetadataImage) => throughSnapshot(image).map((record) => show(record)).sort();
  assertEquals(texts(resumed), texts(whole));
});

/** Apache Kafka keeps lists of features and endpoints in no order. */
function show({ name, value }: MetadataRecord): string {
  const sorted = (_: string, part: unknown) =>
    typeof part === "bigint"
      ? String(part)
      : Array.isArray(part)
      ? part.map((each) => JSON.stringify(each)).sort()
      : part;
  return name + JSON.stringify(value, sorted);
}

Deno.test("a snapshot has all that an image has, whatever record type brought it", () => {
  const examples: Record<MetadataRecordName, MetadataRecord[]> = {
    FeatureLevelRecord: [metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: 30 })],
    RegisterBrokerRecord: [
      metadataRecord("RegisterBrokerRecord", { brokerId: 1, brokerEpoch: 5n, rack: null, logDirs: [ID] }, 4),
      metadataRecord("RegisterBrokerRecord", { brokerId: 2, brokerEpoch: 6n }, 4),
    ],
    BrokerRegistrationChangeRecord: [
      metadataRecord("BrokerRegistrationChangeRecord", {
        brokerId: 1,
        fenced: -1,
        inControlledShutdown: 1,
        cordonedLogDirs: [ID],
      }, 3),
    ],
    FenceBrokerRecord: [metadataRecord("FenceBrokerRecord", { id: 1 })],
    UnfenceBrokerRecord: [metadataRecord("UnfenceBrokerRecord", { id: 1 })],
    UnregisterBrokerRecord: [metadataRecord("UnregisterBrokerRecord", { brokerId: 2 })],
    RegisterControllerRecord: [metadataRecord("RegisterControllerRecord", { controllerId: 1 })],
    TopicRecord: [TOPIC],
    PartitionRecord: [PARTITION],
    PartitionChangeRecord: [
      metadataRecord("PartitionChangeRecord", {
        topicId: ID,
        partitionId: 0,
        isr: [],
        leader: -1,
        eligibleLeaderReplicas: [1],
        lastKnownElr: [1],
        leaderRecoveryState: 1,
      }, 2),
    ],
    ClearElrRecord: [metadataRecord("ClearElrRecord", { topicName: "" })],
    RemoveTopicRecord: [
      metadataRecord("TopicRecord", { name: "gone", topicId: "bj35l2OkRPWFol5oSxRyrg" }),
      metadataRecord("RemoveTopicRecord", { topicId: "bj35l2OkRPWFol5oSxRyrg" }),
    ],
    ConfigRecord: [
      metadataRecord("ConfigRecord", { resourceType: 2, resourceName: "a.b", name: "x", value: "" }),
      metadataRecord("ConfigRecord", { resourceType: 64, resourceName: "of a newer version", name: "y", value: "1" }),
    ],
    ClientQuotaRecord: [
      metadataRecord("ClientQuotaRecord", {
        entity: [{ entityType: "user", entityName: null }, { entityType: "client-id", entityName: "c" }],
        key: "producer_byte_rate",
        value: 1.5,
      }),
    ],
    ProducerIdsRecord: [metadataRecord("ProducerIdsRecord", { brokerId: 1, brokerEpoch: 5n, nextProducerId: 3000n })],
    AccessControlEntryRecord: [
      metadataRecord("AccessControlEntryRecord", { id: ID, principal: "User:a", operation: 3 }),
    ],
    RemoveAccessControlEntryRecord: [
      metadataRecord("AccessControlEntryRecord", { id: "bj35l2OkRPWFol5oSxRyrg" }),
      metadataRecord("RemoveAccessControlEntryRecord", { id: "bj35l2OkRPWFol5oSxRyrg" }),
    ],
    UserScramCredentialRecord: [
      metadataRecord("UserScramCredentialRecord", {
        name: "a",
        mechanism: 1,
        salt: new Uint8Array([1]),
        iterations: 9,
      }),
    ],
    RemoveUserScramCredentialRecord: [
      metadataRecord("UserScramCredentialRecord", { name: "b", mechanism: 1 }),
      metadataRecord("RemoveUserScramCredentialRecord", { name: "b", mechanism: 1 }),
    ],
    DelegationTokenRecord: [
      metadataRecord("DelegationTokenRecord", { tokenId: "t", owner: "User:a", renewers: ["r"] }),
    ],
    RemoveDelegationTokenRecord: [
      metadataRecord("DelegationTokenRecord", { tokenId: "u" }),
      metadataRecord("RemoveDelegationTokenRecord", { tokenId: "u" }),
    ],
    ZkMigrationStateRecord: [metadataRecord("ZkMigrationStateRecord", { zkMigrationState: 3 })],
    NoOpRecord: [metadataRecord("NoOpRecord", {})],
    BeginTransactionRecord: [metadataRecord("BeginTransactionRecord", {})],
    EndTransactionRecord: [metadataRecord("EndTransactionRecord", {})],
    AbortTransactionRecord: [metadataRecord("AbortTransactionRecord", {})],
  };
  assertEquals(Object.keys(examples).sort(), Object.keys(METADATA_RECORDS).sort());
  const image = imageFrom(Object.values(examples).flat());
  assertEquals(throughSnapshot(image), [...image.records()]);
  assertEquals([...imageFrom(throughSnapshot(image)).records()], [...image.records()]);
  assertEquals(
    [...new Set([...image.records()].map(({ name }) => name))],
    [
      "FeatureLevelRecord",
      "RegisterBrokerRecord",
      "RegisterControllerRecord",
      "TopicRecord",
      "PartitionRecord",
      "ConfigRecord",
      "ClientQuotaRecord",
      "ProducerIdsRecord",
      "AccessControlEntryRecord",
      "UserScramCredentialRecord",
      "DelegationTokenRecord",
      "ZkMigrationStateRecord",
    ],
  );
});

Deno.test("a snapshot is written in the record versions that metadata.version allows", () => {
  for (const [level, partition, broker] of [[7, 0, 1], [8, 0, 2], [17, 1, 3], [22, 1, 3], [23, 2, 3], [30, 2, 4]]) {
    const feature = metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: level });
    const registered = metadataRecord("RegisterBrokerRecord", { brokerId: 1, logDirs: [ID], cordonedLogDirs: [] }, 4);
    const records = throughSnapshot(imageFrom([feature, registered, TOPIC, PARTITION]));
    const versionOf = (name: string) => records.find((record) => record.name === name)?.version;
    assertEquals([versionOf("PartitionRecord"), versionOf("RegisterBrokerRecord")], [partition, broker]);
  }
});

Deno.test("a change of a partition counts in its epoch, and one that names a leader in the leader epoch", () => {
  const image = imageOf(TOPIC, PARTITION);
  const change = (value: Parameters<typeof metadataRecord<"PartitionChangeRecord">>[1]) =>
    image.replay(metadataRecord("PartitionChangeRecord", { topicId: ID, partitionId: 0, ...value }, 2));
  const epochs = () => {
    const { leader, leaderEpoch, partitionEpoch } = image.partition(ID, 0)!;
    return [leader, leaderEpoch, partitionEpoch];
  };
  change({ isr: [1] });
  assertEquals(epochs(), [1, 4, 10]);
  change({ leader: 1 });
  assertEquals(epochs(), [1, 5, 11]);
  change({ leader: -1 });
  assertEquals(epochs(), [-1, 6, 12]);
  assertEquals(image.partition(ID, 0)?.directories, ["W1WxH8EXmYVpEP7WNmvJXA"]);
});

Deno.test("a topic that is removed takes its configuration and its name with it", () => {
  const config = metadataRecord("ConfigRecord", { resourceType: 2, resourceName: "a.b", name: "x", value: "1" });
  const image = imageOf(TOPIC, PARTITION, config);
  assertEquals(image.topicCollidingWith("a_b"), "a.b");
  assertEquals(image.partitionCount, 1);
  image.replay(metadataRecord("RemoveTopicRecord", { topicId: ID }));
  assertEquals(image.topicCollidingWith("a_b"), undefined);
  assertEquals([image.topicCount, image.partitionCount, image.configs(2, "a.b").size], [0, 0, 0]);
  assertEquals(image.topicById(ID), undefined);
});

Deno.test("records that contradict the log before them are refused", () => {
  for (
    const record of [
      PARTITION,
      metadataRecord("RemoveTopicRecord", { topicId: ID }),
      metadataRecord("PartitionChangeRecord", { topicId: ID, partitionId: 0 }, 2),
      metadataRecord("BrokerRegistrationChangeRecord", { brokerId: 5 }),
    ]
  ) assertThrows(() => imageOf().replay(record), Error, "The metadata log changes");
  assertThrows(
    () => imageOf(TOPIC).replay(metadataRecord("PartitionChangeRecord", { topicId: ID, partitionId: 3 }, 2)),
    Error,
    "partition a.b-3",
  );
});
