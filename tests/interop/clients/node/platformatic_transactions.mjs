// The commands of tests/interop/transactions_test.ts, on @platformatic/kafka.
import { createRequire } from "node:module";
import { argv, execPath, exit } from "node:process";

// The package was installed beside the Node that runs this.
const require = createRequire(execPath);
const { Consumer, FetchIsolationLevels, Producer } = require(
  "@platformatic/kafka",
);

const RECORDS = 5;

const [verb, bootstrap, topic, ...rest] = argv.slice(2);
const options = { clientId: "interop", bootstrapBrokers: [bootstrap] };
const verbs = { transact, committed };
if (!verbs[verb]) throw new Error(`unknown command: ${verb}`);
await verbs[verb](...rest);
exit(0);

async function transact(groupId) {
  const first = openProducer();
  const consumer = new Consumer({ ...options, groupId });
  const input = await read(consumer, `${topic}-input`);
  await (await process(first, consumer, input, "committed")).commit();
  await (await process(first, consumer, input, "aborted")).abort();
  await consumer.close(true);
  const fenced = await first.beginTransaction();
  await write(fenced, "fenced");
  const after = await openProducer().beginTransaction();
  await write(after, "after");
  await after.commit();
  try {
    await fenced.commit();
    console.log("not fenced");
  } catch (error) {
    console.log(isFencing(error) ? "fenced" : `not fenced: ${error}`);
  }
}

/** Whether the broker's answer stands among the causes of an error. */
function isFencing(error) {
  if (/^(PRODUCER_FENCED|INVALID_PRODUCER_EPOCH)$/.test(error?.apiId)) {
    return true;
  }
  return (error?.errors ?? []).some(isFencing);
}

/** Reads some records, and writes as many, and what was read, as one. */
async function process(producer, consumer, input, word) {
  const transaction = await producer.beginTransaction();
  await transaction.addConsumer(consumer);
  for (const message of await take(input, RECORDS)) {
    await write(transaction, `${word} ${message.value}`);
    await transaction.addOffset(message);
  }
  return transaction;
}

function write(transaction, text) {
  const value = Buffer.from(text);
  return transaction.send({ messages: [{ topic, partition: 0, value }] });
}

async function committed(count) {
  const consumer = new Consumer({ ...options, groupId: `reader-of-${topic}` });
  for (const { value } of await take(await read(consumer, topic), +count)) {
    console.log(String(value));
  }
  await consumer.close(true);
}

async function read(consumer, from) {
  const stream = await consumer.consume({
    topics: [from],
    autocommit: false,
    mode: "committed",
    fallbackMode: "earliest",
    isolationLevel: FetchIsolationLevels.READ_COMMITTED,
  });
  return stream[Symbol.asyncIterator]();
}

async function take(messages, count) {
  const taken = [];
  while (taken.length < count) taken.push((await messages.next()).value);
  return taken;
}

function openProducer() {
  return new Producer({
    ...options,
    transactionalId: topic,
    idempotent: true,
    autocreateTopics: true,
  });
}
