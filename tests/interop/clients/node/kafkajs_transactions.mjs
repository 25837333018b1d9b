// The commands of tests/interop/transactions_test.ts, on kafkajs.
import { createRequire } from "node:module";
import { argv, execPath, exit } from "node:process";

// The packages were installed beside the Node that runs this.
const require = createRequire(execPath);
const { Kafka, logLevel } = require("kafkajs");

const RECORDS = 5;

const [verb, bootstrap, topic, ...rest] = argv.slice(2);
const kafka = new Kafka({ clientId: "interop", brokers: [bootstrap], logLevel: logLevel.NOTHING });
const verbs = { transact, committed };
if (!verbs[verb]) throw new Error(`unknown command: ${verb}`);
await verbs[verb](...rest);
exit(0);

async function transact(groupId) {
  const first = await producer();
  await process(first, groupId, "committed", "commit");
  await process(first, groupId, "aborted", "abort");
  const fenced = await first.transaction();
  await fenced.send({ topic, messages: [{ value: "fenced", partition: 0 }] });
  const second = await producer();
  const after = await second.transaction();
  await after.send({ topic, messages: [{ value: "after", partition: 0 }] });
  await after.commit();
  try {
    await fenced.commit();
    console.log("not fenced");
  } catch (error) {
    const isFenced = ["PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH"].includes(error.type);
    console.log(isFenced ? "fenced" : `not fenced: ${error.type} ${error.message}`);
  }
}

// Reads some records, and writes as many, and what was read, as one transaction. A consumer of kafkajs gives batches as
// they come, so each transaction has a consumer of its own.
async function process(writer, groupId, word, end) {
  const { values, next } = await read(groupId, `${topic}-input`, RECORDS);
  const transaction = await writer.transaction();
  await transaction.send({ topic, messages: values.map((value) => ({ value: `${word} ${value}`, partition: 0 })) });
  const partitions = [{ partition: 0, offset: String(next) }];
  await transaction.sendOffsets({ consumerGroupId: groupId, topics: [{ topic: `${topic}-input`, partitions }] });
  await transaction[end]();
}

async function committed(count) {
  const { values } = await read(`reader-of-${topic}`, topic, Number(count));
  for (const value of values) console.log(value);
}

async function read(groupId, from, count) {
  const consumer = kafka.consumer({ groupId, readUncommitted: false });
  await consumer.connect();
  await consumer.subscribe({ topics: [from], fromBeginning: true });
  const values = [];
  let next = 0n;
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.run({
      autoCommit: false,
      eachMessage({ message }) {
        if (values.length === count) return;
        values.push(String(message.value));
        next = BigInt(message.offset) + 1n;
        if (values.length === count) resolve();
      },
    });
  });
  await consumer.disconnect();
  return { values, next };
}

async function producer() {
  const one = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
  await one.connect();
  return one;
}
