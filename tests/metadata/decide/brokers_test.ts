import { assertEquals } from "@std/assert";
import { fenceBroker, leadPartitions, registerBroker, unregisterBroker } from "../../../lib/metadata/decide/brokers.ts";
import { loseDirectories, offlineReplicas } from "../../../lib/metadata/decide/directories.ts";
import { electLeaders } from "../../../lib/metadata/decide/partitions.ts";
import { allocateProducerIds } from "../../../lib/metadata/decide/producer_ids.ts";
import type { MetadataImage } from "../../../lib/metadata/image/image.ts";
import { metadataRecord } from "../../../lib/metadata/record.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { apply, decisionContext, imageOf } from "../support.ts";

const ID = "TOPICaaaaaaaaaaaaaaaaA";
const DIRECTORY = "DIRECTORYaaaaaaaaaaaaA";

type Partition = Parameters<typeof metadataRecord<"PartitionRecord">>[1];

/** An image with the topic `t`, whose partitions have one replica, on this broker, and are otherwise as given. */
function imageWith(...partitions: Partition[]): MetadataImage {
  const base = { topicId: ID, replicas: [1], isr: [1], leader: 1, leaderEpoch: 4, partitionEpoch: 4 };
  return imageOf(
    metadataRecord("TopicRecord", { name: "t", topicId: ID }),
    ...partitions.map((partition, partitionId) =>
      metadataRecord("PartitionRecord", { ...base, partitionId, ...partition }, 2)
    ),
  );
}

function lead(image: MetadataImage, wasClean: boolean): unknown[] {
  apply(image, { records: [...leadPartitions(image, 1, { wasClean })] });
  return [...image.topicByName("t")!.partitions.values()].map((partition) => [
    partition.leader,
    partition.isr,
    partition.leaderEpoch,
    partition.leaderRecoveryState,
    partition.eligibleLeaderReplicas,
    partition.lastKnownElr,
  ]);
}

Deno.test("a broker registers with its endpoints, features and folders, and serves at once", () => {
  const endpoints = [{ name: "PLAINTEXT", host: "localhost", port: 9092, securityProtocol: 0 }];
  const registration = {
    nodeId: 1,
    incarnationId: "INCARNATIONaaaaaaaaaaA",
    brokerEpoch: 77n,
    endpoints,
    rack: null,
    directoryIds: [DIRECTORY],
  };
  const image = imageOf();
  image.replay(registerBroker(image, registration));
  const broker = image.brokers.get(1)!;
  assertEquals([broker.fenced, broker.brokerEpoch, broker.endPoints, broker.logDirs], [false, 77n, endpoints, [
    DIRECTORY,
  ]]);
  assertEquals(broker.features.find(({ name }) => name === "metadata.version")?.maxSupportedVersion, 30);
});

Deno.test("at its start a broker leads what it led before a clean stop, and what Apache Kafka left without a leader", () => {
  const image = imageWith(
    {},
    { leader: -1, isr: [], eligibleLeaderReplicas: [1], lastKnownElr: [1] },
    { leader: -1, isr: [], lastKnownElr: [1], leaderRecoveryState: 1 },
    { leader: -1, isr: [] },
  );
  assertEquals(lead(image, true), [
    [1, [1], 4, 0, [], []],
    [1, [1], 5, 0, [], []],
    [1, [1], 5, 0, [], []],
    [1, [1], 5, 0, [], []],
  ]);
});

Deno.test("after a crash every partition begins a new leader epoch, once", () => {
  const image = imageWith({}, { leader: -1, isr: [1] });
  assertEquals(lead(image, false), [[1, [1], 5, 0, [], []], [1, [1], 5, 0, [], []]]);
});

Deno.test("replicas that others may know better are not made leaders, nor are partitions of others touched", () => {
  const image = imageWith(
    { replicas: [1, 2], isr: [2], leader: -1 },
    { replicas: [2], isr: [2], leader: 2 },
    { replicas: [1, 2], isr: [1], leader: -1 },
  );
  assertEquals(lead(image, false), [
    [-1, [2], 4, 0, [], []],
    [2, [2], 4, 0, [], []],
    [1, [1], 5, 0, [], []],
  ]);
});

Deno.test("a broker that stops is fenced, once", () => {
  const image = imageOf();
  apply(image, { records: fenceBroker(image, 1) });
  assertEquals(image.brokers.get(1)?.fenced, true);
  assertEquals(fenceBroker(image, 1), []);
});

Deno.test("a broker that is gone is unregistered and leaves the ISR of its partitions", () => {
  const image = imageWith({ replicas: [2, 1], isr: [1, 2], leader: 2 }, {});
  image.replay(metadataRecord("RegisterBrokerRecord", { brokerId: 2, brokerEpoch: 5n }, 4));
  const decision = unregisterBroker(image, 2, decisionContext());
  assertEquals(decision.records.map(({ name }) => name), ["PartitionChangeRecord", "UnregisterBrokerRecord"]);
  apply(image, decision);
  assertEquals([...image.brokers.keys()], [1]);
  assertEquals([image.partition(ID, 0)?.isr, image.partition(ID, 0)?.leader], [[1], 1]);
});

Deno.test("neither an unknown broker nor this one is unregistered", () => {
  const { records, result } = unregisterBroker(imageOf(), 7, decisionContext());
  assertEquals([records.length, result.errorCode], [0, ErrorCode.BROKER_ID_NOT_REGISTERED]);
  assertEquals(result.errorMessage, "Broker ID 7 is not currently registered");
  assertEquals(unregisterBroker(imageOf(), 1, decisionContext()).result.errorCode, ErrorCode.INVALID_REQUEST);
});

Deno.test("producer ids are given out in blocks of a thousand, none twice", () => {
  const image = imageOf();
  const broker = { brokerId: 1, brokerEpoch: 10n };
  const blocks = [0, 1, 2].map(() => {
    const decision = allocateProducerIds(image, broker);
    apply(image, decision);
    return decision.result;
  });
  assertEquals(blocks.map(({ firstProducerId, size }) => [firstProducerId, size]), [[0n, 1000], [1000n, 1000], [
    2000n,
    1000,
  ]]);
});

Deno.test("what lies in a folder whose device has failed has no leader, until the next start", () => {
  const [bad, good] = [DIRECTORY, "DIRECTORYbbbbbbbbbbbbA"];
  const image = imageWith({ directories: [bad] }, { directories: [good] });
  const register = () => {
    const registration = { nodeId: 1, incarnationId: ID, brokerEpoch: 10n, endpoints: [], rack: null };
    image.replay(registerBroker(image, { ...registration, directoryIds: [bad, good] }));
  };
  register();
  const lose = (...ids: string[]) => apply(image, { records: loseDirectories(image, 1, new Set(ids)) });
  const partitions = () => [...image.topicByName("t")!.partitions.values()];
  const state = () => partitions().map((partition) => [partition.leader, offlineReplicas(image, partition)]);
  lose();
  assertEquals(state(), [[1, []], [1, []]]);
  lose(bad);
  assertEquals(state(), [[-1, [1]], [1, []]]);
  assertEquals(image.brokers.get(1)!.logDirs, [good]);
  const { result: [{ partitionResult: [{ errorCode }] }] } = electLeaders(
    image,
    { electionType: 1, topicPartitions: [{ topic: "t", partitions: [0] }] },
    decisionContext(),
  );
  assertEquals(errorCode, ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE);
  // The last one stays: there is no word for none.
  lose(bad, good);
  assertEquals(image.brokers.get(1)!.logDirs, [good]);
  apply(image, { records: [...leadPartitions(image, 1, { wasClean: false })] });
  register();
  assertEquals(state(), [[1, []], [1, []]]);
});
