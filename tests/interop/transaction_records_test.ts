/**
 * What Barnabas writes of transactions into `__transaction_state`, `__consumer_offsets` and a producer's partition is what
 * Apache Kafka writes there: the same batches with the same records in the same versions, but for the times.
 */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import {
  decodeGroupRecord,
  decodeTransactionRecord,
  type RecordBytes,
  type UnknownCoordinatorRecord,
} from "../../lib/protocol/records/mod.ts";
import { type Batch, batchesOf, controlRecordTypeOf, coordinatorEpochOf, recordsOf } from "../../lib/records/mod.ts";
import { TransactionalProducer } from "../api/handlers/transactional_producer.ts";
import { apacheKafkaIsMissing, freePorts, type RunningBroker, startApacheKafka } from "./support/apache_kafka.ts";
import { startBarnabas } from "./support/barnabas.ts";
import { RawClient } from "./support/raw_client.ts";
import { untilAnswered, untilCoordinated } from "./support/transactions.ts";

const missing = apacheKafkaIsMissing();
/** Of this test alone, since tests run side by side. */
const PORTS = [21000, 21019] as const;
const SETTINGS = { "transaction.state.log.num.partitions": "1", "offsets.topic.num.partitions": "1" };
const COMPRESSOR = { supports: () => false } as unknown as Parameters<typeof recordsOf>[1];

for (const protocol of [1, 2] as const) {
  Deno.test({
    name: `the records of transactions of protocol ${protocol} are those of Apache Kafka${
      missing === null ? "" : ` (ignored: ${missing})`
    }`,
    ignore: missing !== null,
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "barnabas-transactions-" });
      try {
        const theirs = await written(
          await startApacheKafka({ folder: `${folder}/theirs`, port: freePorts(2, ...PORTS), settings: SETTINGS }),
          protocol,
        );
        const ours = await written(
          await startBarnabas({ folder: `${folder}/ours`, settings: { "node.id": "1", ...SETTINGS } }),
          protocol,
        );
        for (const [topic, lines] of Object.entries(theirs)) {
          assertGreater(lines.length, 5, topic);
          assertEquals(ours[topic], lines, topic);
        }
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

/** Runs transactions, and returns what stands in each topic then, a line for a batch or a record. */
async function written(broker: RunningBroker, protocol: 1 | 2): Promise<Record<string, string[]>> {
  await using _ = broker;
  using asked = await RawClient.connect(broker);
  await untilCoordinated(asked, "g", ["id"]);
  await asked.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name: "t", numPartitions: 1, replicationFactor: 1 }],
  });
  const producer = new TransactionalProducer(asked, "id", protocol);
  const succeeds = async (ask: () => Promise<number>) => assertEquals(await untilAnswered(ask), ErrorCode.NONE);
  await succeeds(() => producer.init());
  for (const end of ["commit", "abort"] as const) {
    if (protocol === 1) {
      await succeeds(() => producer.addPartitions("t", 0));
      await succeeds(() => producer.addOffsets("g"));
    }
    await succeeds(() => producer.send("t", 0, "a"));
    await succeeds(() => producer.commitOffset("g", "t", 3));
    await succeeds(() => producer[end]());
  }
  await succeeds(() => producer.init());
  if (protocol === 1) await succeeds(() => producer.addPartitions("t", 0));
  await succeeds(() => producer.send("t", 0, "b"));
  await succeeds(() => new TransactionalProducer(asked, "id", protocol).init());
  return {
    t: await linesOf(asked, "t", () => ({ name: null, type: -1 })),
    __transaction_state: await linesOf(asked, "__transaction_state", decodeTransactionRecord),
    __consumer_offsets: await linesOf(asked, "__consumer_offsets", decodeGroupRecord),
  };
}

async function linesOf(
  asked: RawClient,
  topic: string,
  decode: (record: RecordBytes) => { readonly name: string | null } | UnknownCoordinatorRecord,
): Promise<string[]> {
  const { responses: [{ partitions: [{ records }] }] } = await asked.ask(FetchRequest, FetchResponse, 11, {
    replicaId: -1,
    sessionEpoch: -1,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 << 20 }] }],
  });
  return [...batchesOf(records!)].flatMap((each) => {
    assert(each.magic === 2);
    return [
      headerOf(each),
      ...Array.from(recordsOf(each, COMPRESSOR), (record) => {
        if (each.isControl) {
          return `  marker ${controlRecordTypeOf(record)} of coordinator epoch ${coordinatorEpochOf(record)}`;
        }
        const decoded = record.key === null ? record.value : decode({ key: record.key, value: record.value });
        return `  ${show(decoded)}`;
      }),
    ];
  });
}

function headerOf(batch: Batch & { magic: 2 }): string {
  const { baseOffset, isTransactional, isControl, producerId, producerEpoch, baseSequence, compressionType } = batch;
  return show({ baseOffset, isTransactional, isControl, producerId, producerEpoch, baseSequence, compressionType });
}

/** Times aside, and with the order of partitions that a hash table has put in order. */
function show(value: unknown): string {
  return JSON.stringify(value, (name, part) => {
    if (typeof part === "bigint") return /timestamp/i.test(name) && part > 0n ? "<time>" : Number(part);
    return name === "transactionPartitions" && part !== null
      ? part.toSorted((a: { topic: string }, b: { topic: string }) => a.topic < b.topic ? -1 : 1)
      : part;
  });
}
