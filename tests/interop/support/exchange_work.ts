/**
 * What is done to a folder through the broker that serves it, by raw requests.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from "../../../lib/protocol/messages/alter_client_quotas.ts";
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "../../../lib/protocol/messages/alter_user_scram_credentials.ts";
import { CreatePartitionsRequest, CreatePartitionsResponse } from "../../../lib/protocol/messages/create_partitions.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../lib/protocol/messages/create_topics.ts";
import { DeleteRecordsRequest, DeleteRecordsResponse } from "../../../lib/protocol/messages/delete_records.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../../lib/protocol/messages/delete_topics.ts";
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from "../../../lib/protocol/messages/describe_user_scram_credentials.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../lib/protocol/messages/incremental_alter_configs.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "../../../lib/protocol/messages/init_producer_id.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import { libsFolder, type RunningBroker } from "./apache_kafka.ts";
import { RawClient } from "./raw_client.ts";
import { batch } from "./record_batch.ts";

const TIMEOUT_MS = 10_000;
const PRODUCE_VERSION = 9;
const PROGRAM = new URL("../clients/java/Exchange.java", import.meta.url).pathname;
const ResourceType = { TOPIC: 2, BROKER: 4 } as const;
const SET = 0;
const SCRAM_SHA_256 = 1;
const SCRAM_ITERATIONS = 4096;

/** Runs our Java program, which does the works named in turn; the records of a later round are newer. */
export async function runExchange(
  { hostname, port }: RunningBroker,
  round: number,
  ...works: readonly string[]
): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("java", {
    args: [
      "-XX:TieredStopAtLevel=1",
      "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
      "-cp",
      `${libsFolder()}/*`,
      PROGRAM,
      `${hostname}:${port}`,
      String(round),
      ...works,
    ],
    stdin: "null",
    signal: AbortSignal.timeout(90_000),
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`Exchange ${works.join(" ")} failed: ${said}`);
}

/** An idempotent producer that goes on with any broker that serves the folder: each of its batches has three records. */
export class SteadyProducer {
  #batches = 0;

  private constructor(readonly producerId: bigint, readonly topic: string) {}

  static async start(client: RawClient, topic: string): Promise<SteadyProducer> {
    return new SteadyProducer(await initProducerId(client), topic);
  }

  /** Writes a batch; where it was written before, it is refused as a duplicate, with the offset that it has. */
  async write(client: RawClient): Promise<void> {
    await this.#produce(client, this.#batches, { errorCode: ErrorCode.NONE, baseOffset: this.#batches * 3 });
    this.#batches++;
  }

  /** Sends again what was written last, and then what leaves out a batch. */
  async writeWrongly(client: RawClient): Promise<void> {
    const last = this.#batches - 1;
    await this.#produce(client, last, { errorCode: ErrorCode.NONE, baseOffset: last * 3 });
    await this.#produce(client, last + 2, { errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 });
  }

  async #produce(client: RawClient, index: number, expected: { errorCode: number; baseOffset: number }): Promise<void> {
    const records = batch([`${index} a`, `${index} b`, `${index} c`], {
      producerId: this.producerId,
      producerEpoch: 0,
      baseSequence: index * 3,
    });
    const { errorCode, baseOffset } = await produce(client, this.topic, 0, records);
    assertEquals({ errorCode, baseOffset: Number(baseOffset) }, expected);
  }
}

/** Produces to one partition, with `acks=all`. */
export async function produce(client: RawClient, name: string, index: number, records: Uint8Array) {
  const request = produceRequest(name, index, records);
  const { responses } = await client.ask(ProduceRequest, ProduceResponse, PRODUCE_VERSION, request);
  return responses[0].partitionResponses[0];
}

/**
 * Sends batches one after the other without waiting, then waits for some of the answers.
 *
 * @returns the base offsets that were acknowledged
 */
export async function produceUnderWay(
  client: RawClient,
  { topic, batches, answers }: { topic: string; batches: number; answers: number },
): Promise<number[]> {
  const sent: number[] = [];
  for (let index = 0; index < batches; index++) {
    const request = produceRequest(topic, 0, batch([`under way ${index} ${"x".repeat(20_000)}`]));
    sent.push(await client.send(ProduceRequest, PRODUCE_VERSION, request));
  }
  const acknowledged: number[] = [];
  for (const correlationId of sent.slice(0, answers)) {
    const { responses } = await client.receiveAs(ProduceResponse, PRODUCE_VERSION, correlationId);
    const { errorCode, baseOffset } = responses[0].partitionResponses[0];
    assertEquals(errorCode, ErrorCode.NONE);
    acknowledged.push(Number(baseOffset));
  }
  return acknowledged;
}

export async function createTopic(
  client: RawClient,
  name: string,
  numPartitions: number,
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { topics } = await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{
      name,
      numPartitions,
      replicationFactor: 1,
      configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
    }],
    timeoutMs: TIMEOUT_MS,
  });
  assertEquals(topics.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]), [[0, null]]);
}

export async function deleteTopic(client: RawClient, name: string): Promise<void> {
  const { responses } = await client.ask(DeleteTopicsRequest, DeleteTopicsResponse, 6, {
    topics: [{ name }],
    timeoutMs: TIMEOUT_MS,
  });
  assertEquals(responses.map(({ errorCode }) => errorCode), [0]);
}

export async function growTopic(client: RawClient, name: string, count: number): Promise<void> {
  const { results } = await client.ask(CreatePartitionsRequest, CreatePartitionsResponse, 3, {
    topics: [{ name, count, assignments: null }],
    timeoutMs: TIMEOUT_MS,
  });
  assertEquals(results.map(({ errorCode }) => errorCode), [0]);
}

/** Sets a config of a topic, or of all brokers where the topic's name is empty. */
export async function setConfig(client: RawClient, topic: string, name: string, value: string): Promise<void> {
  const resourceType = topic === "" ? ResourceType.BROKER : ResourceType.TOPIC;
  const { responses } = await client.ask(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
    resources: [{ resourceType, resourceName: topic, configs: [{ name, configOperation: SET, value }] }],
  });
  assertEquals(responses.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]), [[0, null]]);
}

/** Limits what a client id may produce. Nobody in these tests has that id. */
export async function setQuota(client: RawClient, clientId: string, bytesPerSecond: number): Promise<void> {
  const { entries } = await client.ask(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, {
    entries: [{
      entity: [{ entityType: "client-id", entityName: clientId }],
      ops: [{ key: "producer_byte_rate", value: bytesPerSecond }],
    }],
  });
  assertEquals(entries.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]), [[0, null]]);
}

/** Gives a user a password, for SCRAM-SHA-256. */
export async function addCredential(client: RawClient, name: string): Promise<void> {
  const { results } = await client.ask(AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, 0, {
    upsertions: [{
      name,
      mechanism: SCRAM_SHA_256,
      iterations: SCRAM_ITERATIONS,
      salt: new Uint8Array(16).fill(1),
      saltedPassword: new Uint8Array(32).fill(2),
    }],
  });
  assertEquals(results.map(({ user, errorCode }) => [user, errorCode]), [[name, 0]]);
}

/** Asserts that the user, and nobody else, still has the password of {@linkcode addCredential}. */
export async function assertCredential(client: RawClient, name: string): Promise<void> {
  const { results } = await client.ask(DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, 0, {
    users: null,
  });
  const found = results.map(({ user, credentialInfos }) => [user, credentialInfos]);
  assertEquals(found as unknown, [[name, [{ mechanism: SCRAM_SHA_256, iterations: SCRAM_ITERATIONS }]]]);
}

/** Deletes the records of partition 0 in front of an offset. */
export async function deleteRecords(client: RawClient, name: string, offset: number): Promise<void> {
  const { topics } = await client.ask(DeleteRecordsRequest, DeleteRecordsResponse, 2, {
    topics: [{ name, partitions: [{ partitionIndex: 0, offset: BigInt(offset) }] }],
    timeoutMs: TIMEOUT_MS,
  });
  const { errorCode, lowWatermark } = topics[0].partitions[0];
  assertEquals({ errorCode, lowWatermark: Number(lowWatermark) }, { errorCode: 0, lowWatermark: offset });
}

/** Asks again as long as Apache Kafka is getting its first block of ids. */
export async function initProducerId(client: RawClient): Promise<bigint> {
  for (;;) {
    const { errorCode, producerId } = await client.ask(InitProducerIdRequest, InitProducerIdResponse, 4, {
      transactionalId: null,
      transactionTimeoutMs: 60_000,
    });
    if (errorCode === ErrorCode.NONE) return producerId;
    assertEquals(errorCode, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
  }
}

function produceRequest(name: string, index: number, records: Uint8Array) {
  const topicData = [{ name, partitionData: [{ index, records }] }];
  return { transactionalId: null, acks: -1, timeoutMs: TIMEOUT_MS, topicData };
}
