/**
 * Metadata folders go to and fro between Apache Kafka and this broker's metadata: each takes over what the other wrote.
 */
import { assert, assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { ZERO_UUID } from "../../lib/bytes/mod.ts";
import { ConfigOperation, ConfigResourceType, Metadata } from "../../lib/metadata/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../lib/protocol/messages/describe_configs.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "../../lib/protocol/messages/init_producer_id.ts";
import { MetadataRequest, MetadataResponse } from "../../lib/protocol/messages/metadata.ts";
import { DenoDisk } from "../../lib/shell/disk.ts";
import { systemClock, systemRandom, systemTimers } from "../../lib/shell/clock.ts";
import { metadataOptions, TestLogger } from "../metadata/support.ts";
import {
  apacheKafkaIsMissing,
  freePorts,
  runJava,
  type RunningBroker,
  startApacheKafka,
} from "./support/apache_kafka.ts";
import { RawClient } from "./support/raw_client.ts";

const missing = apacheKafkaIsMissing();
const why = missing === null ? "" : ` (not tested: ${missing})`;

/** The two ways to configure who the controllers are. */
type QuorumStyle = "static" | "dynamic";

Deno.test({
  name: `a folder that was filled here is served by Apache Kafka, with either kind of quorum, and comes back${why}`,
  ignore: missing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      const metadata = await open(folder);
      await metadata.createTopics({ topics: [topic("ours", 3), topic("gone", 1)], validateOnly: false });
      await metadata.deleteTopics([{ name: "gone", topicId: ZERO_UUID }]);
      await metadata.createPartitions({ topics: [{ name: "ours", count: 4, assignments: null }], validateOnly: false });
      await setRetention(metadata, "ours", "123456");
      const { firstProducerId, size } = await metadata.allocateProducerIds();
      const ids = topicIds(metadata);
      await close(metadata, folder);
      await dumpFindsNothingWrong(folder);

      const theirProducerId = await withApacheKafka(folder, "dynamic", async (client) => {
        assertEquals(await topicsOf(client), new Map([["ours", { id: ids.get("ours")!, partitions: 4 }]]));
        assertEquals(await retentionOf(client, "ours"), "123456");
        await createTopic(client, "theirs");
        return initProducerId(client);
      });
      assertGreaterOrEqual(theirProducerId, firstProducerId + BigInt(size));

      const again = await open(folder);
      assertEquals(again.image.topicByName("ours")?.id, ids.get("ours"));
      assertEquals([...again.image.topics()].map(({ name }) => name), ["ours", "theirs"]);
      for (const { partitions } of again.image.topics()) {
        for (const { leader, isr } of partitions.values()) assertEquals([leader, isr], [again.nodeId, [again.nodeId]]);
      }
      assertGreaterOrEqual((await again.allocateProducerIds()).firstProducerId, theirProducerId + 1n);
      await again.createTopics({ topics: [topic("later", 1)], validateOnly: false });
      const allIds = topicIds(again);
      await close(again, folder);

      await withApacheKafka(folder, "static", async (client) => {
        const found = [...await topicsOf(client)].map(([name, { id }]) => [name, id] as const);
        assertEquals(new Map(found.sort()), new Map([...allIds].sort()));
        assertEquals(await retentionOf(client, "ours"), "123456");
      });
      const last = await open(folder);
      assertEquals(topicIds(last), allIds);
      await close(last, folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: `a folder of a static quorum goes from Apache Kafka to here and back, with snapshots made here${why}`,
  ignore: missing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      const theirs = await withApacheKafka(folder, "static", async (client) => {
        await createTopic(client, "theirs");
        return topicsOf(client);
      });

      const metadata = await open(folder, { maxBytesBetweenSnapshots: 1000, retentionBytes: 1500, segmentBytes: 1000 });
      assertEquals(metadata.image.topicByName("theirs")?.id, theirs.get("theirs")?.id);
      assertEquals(metadata.quorum.kraftVersion, 0);
      for (let index = 0; index < 10; index++) {
        await metadata.createTopics({ topics: [topic(`ours-${index}`, 2)], validateOnly: false });
      }
      await setRetention(metadata, "theirs", "777777");
      const ids = topicIds(metadata);
      await close(metadata, folder);
      const log = `${folder}/data/__cluster_metadata-0`;
      assert([...Deno.readDirSync(log)].some(({ name }) => name.endsWith(".checkpoint")));
      assertEquals([...Deno.readDirSync(log)].some(({ name }) => name === "00000000000000000000.log"), false);
      await dumpFindsNothingWrong(folder);

      await withApacheKafka(folder, "static", async (client) => {
        const found = [...await topicsOf(client)].map(([name, { id }]) => [name, id] as const);
        assertEquals(new Map(found.sort()), new Map([...ids].sort()));
        assertEquals(await retentionOf(client, "theirs"), "777777");
      });
      const last = await open(folder);
      assertEquals(topicIds(last), ids);
      await close(last, folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

function open(folder: string, logSettings = {}): Promise<Metadata> {
  return Metadata.open(metadataOptions(new DenoDisk(), {
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    logger: new TestLogger(),
    dataDirs: [`${folder}/data`],
    logSettings,
  }));
}

/** Stops cleanly, and says so in the way of a broker whose logs are closed. */
async function close(metadata: Metadata, folder: string): Promise<void> {
  const { brokerEpoch } = metadata;
  await metadata.close();
  Deno.writeTextFileSync(`${folder}/data/.kafka_cleanshutdown`, `{"version":0,"brokerEpoch":${brokerEpoch}}`);
}

function topic(name: string, numPartitions: number) {
  return { name, numPartitions, replicationFactor: 1, assignments: [], configs: [] };
}

async function setRetention(metadata: Metadata, topic: string, value: string): Promise<void> {
  const configs = [{ name: "retention.ms", configOperation: ConfigOperation.SET, value }];
  const resources = [{ resourceType: ConfigResourceType.TOPIC, resourceName: topic, configs }];
  await metadata.incrementalAlterConfigs({ resources, validateOnly: false });
}

function topicIds(metadata: Metadata): Map<string, string> {
  return new Map([...metadata.image.topics()].map(({ name, id }) => [name, id]));
}

/** Runs Apache Kafka on the folder while `use` runs. */
async function withApacheKafka<T>(
  folder: string,
  style: QuorumStyle,
  use: (client: RawClient) => Promise<T>,
): Promise<T> {
  const port = freePorts(2, 21200, 21298);
  const settings: Record<string, string> = style === "static"
    ? {}
    : { "controller.quorum.voters": "", "controller.quorum.bootstrap.servers": `127.0.0.1:${port + 1}` };
  const broker: RunningBroker = await startApacheKafka({ folder, port, settings });
  try {
    using client = await RawClient.connect(broker);
    return await use(client);
  } finally {
    await broker[Symbol.asyncDispose]();
  }
}

async function topicsOf(client: RawClient): Promise<Map<string, { id: string; partitions: number }>> {
  const { topics } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: null });
  return new Map(topics.map(({ name, topicId, partitions }) => {
    for (const { leaderId } of partitions) assertEquals(leaderId, 1);
    return [name!, { id: topicId, partitions: partitions.length }];
  }));
}

async function createTopic(client: RawClient, name: string): Promise<void> {
  const { topics } = await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1 }],
    timeoutMs: 10_000,
  });
  assertEquals(topics.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]), [[0, null]]);
}

async function retentionOf(client: RawClient, topic: string): Promise<string | null> {
  const { results } = await client.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
    resources: [{ resourceType: 2, resourceName: topic, configurationKeys: ["retention.ms"] }],
  });
  return results[0].configs[0].value;
}

/** Asks again as long as Apache Kafka is getting its first block of ids. */
async function initProducerId(client: RawClient): Promise<bigint> {
  for (;;) {
    const { errorCode, producerId } = await client.ask(InitProducerIdRequest, InitProducerIdResponse, 4, {
      transactionalId: null,
      transactionTimeoutMs: 60_000,
      producerId: -1n,
      producerEpoch: -1,
    });
    if (errorCode === ErrorCode.NONE) return producerId;
    assertEquals(errorCode, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
  }
}

/** Apache Kafka's own tool reads every segment, index and snapshot of the metadata log. */
async function dumpFindsNothingWrong(folder: string): Promise<void> {
  const log = `${folder}/data/__cluster_metadata-0`;
  const files = [...Deno.readDirSync(log)].map(({ name }) => name).filter((name) =>
    /\.(log|index|timeindex|checkpoint)$/.test(name)
  );
  const output = await runJava("org.apache.kafka.tools.DumpLogSegments", [
    "--cluster-metadata-decoder",
    "--files",
    files.map((name) => `${log}/${name}`).join(","),
  ]);
  assertMatch(output, /REGISTER_BROKER_RECORD/);
  assertEquals(output.split("\n").filter((line) => /isvalid: false|mismatch|Could not|Found/i.test(line)), []);
}
