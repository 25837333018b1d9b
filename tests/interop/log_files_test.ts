/**
 * Partitions' folders go to and fro between Apache Kafka and the logs of this broker: what one wrote, the other reads,
 * and Apache Kafka's own inspector finds nothing wrong.
 */
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { createLogContext, FileLog, type LogConfig } from "../../lib/log/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from "../../lib/protocol/messages/add_partitions_to_txn.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { EndTxnRequest, EndTxnResponse } from "../../lib/protocol/messages/end_txn.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "../../lib/protocol/messages/find_coordinator.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "../../lib/protocol/messages/init_producer_id.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../lib/protocol/messages/list_offsets.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { ControlRecordType } from "../../lib/protocol/records/producer.ts";
import {
  batchesOf,
  type BatchOptions,
  type CompressionType,
  RecordBatchBuilder,
  recordsOf,
  transactionMarkerBatch,
} from "../../lib/records/mod.ts";
import { systemClock, systemRandom } from "../../lib/shell/clock.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { DenoDisk } from "../../lib/shell/disk.ts";
import { CONFIG, TOPIC_ID } from "../log/support.ts";
import { apacheKafkaIsMissing, freePorts, runJava, startApacheKafka } from "./support/apache_kafka.ts";
import { RawClient } from "./support/raw_client.ts";

const missing = apacheKafkaIsMissing();
const why = missing === null ? "" : ` (not tested: ${missing})`;

const TYPES: readonly CompressionType[] = (["none", "gzip", "snappy", "lz4", "zstd"] as const).filter((type) =>
  type === "none" || runtimeCompressor.supports(type)
);
/** The least that Apache Kafka allows. */
const SEGMENT_BYTES = 1 << 20;
const RECORDS_EACH = 200;
const NOW = Date.now() - 3_600_000;

/** Batches of about 180 KB, unless compressed. The values tell the offsets, the timestamps go up and down. */
function batchAt(offset: number, options: BatchOptions = {}): Uint8Array {
  const builder = new RecordBatchBuilder(options, runtimeCompressor);
  for (let index = 0; index < RECORDS_EACH; index++) {
    const value = new TextEncoder().encode(`${offset + index}`.padEnd(900, "."));
    builder.append({ timestamp: NOW + offset + timeOf(index), key: null, value });
  }
  return builder.build();
}

/** Milliseconds of a record after the first of its batch: 0 to 49, up and down. */
function timeOf(index: number): number {
  return (index * 7) % 50;
}

function context(warnings: string[] = []) {
  const warn = (line: string) => void warnings.push(line);
  const logger = { info: () => {}, warn, error: warn };
  return createLogContext({
    disk: new DenoDisk(),
    clock: systemClock,
    random: systemRandom,
    compressor: runtimeCompressor,
    logger,
  });
}

const config: LogConfig = { ...CONFIG, segmentBytes: SEGMENT_BYTES };

function open(path: string, hadCleanShutdown: boolean, warnings: string[] = []): Promise<FileLog> {
  const options = { config, hadCleanShutdown, recoveryPoint: 0, logStartOffset: 0 };
  return FileLog.open(context(warnings), path, { topic: "t", partition: 0 }, options);
}

async function append(log: FileLog, bytes: Uint8Array, origin: "client" | "coordinator" = "client"): Promise<void> {
  const { errorMessage } = await log.append(bytes, { origin, acks: "durable" });
  assertEquals(errorMessage, null);
}

/**
 * All records, each checked to be the one that belongs to its offset; returns how many are data, and what committed
 * readers leave out.
 */
async function readAndCheck(log: FileLog): Promise<{ dataRecords: number; aborted: Set<string> }> {
  let dataRecords = 0;
  const aborted = new Set<string>();
  for (let offset = 0; offset < log.lastStableOffset;) {
    const limits = { maxBytes: 300_000, atLeastOneBatch: true, isolationLevel: "read-committed" } as const;
    const result = await log.read(offset, limits);
    assertEquals(result.errorCode, ErrorCode.NONE);
    for (const { producerId, firstOffset } of result.abortedTransactions!) aborted.add(`${producerId}@${firstOffset}`);
    for (const batch of batchesOf(result.records)) {
      assert(batch.checksumOk());
      assertEquals(batch.lastOffset >= offset, true);
      offset = batch.nextOffset;
      if (batch.isControl) continue;
      for (const record of recordsOf(batch, runtimeCompressor)) {
        assertEquals(parseInt(new TextDecoder().decode(record.value!)), record.offset);
        dataRecords++;
      }
    }
  }
  return { dataRecords, aborted };
}

/** Times lead to the first record that is not older, of all that `batchAt` makes. */
async function checkTimes(log: FileLog): Promise<void> {
  for (const at of [0, 30, 49, 50, 230, 999, 1248]) {
    const base = Math.max(0, Math.ceil((at - 49) / RECORDS_EACH)) * RECORDS_EACH;
    const index = Array.from({ length: RECORDS_EACH }, (_, index) => base + timeOf(index) >= at).indexOf(true);
    assertEquals((await log.offsetForTimestamp(NOW + at)).offset, base + index, `${at}`);
  }
}

async function inspect(path: string): Promise<void> {
  const files = [...Deno.readDirSync(path)].map(({ name }) => name).filter((name) =>
    /\.(log|index|timeindex|txnindex|snapshot)$/.test(name)
  );
  const output = await runJava("org.apache.kafka.tools.DumpLogSegments", [
    "--deep-iteration",
    "--files",
    files.sort().map((name) => `${path}/${name}`).join(","),
  ]);
  assertMatch(output, /isvalid: true/);
  const bad = /isvalid: false|mismatch|invalid|corrupt|Found|Could not|is followed by/i;
  // It expects every file to begin with offset 0.
  const firsts = /^ +-1 is followed by \d+$/;
  const isOld = (line: string) => firsts.test(line) || line.startsWith("Non-consecutive offsets in");
  assertEquals(output.split("\n").filter((line) => bad.test(line) && !isOld(line)), []);
}

Deno.test({
  name:
    `Apache Kafka's inspector finds nothing wrong in what was written here, after a clean stop and after a crash${why}`,
  ignore: missing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      const path = `${folder}/t-0`;
      const log = FileLog.create(context(), path, { topic: "t", partition: 0 }, TOPIC_ID, config, 0);
      for (let batch = 0; batch < 15; batch++) {
        const options = { compressionType: TYPES[batch % TYPES.length], producerId: 5n, producerEpoch: 0 };
        await append(log, batchAt(log.logEndOffset, { ...options, baseSequence: batch * RECORDS_EACH }));
        const inTransaction = { producerId: 6n, producerEpoch: 0, isTransactional: true };
        await append(log, batchAt(log.logEndOffset, { ...inTransaction, baseSequence: batch * RECORDS_EACH }));
        const type = batch % 2 === 0 ? ControlRecordType.ABORT : ControlRecordType.COMMIT;
        const marker = { type, producerId: 6n, producerEpoch: 0, coordinatorEpoch: 0 };
        await append(log, transactionMarkerBatch(marker, NOW), "coordinator");
      }
      const seen = await readAndCheck(log);
      assertEquals([seen.dataRecords, seen.aborted.size], [30 * RECORDS_EACH, 8]);
      // The log is left as it stands, as a crash leaves it.
      const recovered = await open(path, false);
      assertEquals(await readAndCheck(recovered), seen);
      await recovered.close();
      assertGreater([...Deno.readDirSync(path)].filter(({ name }) => name.endsWith(".txnindex")).length, 1);
      await inspect(path);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: `a partition that Apache Kafka wrote is read here, from its indexes and after a crash, and written on${why}`,
  ignore: missing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      const logEndOffset = await fillApacheKafka(folder);
      for (const [data, hadCleanShutdown] of [["data", true], ["crashed", false]] as const) {
        const path = `${folder}/${data}/t-0`;
        const warnings: string[] = [];
        const log = await open(path, hadCleanShutdown, warnings);
        assertEquals([log.logEndOffset, log.lastStableOffset], [logEndOffset, logEndOffset]);
        const { dataRecords, aborted } = await readAndCheck(log);
        assertEquals([dataRecords, aborted.size, log.producers().length], [14 * RECORDS_EACH, 1, 1]);
        await checkTimes(log);
        await append(log, batchAt(log.logEndOffset));
        await log.close();
        assertEquals(warnings, []);
        await inspect(path);
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

/**
 * Has Apache Kafka write a partition: `data` is what a clean stop leaves of it, `crashed` what was there before.
 * Returns its end.
 */
async function fillApacheKafka(folder: string): Promise<number> {
  await using kafka = await startApacheKafka({ folder, port: freePorts(2) });
  using client = await RawClient.connect(kafka);
  const configs = [{ name: "segment.bytes", value: `${SEGMENT_BYTES}` }];
  const topic = { name: "t", numPartitions: 1, replicationFactor: 1, assignments: [], configs };
  const created = await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [topic],
    timeoutMs: 10_000,
  });
  assertEquals(created.topics[0].errorCode, ErrorCode.NONE);
  for (let batch = 0; batch < 10; batch++) {
    await produce(client, batchAt(await endOffset(client), { compressionType: TYPES[batch % TYPES.length] }), null);
  }
  const producer = await initTransactions(client);
  for (const committed of [false, true]) await transaction(client, producer, committed);
  await new Deno.Command("cp", { args: ["-r", `${folder}/data`, `${folder}/crashed`] }).output();
  return await endOffset(client);
}

async function initTransactions(client: RawClient): Promise<{ producerId: bigint; producerEpoch: number }> {
  // Asking for the coordinator makes its topic.
  const coordinator = { keyType: 1, coordinatorKeys: ["x"] };
  await client.ask(FindCoordinatorRequest, FindCoordinatorResponse, 4, coordinator);
  let producer = { producerId: -1n, producerEpoch: -1 };
  await eventually(async () => {
    const request = { transactionalId: "x", transactionTimeoutMs: 60_000 };
    producer = await client.ask(InitProducerIdRequest, InitProducerIdResponse, 4, request);
    return producer.producerId >= 0n;
  });
  return producer;
}

async function transaction(
  client: RawClient,
  { producerId, producerEpoch }: { producerId: bigint; producerEpoch: number },
  committed: boolean,
): Promise<void> {
  const first = committed ? 2 * RECORDS_EACH : 0;
  await eventually(async () => {
    const { resultsByTopicV3AndBelow: [topic] } = await client.ask(
      AddPartitionsToTxnRequest,
      AddPartitionsToTxnResponse,
      3,
      {
        v3AndBelowTransactionalId: "x",
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: [{ name: "t", partitions: [0] }],
      },
    );
    return topic.resultsByPartition[0].partitionErrorCode === ErrorCode.NONE;
  });
  for (const baseSequence of [first, first + RECORDS_EACH]) {
    const options = { producerId, producerEpoch, baseSequence, isTransactional: true };
    await produce(client, batchAt(await endOffset(client), options), "x");
  }
  const end = await endOffset(client);
  const request = { transactionalId: "x", producerId, producerEpoch, committed };
  assertEquals((await client.ask(EndTxnRequest, EndTxnResponse, 3, request)).errorCode, ErrorCode.NONE);
  await eventually(async () => await endOffset(client) > end);
}

async function produce(client: RawClient, records: Uint8Array, transactionalId: string | null): Promise<void> {
  const topicData = [{ name: "t", partitionData: [{ index: 0, records }] }];
  await eventually(async () => {
    const request = { transactionalId, acks: -1, timeoutMs: 10_000, topicData };
    const { responses } = await client.ask(ProduceRequest, ProduceResponse, 9, request);
    const { errorCode } = responses[0].partitionResponses[0];
    // A new topic takes a moment to get its leader.
    return errorCode === ErrorCode.NONE;
  });
}

async function endOffset(client: RawClient): Promise<number> {
  const topics = [{ name: "t", partitions: [{ partitionIndex: 0, timestamp: -1n }] }];
  const answer = await client.ask(ListOffsetsRequest, ListOffsetsResponse, 7, { replicaId: -1, topics });
  return Math.max(0, Number(answer.topics[0].partitions[0].offset));
}

async function eventually(isDone: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await isDone()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("It did not come about in ten seconds");
}
