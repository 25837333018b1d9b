// The commands of tests/interop/support/clients.ts, on kafkajs. It consumes in groups only, and brings gzip alone;
// kafkajs-snappy is its plugin for Snappy.
import { createRequire } from "node:module";
import { argv, execPath, stdin } from "node:process";
import { batchesOfLines } from "./lines.mjs";

// The packages were installed beside the Node that runs this.
const require = createRequire(execPath);
const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = require("kafkajs");
CompressionCodecs[CompressionTypes.Snappy] = require("kafkajs-snappy");

const [verb, bootstrap, topic, ...rest] = argv.slice(2);
const kafka = new Kafka({ clientId: "interop", brokers: [bootstrap], logLevel: logLevel.ERROR });
const verbs = { produce, admin, offsets, member };
if (!verbs[verb]) throw new Error(`unknown command: ${verb}`);
await verbs[verb](...rest);

async function produce(compression, file) {
  const type =
    { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy }[compression];
  if (type === undefined) throw new Error(`no compression type ${compression}`);
  const producer = kafka.producer();
  await producer.connect();
  for (const lines of batchesOfLines(file)) {
    await producer.send({ topic, acks: -1, compression: type, messages: lines.map((value) => ({ value })) });
  }
  await producer.disconnect();
}

async function admin() {
  const client = kafka.admin();
  await client.connect();
  await client.createTopics({
    topics: [{ topic, numPartitions: 3, configEntries: [{ name: "retention.ms", value: "3600000" }] }],
  });
  console.log("created");
  await describe(client);
  await client.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
  console.log("grown");
  await describe(client);
  await client.deleteTopics({ topics: [topic] });
  console.log("deleted");
  console.log(`listed: ${(await client.listTopics()).includes(topic)}`);
  await client.disconnect();
}

async function describe(client) {
  console.log(`listed: ${(await client.listTopics()).includes(topic)}`);
  const { topics: [{ partitions }] } = await client.fetchTopicMetadata({ topics: [topic] });
  console.log(`partitions: ${partitions.map(({ partitionId }) => partitionId).sort().join(" ")}`);
  const { resources: [{ configEntries }] } = await client.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
  });
  console.log(`retention.ms: ${configEntries.find(({ configName }) => configName === "retention.ms").configValue}`);
}

async function offsets() {
  const hourAgo = Date.now() - 3_600_000;
  const producer = kafka.producer();
  await producer.connect();
  for (let i = 0; i < 3; i++) {
    await producer.send({ topic, messages: [{ value: "x", timestamp: String(hourAgo + 1000 * i) }] });
  }
  await producer.disconnect();
  const client = kafka.admin();
  await client.connect();
  const [{ low, high }] = await client.fetchTopicOffsets(topic);
  console.log(`earliest: ${low}`);
  console.log(`latest: ${high}`);
  for (const after of [500, 3000]) {
    // Where there is no such record, kafkajs answers with the end of the log.
    const [{ offset }] = await client.fetchTopicOffsetsByTimestamp(topic, hourAgo + after);
    console.log(`after ${after} ms: ${offset === high ? "none" : offset}`);
  }
  await client.disconnect();
}

async function member(groupId) {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 500, maxWaitTimeInMs: 500 });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const partitions = payload.memberAssignment[topic] ?? [];
    console.log(["assigned", ...partitions.toSorted((a, b) => a - b)].join(" "));
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    async eachMessage({ partition, message }) {
      console.log(`record ${partition} ${message.offset} ${message.value}`);
      const offset = String(BigInt(message.offset) + 1n);
      await consumer.commitOffsets([{ topic, partition, offset }]);
    },
  });
  stdin.resume();
  stdin.on("end", () => consumer.disconnect());
}
