/**
 * All that a broker serves, read by raw requests and written as lines, so that what two brokers make of one folder can be
 * compared to the byte, and a difference can be read.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { concat, equals } from "@std/bytes";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from "../../../lib/protocol/messages/describe_client_quotas.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../../lib/protocol/messages/describe_configs.ts";
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from "../../../lib/protocol/messages/describe_producers.ts";
import { FetchRequest, FetchResponse } from "../../../lib/protocol/messages/fetch.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../../lib/protocol/messages/list_offsets.ts";
import { MetadataRequest, MetadataResponse } from "../../../lib/protocol/messages/metadata.ts";
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from "../../../lib/protocol/messages/offset_for_leader_epoch.ts";
import { type Batch, batchHeaderAt, RecordBatch } from "../../../lib/records/mod.ts";
import { RawClient } from "./raw_client.ts";

/** What a broker serves; each line begins with what it is about, such as `letters-0 batch 0`. */
export type ClusterState = readonly string[];

/** A partition by its names. */
export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

/** ListOffsets' special values, and what they ask for. */
const SPECIAL_TIMESTAMPS = { latest: -1n, earliest: -2n, maxTimestamp: -3n, earliestLocal: -4n } as const;
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
/** More than the largest batch, less than the largest log. */
const CHUNK_BYTES = 100_003;
/** A limit within batches: Apache Kafka cuts them there, Barnabas does not begin them. */
const ODD_BYTES = 1_001;
const LEADS_TIMEOUT_MS = 20_000;
const POLL_MS = 20;
const LINES_SHOWN = 30;
const TOPIC_CONFIG_SOURCE = 1;
const CLUSTER_CONFIG_SOURCE = 3;
const ResourceType = { TOPIC: 2, BROKER: 4 } as const;

/** Reads everything. */
export async function readClusterState(
  address: { readonly hostname: string; readonly port: number },
): Promise<ClusterState> {
  using client = await RawClient.connect(address);
  const { clusterId, topics } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: null });
  const lines = [`cluster ${clusterId}`, ...await configLines(client, ResourceType.BROKER, "", CLUSTER_CONFIG_SOURCE)];
  lines.push(...await quotaLines(client));
  for (const { name, topicId, isInternal, partitions } of topics.toSorted(byName)) {
    lines.push(`${name} id ${topicId}, ${partitions.length} partitions${isInternal ? ", internal" : ""}`);
    lines.push(...await configLines(client, ResourceType.TOPIC, name!, TOPIC_CONFIG_SOURCE));
    for (const { partitionIndex, leaderId, isrNodes, errorCode } of partitions) {
      const label = `${name}-${partitionIndex}`;
      assertEquals([label, errorCode, leaderId, isrNodes], [label, 0, 1, [1]]);
      const seen = await new PartitionReader(client, { topic: name!, partition: partitionIndex }).lines();
      lines.push(...seen.map((line) => `${label} ${line}`));
    }
  }
  return lines;
}

/** Waits until the broker leads all partitions: Apache Kafka takes them over some moments after it has said that it is there. */
export async function untilAllIsLed(client: RawClient): Promise<void> {
  const deadline = performance.now() + LEADS_TIMEOUT_MS;
  for (;;) {
    const { topics } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: null });
    const answer = await client.ask(ListOffsetsRequest, ListOffsetsResponse, 8, {
      replicaId: -1,
      topics: topics.map(({ name, partitions }) => ({
        name: name!,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          timestamp: SPECIAL_TIMESTAMPS.latest,
        })),
      })),
    });
    const errors = answer.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
    if (errors.every((errorCode) => errorCode === ErrorCode.NONE)) return;
    assert(performance.now() < deadline, `the broker does not lead its partitions: ${errors}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Asserts that two states are the same; what differs is shown, and nothing else. */
export function assertSameState(actual: ClusterState, expected: ClusterState, who: string): void {
  const had = new Set(expected);
  const has = new Set(actual);
  const missing = expected.filter((line) => !has.has(line)).map((line) => `- ${line}`);
  const added = actual.filter((line) => !had.has(line)).map((line) => `+ ${line}`);
  const counts = `${missing.length} lines are missing, ${added.length} are new`;
  if (missing.length + added.length === 0) return;
  const shown = [...missing.slice(0, LINES_SHOWN), ...added.slice(0, LINES_SHOWN)];
  throw new Error(`${who} serves the folder otherwise; ${counts}:\n${shown.join("\n")}`);
}

/** All batches of a partition from its log start on. */
export async function readLog(client: RawClient, partition: PartitionName): Promise<readonly RecordBatch[]> {
  return await new PartitionReader(client, partition).batches();
}

class PartitionReader {
  constructor(readonly client: RawClient, readonly partition: PartitionName) {}

  async lines(): Promise<string[]> {
    const batches = await this.batches();
    return [
      ...await this.#offsetLines(),
      ...await this.#epochLines(batches),
      ...await this.#producerLines(),
      ...await Promise.all(batches.map(batchLine)),
      ...await this.#fetchLines(batches),
      ...await this.#timestampLines(batches),
    ];
  }

  /** Reads in chunks, and shows that a read from any batch on gives just these bytes. */
  async batches(): Promise<RecordBatch[]> {
    const batches: RecordBatch[] = [];
    const { logStartOffset, highWatermark } = await this.#fetch(await this.#earliest(), READ_UNCOMMITTED, 1);
    for (let offset = Number(logStartOffset); offset < Number(highWatermark);) {
      const { records } = await this.#fetch(offset, READ_UNCOMMITTED, CHUNK_BYTES);
      const chunk = wholeBatches(records!);
      if (chunk.length === 0) break;
      batches.push(...chunk);
      offset = chunk.at(-1)!.nextOffset;
    }
    return batches;
  }

  async #earliest(): Promise<number> {
    return Number((await this.#listOffset(SPECIAL_TIMESTAMPS.earliest, READ_UNCOMMITTED)).offset);
  }

  async #offsetLines(): Promise<string[]> {
    const lines: string[] = [];
    for (const [what, timestamp] of Object.entries(SPECIAL_TIMESTAMPS)) {
      for (const isolation of [READ_UNCOMMITTED, READ_COMMITTED]) {
        const { errorCode, offset, timestamp: found } = await this.#listOffset(timestamp, isolation);
        lines.push(`${what} (isolation ${isolation}): ${offset} of ${found}, error ${errorCode}`);
      }
    }
    return lines;
  }

  /** For each time that a batch has, and the moments around it. */
  async #timestampLines(batches: readonly RecordBatch[]): Promise<string[]> {
    const times = new Set(batches.flatMap(({ baseTimestamp, maxTimestamp }) => [
      baseTimestamp - 1,
      baseTimestamp,
      Math.floor((baseTimestamp + maxTimestamp) / 2),
      maxTimestamp,
      maxTimestamp + 1,
    ]));
    const lines: string[] = [];
    for (const time of [...times].filter((time) => time >= 0)) {
      for (const isolation of [READ_UNCOMMITTED, READ_COMMITTED]) {
        const { errorCode, offset, timestamp, leaderEpoch } = await this.#listOffset(BigInt(time), isolation);
        lines.push(
          `at ${time} (isolation ${isolation}): ${offset} of ${timestamp}, ${leaderEpoch}, error ${errorCode}`,
        );
      }
    }
    return lines;
  }

  /** For each epoch up to the last that has records; what comes later begins anew with every broker that takes over. */
  async #epochLines(batches: readonly RecordBatch[]): Promise<string[]> {
    const { topic, partition } = this.partition;
    const upTo = batches.at(-1)?.partitionLeaderEpoch ?? -1;
    const lines: string[] = [];
    for (let leaderEpoch = 0; leaderEpoch <= upTo; leaderEpoch++) {
      const { topics } = await this.client.ask(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, 4, {
        topics: [{ topic, partitions: [{ partition, leaderEpoch }] }],
      });
      const { errorCode, leaderEpoch: found, endOffset } = topics[0].partitions[0];
      lines.push(`epoch ${leaderEpoch}: ${found} ends at ${endOffset}, error ${errorCode}`);
    }
    return lines;
  }

  async #producerLines(): Promise<string[]> {
    const { topic, partition } = this.partition;
    const { topics } = await this.client.ask(DescribeProducersRequest, DescribeProducersResponse, 0, {
      topics: [{ name: topic, partitionIndexes: [partition] }],
    });
    return topics[0].partitions[0].activeProducers.map((producer) =>
      `producer ${producer.producerId} epoch ${producer.producerEpoch}: sequence ${producer.lastSequence} at ` +
      `${producer.lastTimestamp}, coordinator ${producer.coordinatorEpoch}, open from ${producer.currentTxnStartOffset}`
    ).sort();
  }

  /** What fetches say, from each batch on, from within batches, and from where there is nothing. */
  async #fetchLines(batches: readonly RecordBatch[]): Promise<string[]> {
    const end = batches.at(-1)?.nextOffset ?? 0;
    const offsets = [0, ...batches.flatMap(({ baseOffset, lastOffset }) => [baseOffset, lastOffset]), end, end + 1];
    const lines: string[] = [];
    for (const offset of new Set(offsets)) {
      for (const isolation of [READ_UNCOMMITTED, READ_COMMITTED]) {
        const fetched = await this.#fetch(offset, isolation, 1);
        lines.push(`fetch ${offset} (isolation ${isolation}): ${await fetchLine(fetched)}`);
      }
      await this.#assertPrefix(offset, batches.filter(({ lastOffset }) => lastOffset >= offset));
    }
    return lines;
  }

  /** How many batches come is up to the broker; which ones is not. */
  async #assertPrefix(offset: number, following: readonly RecordBatch[]): Promise<void> {
    const { errorCode, records } = await this.#fetch(offset, READ_UNCOMMITTED, ODD_BYTES);
    if (errorCode !== ErrorCode.NONE) return;
    const found = wholeBatches(records!);
    assertEquals(found.length > 0, following.length > 0, `${this.partition.topic}: a fetch at ${offset}`);
    for (const [index, { bytes }] of found.entries()) assert(equals(bytes, following[index].bytes));
  }

  async #listOffset(timestamp: bigint, isolationLevel: number) {
    const { topic, partition } = this.partition;
    const { topics } = await this.client.ask(ListOffsetsRequest, ListOffsetsResponse, 8, {
      replicaId: -1,
      isolationLevel,
      topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }],
    });
    return topics[0].partitions[0];
  }

  async #fetch(offset: number, isolationLevel: number, partitionMaxBytes: number) {
    const { topic, partition } = this.partition;
    const { responses } = await this.client.ask(FetchRequest, FetchResponse, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      isolationLevel,
      topics: [{ topic, partitions: [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes }] }],
    });
    return responses[0].partitions[0];
  }
}

type FetchedPartition = FetchResponse["responses"][number]["partitions"][number];

/** Of the records the whole batches, and the aborted transactions among them: Apache Kafka may name some that come later. */
async function fetchLine(fetched: FetchedPartition): Promise<string> {
  const { errorCode, highWatermark, lastStableOffset, logStartOffset, abortedTransactions, records } = fetched;
  const batches = records === null ? [] : wholeBatches(records);
  const end = batches.at(-1)?.nextOffset ?? 0;
  const aborted = abortedTransactions?.filter(({ firstOffset }) => Number(firstOffset) < end)
    .map(({ producerId, firstOffset }) => `${producerId} from ${firstOffset}`);
  const found = await digest(concat(batches.map(({ bytes }) => bytes)));
  return `error ${errorCode}, ${logStartOffset} to ${lastStableOffset} to ${highWatermark}, ` +
    `aborted [${aborted?.join(", ") ?? "null"}], ${found}`;
}

async function batchLine(batch: RecordBatch): Promise<string> {
  const { baseOffset, lastOffset, partitionLeaderEpoch, attributes, bytes } = batch;
  return `batch ${baseOffset} to ${lastOffset}, epoch ${partitionLeaderEpoch}, attributes ${attributes}, ${await digest(
    bytes,
  )}`;
}

async function digest(bytes: Uint8Array): Promise<string> {
  if (bytes.length === 0) return "0 bytes";
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return `${bytes.length} bytes ${hash.subarray(0, 8).toHex()}`;
}

/** The batches in front of the one that the end cuts. */
function wholeBatches(bytes: Uint8Array): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let offset = 0;;) {
    const batch: Batch | null = batchHeaderAt(bytes, offset);
    if (batch === null || !batch.isWhole) return batches;
    batches.push(batch as RecordBatch);
    offset += batch.sizeInBytes;
  }
}

function byName(a: { readonly name: string | null }, b: { readonly name: string | null }): number {
  return a.name! < b.name! ? -1 : 1;
}

async function configLines(client: RawClient, resourceType: number, name: string, source: number): Promise<string[]> {
  const { results } = await client.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
    resources: [{ resourceType, resourceName: name, configurationKeys: null }],
  });
  const set = results[0].configs.filter(({ configSource }) => configSource === source);
  return set.map(({ name: key, value }) => `${name || "cluster"} config ${key}=${value}`).sort();
}

async function quotaLines(client: RawClient): Promise<string[]> {
  const { entries } = await client.ask(DescribeClientQuotasRequest, DescribeClientQuotasResponse, 1, {});
  return entries!.flatMap(({ entity, values }) => {
    const whose = entity.map(({ entityType, entityName }) => `${entityType} ${entityName}`).sort().join(", ");
    return values.map(({ key, value }) => `quota of ${whose}: ${key}=${value}`);
  }).sort();
}
