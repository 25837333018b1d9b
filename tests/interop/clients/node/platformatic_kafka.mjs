// The commands of tests/interop/support/clients.ts, on @platformatic/kafka. Its streams join a
// group; its fetch() does not.
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { argv, execPath, stdin, stdout } from "node:process";
import { batchesOfLines } from "./lines.mjs";

// The package was installed beside the Node that runs this.
const require = createRequire(execPath);
const { Admin, ConfigResourceTypes, Consumer, ListOffsetTimestamps, Producer } = require("@platformatic/kafka");

const FETCH_MAX_BYTES = 10_000_000;
const TIMEOUT_MS = 120_000;

const [verb, bootstrap, topic, ...rest] = argv.slice(2);
const options = { clientId: "interop", bootstrapBrokers: [bootstrap], autocreateTopics: true, retries: 10 };
const verbs = { produce, consume, admin, offsets, member };
if (!verbs[verb]) throw new Error(`unknown command: ${verb}`);
await verbs[verb](...rest);

async function produce(compression, file) {
  const producer = new Producer(options);
  for (const lines of batchesOfLines(file)) {
    await producer.send({ acks: -1, compression, messages: lines.map((value) => ({ topic, partition: 0, value })) });
  }
  await producer.close();
}

async function consume(count) {
  const consumer = new Consumer({ ...options, groupId: "none" });
  const metadata = await consumer.metadata({ topics: [topic] });
  const { id: topicId, partitions: [{ leader }] } = metadata.topics.get(topic);
  const deadline = Date.now() + TIMEOUT_MS;
  let next = 0n;
  for (let seen = 0; seen < Number(count);) {
    if (Date.now() > deadline) throw new Error(`only ${seen} records came`);
    for (const { value, offset } of await fetchFrom(consumer, leader, topicId, next)) {
      // The first batch may start before the offset that was asked for.
      if (offset < next) continue;
      stdout.write(value);
      stdout.write("\n");
      next = offset + 1n;
      seen++;
    }
  }
  await consumer.close();
}

async function fetchFrom(consumer, leader, topicId, fetchOffset) {
  const { responses: [response] } = await consumer.fetch({
    node: leader,
    minBytes: 1,
    maxBytes: FETCH_MAX_BYTES,
    maxWaitTime: 1_000,
    topics: [{
      topicId,
      partitions: [{
        partition: 0,
        currentLeaderEpoch: -1,
        fetchOffset,
        lastFetchedEpoch: -1,
        partitionMaxBytes: FETCH_MAX_BYTES,
      }],
    }],
  });
  const batches = response?.partitions[0].records ?? [];
  return batches.flatMap(({ firstOffset, records }) =>
    records.map(({ value, offsetDelta }) => ({ value, offset: firstOffset + BigInt(offsetDelta) }))
  );
}

async function admin() {
  const client = new Admin(options);
  const configs = [{ name: "retention.ms", value: "3600000" }];
  await client.createTopics({ topics: [topic], partitions: 3, replicas: 1, configs });
  console.log("created");
  await describe(client);
  await client.createPartitions({ topics: [{ name: topic, count: 5 }] });
  console.log("grown");
  await describe(client);
  await client.deleteTopics({ topics: [topic] });
  console.log("deleted");
  console.log(`listed: ${(await client.listTopics()).includes(topic)}`);
  await client.close();
}

async function describe(client) {
  console.log(`listed: ${(await client.listTopics()).includes(topic)}`);
  const { topics } = await client.metadata({ topics: [topic], forceUpdate: true });
  console.log(`partitions: ${[...topics.get(topic).partitions.keys()].join(" ")}`);
  const [{ configs }] = await client.describeConfigs({
    resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic }],
  });
  console.log(`retention.ms: ${configs.find(({ name }) => name === "retention.ms").value}`);
}

async function offsets() {
  const hourAgo = BigInt(Date.now() - 3_600_000);
  const producer = new Producer(options);
  for (const delay of [0n, 1000n, 2000n]) {
    const message = { topic, partition: 0, value: Buffer.from("x"), timestamp: hourAgo + delay };
    await producer.send({ acks: -1, messages: [message] });
  }
  await producer.close();
  const client = new Admin(options);
  console.log(`earliest: ${await offsetAt(client, ListOffsetTimestamps.EARLIEST)}`);
  console.log(`latest: ${await offsetAt(client, ListOffsetTimestamps.LATEST)}`);
  for (const after of [500n, 3000n]) {
    const offset = await offsetAt(client, hourAgo + after);
    console.log(`after ${after} ms: ${offset < 0n ? "none" : offset}`);
  }
  await client.close();
}

async function offsetAt(client, timestamp) {
  const [{ partitions: [{ offset }] }] = await client.listOffsets({
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }],
  });
  return offset;
}

async function member(groupId) {
  const consumer = new Consumer({ ...options, groupId, heartbeatInterval: 500 });
  consumer.on("consumer:group:join", ({ assignments }) => {
    const partitions = assignments?.find((assignment) => assignment.topic === topic)?.partitions ?? [];
    console.log(["assigned", ...partitions.toSorted((a, b) => a - b)].join(" "));
  });
  const stream = await consumer.consume({
    topics: [topic],
    autocommit: false,
    mode: "committed",
    fallbackMode: "earliest",
  });
  stdin.resume();
  stdin.on("end", () => consumer.close(true));
  for await (const message of stream) {
    console.log(`record ${message.partition} ${message.offset} ${message.value}`);
    await message.commit();
  }
}
