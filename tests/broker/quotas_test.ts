/** Clients that use more than their quota, on a broker in memory whose time stands still until the test moves it. */
import { assert, assertEquals } from "@std/assert";
import { BrokerCore, type World } from "../../lib/broker/mod.ts";
import { loadSettings } from "../../lib/metadata/configs/mod.ts";
import { systemWorld } from "../../lib/mod.ts";
import type { Address, Observer, Timer } from "../../lib/ports.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from "../../lib/protocol/messages/alter_client_quotas.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../lib/protocol/messages/api_versions.ts";
import { CreatePartitionsRequest, CreatePartitionsResponse } from "../../lib/protocol/messages/create_partitions.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../lib/protocol/messages/delete_topics.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { MetadataRequest, MetadataResponse } from "../../lib/protocol/messages/metadata.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { RawClient } from "../interop/support/raw_client.ts";
import { batch } from "../interop/support/record_batch.ts";
import { ServesClients } from "./serves_clients.ts";

/** A batch of 10,000 bytes and a few. */
const RECORDS = batch(["x".repeat(10_000)]);

Deno.test("a producer beyond its quota is told for how long it is throttled, and not heard for that time", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await served.set({ "client-id": "raw-client" }, { producer_byte_rate: 1000 });
  await served.advance((await produce(client)).throttleTimeMs);
  const { throttleTimeMs } = await produce(client);
  // Two requests of about 10,000 bytes: 2,000 a second over 10 s, where 1,000 are allowed.
  assert(throttleTimeMs > 9_000 && throttleTimeMs < 12_000, `${throttleTimeMs} ms`);
  const asked = await client.send(ApiVersionsRequest, 0, {});
  await served.advance(throttleTimeMs - 1);
  assertEquals(served.told.answered.at(-1), "Produce");
  await served.advance(1);
  await client.receiveAs(ApiVersionsResponse, 0, asked);
  assertEquals(served.told.answered.at(-1), "ApiVersions");
});

Deno.test("clients that no quota names are heard, whoever else is throttled", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await served.set({ "client-id": "somebody" }, { producer_byte_rate: 1 });
  assertEquals((await produce(client)).throttleTimeMs, 0);
  assertEquals((await produce(client)).throttleTimeMs, 0);
});

Deno.test("requests that were sent before a throttled one is answered are answered when the time has passed", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await served.set({ user: "ANONYMOUS" }, { producer_byte_rate: 1000 });
  const first = await client.send(ProduceRequest, 9, produceRequest());
  const others = [await client.send(ApiVersionsRequest, 0, {}), await client.send(ApiVersionsRequest, 0, {})];
  const { throttleTimeMs } = await client.receiveAs(ProduceResponse, 9, first);
  assert(throttleTimeMs > 0);
  await served.advance(throttleTimeMs);
  for (const other of others) await client.receiveAs(ApiVersionsResponse, 0, other);
});

Deno.test("of requests that are sent at once, those behind one that is throttled are not begun", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await served.set({ user: "ANONYMOUS" }, { producer_byte_rate: 100 });
  const asked = [];
  for (let count = 0; count < 3; count++) asked.push(await client.send(ProduceRequest, 9, produceRequest()));
  const { logs } = served.core.services;
  for (const [index, one] of asked.entries()) {
    const { throttleTimeMs } = await client.receiveAs(ProduceResponse, 9, one);
    assertEquals(logs.get("t", 0)!.logEndOffset, index + 1);
    await served.advance(throttleTimeMs);
  }
});

Deno.test("a producer that wants no answer is muted all the same", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await served.set({ "client-id": null }, { producer_byte_rate: 100 });
  await client.send(ProduceRequest, 9, { ...produceRequest(), acks: 0 });
  const asked = await client.send(ApiVersionsRequest, 0, {});
  await served.told.isThrottled;
  const [[api, throttleTimeMs]] = served.told.throttles;
  assertEquals(api, "Produce");
  await served.advance(throttleTimeMs);
  await client.receiveAs(ApiVersionsResponse, 0, asked);
});

Deno.test("a fetch beyond its quota is answered without records, and its session goes on where it was", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await produce(client);
  const topics = [{ topic: "t", partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }];
  const ask = (sessionId: number, sessionEpoch: number) =>
    client.ask(FetchRequest, FetchResponse, 12, {
      maxWaitMs: 0,
      sessionId,
      sessionEpoch,
      topics: sessionEpoch === 0 ? topics : [],
    });
  const { sessionId } = await ask(0, 0);
  await served.set({ "client-id": "raw-client" }, { consumer_byte_rate: 1100 });
  assertEquals(bytesOf(await ask(sessionId, 1)), RECORDS.length);
  const throttled = await ask(sessionId, 2);
  assertEquals([throttled.sessionId, throttled.responses.length], [sessionId, 0]);
  assert(throttled.throttleTimeMs > 0);
  // Until what it got before counts no more.
  await served.advance(20_000);
  assertEquals(bytesOf(await ask(sessionId, 3)), RECORDS.length);
});

Deno.test("a fetch that would begin a session begins none where it is throttled", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await produce(client);
  await served.set({ "client-id": "raw-client" }, { consumer_byte_rate: 1100 });
  const topics = [{ topic: "t", partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }];
  const ask = () => client.ask(FetchRequest, FetchResponse, 12, { maxWaitMs: 0, topics, sessionEpoch: 0 });
  assert((await ask()).sessionId > 0);
  const sessions = served.core.services.fetchSessions.size;
  assertEquals((await ask()).sessionId, 0);
  assertEquals(served.core.services.fetchSessions.size, sessions);
});

Deno.test("a batch that is larger than what a quota could ever let through is given, and waited for afterwards", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await produce(client);
  await served.set({ "client-id": "raw-client" }, { consumer_byte_rate: 100 });
  const topics = [{ topic: "t", partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }];
  const ask = () => client.ask(FetchRequest, FetchResponse, 12, { maxWaitMs: 0, topics });
  const large = await ask();
  assertEquals(bytesOf(large), RECORDS.length);
  // 10,000 bytes and a few at 100 a second, less the windows of ten seconds.
  assert(large.throttleTimeMs > 90_000 && large.throttleTimeMs < 95_000, `${large.throttleTimeMs} ms`);
  await served.advance(large.throttleTimeMs);
  assertEquals(bytesOf(await ask()), RECORDS.length);
});

Deno.test("a fetch gets no more than what a quota could ever let through", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  for (let count = 0; count < 5; count++) await produce(client);
  await served.set({ "client-id": "raw-client" }, { consumer_byte_rate: 2500 });
  const topics = [{ topic: "t", partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }];
  const answer = await client.ask(FetchRequest, FetchResponse, 12, { maxWaitMs: 0, minBytes: 1 << 20, topics });
  assertEquals([answer.throttleTimeMs, bytesOf(answer)], [0, 2 * RECORDS.length]);
});

Deno.test("changes of metadata beyond the quota are refused in the versions that know how, and nothing is changed", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await served.set({ "client-id": "raw-client" }, { controller_mutation_rate: 1 });
  const error = ErrorCode.THROTTLING_QUOTA_EXCEEDED;
  assertEquals(await createTopics(client, 6, { a: 8, b: 8, c: 8 }), [0, 0, error, 5_000]);
  await served.advance(1_000);
  const elsewhere = await served.connect();
  assertEquals(await createPartitions(elsewhere, 3, "t", 2), [error, 4_000]);
  const another = await served.connect();
  assertEquals(await deleteTopics(another, 5, "a"), [error, 4_000]);
  const { image } = served.core.services.metadata;
  assertEquals(["a", "b", "c"].map((name) => image.topicByName(name)?.partitions.size), [8, 8, undefined]);
  assertEquals(image.topicByName("t")!.partitions.size, 1);
});

Deno.test("changes of metadata beyond the quota are made in older versions, and throttle", async () => {
  await using served = await Served.start();
  const [creator, grower, deleter] = [
    await served.connectWithTopic("t"),
    await served.connect(),
    await served.connect(),
  ];
  await served.set({ "client-id": "raw-client" }, { controller_mutation_rate: 1 });
  assertEquals(await createTopics(creator, 5, { a: 10, b: 5 }), [0, 0, 4_000]);
  assertEquals(await createPartitions(grower, 2, "t", 2), [0, 5_000]);
  assertEquals(await deleteTopics(deleter, 4, "a"), [0, 15_000]);
});

Deno.test("a topic that is made by asking for it counts as a change of metadata", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await served.set({ "client-id": "raw-client" }, { controller_mutation_rate: 1 });
  await createTopics(client, 7, { a: 20 });
  const ask = (name: string) =>
    client.ask(MetadataRequest, MetadataResponse, 9, { topics: [{ name }], allowAutoTopicCreation: true });
  const { topics: [topic], throttleTimeMs } = await ask("new");
  assertEquals([topic.errorCode, throttleTimeMs], [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 9_000]);
  await served.advance(throttleTimeMs);
  assertEquals((await ask("new")).topics[0].errorCode, ErrorCode.NONE);
});

Deno.test("requests that take more time than they may are throttled, for a window at most", async () => {
  await using served = await Served.start();
  const client = await served.connect();
  await served.set({ "client-id": "raw-client" }, { request_percentage: 1 });
  served.told.workMs = 50;
  // 5 percent of a second, spread over 10 s; then twice, and what its answer took.
  const first = await client.ask(ApiVersionsRequest, ApiVersionsResponse, 3, SOFTWARE);
  assertEquals(first.throttleTimeMs, 0);
  const second = await client.ask(ApiVersionsRequest, ApiVersionsResponse, 3, SOFTWARE);
  assertEquals(second.throttleTimeMs, 1_000);
});

Deno.test("a quota holds at once when it is set, when it is changed, and when it is taken away", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await served.set({ user: "ANONYMOUS" }, { producer_byte_rate: 1e9 });
  assertEquals((await produce(client)).throttleTimeMs, 0);
  await served.set({ user: "ANONYMOUS", "client-id": "raw-client" }, { producer_byte_rate: 100 });
  const { throttleTimeMs } = await produce(client);
  assert(throttleTimeMs > 0);
  await served.set({ user: "ANONYMOUS", "client-id": "raw-client" }, { producer_byte_rate: null });
  await served.advance(throttleTimeMs);
  assertEquals((await produce(client)).throttleTimeMs, 0);
});

Deno.test("quotas hold after a restart", async () => {
  const { settings } = loadSettings({ flags: { host: "127.0.0.1", port: 0, dataDir: "memory" } });
  const { disk } = systemWorld(settings);
  {
    await using served = await Served.start({}, { disk });
    await served.connectWithTopic("t");
    await served.set({ user: null, "client-id": null }, { producer_byte_rate: 100 });
  }
  await using served = await Served.start({}, { disk });
  assert((await produce(await served.connect())).throttleTimeMs > 0);
});

Deno.test("an address beyond its rate of connections is not answered, and closed after a while", async () => {
  await using served = await Served.start();
  await served.set({ ip: null }, { connection_creation_rate: 1 });
  const first = await served.connect();
  for (let count = 0; count < 9; count++) await served.connect();
  await first.ask(ApiVersionsRequest, ApiVersionsResponse, 0, {});
  const refused = await served.connect();
  await refused.send(ApiVersionsRequest, 0, {});
  await served.told.isThrottled;
  assertEquals(served.told.connectionThrottles, [["ip", 1_000]]);
  await served.advance(1_000);
  assertEquals(await refused.receive(), "connection closed");
  await served.set({ ip: "127.0.0.1" }, { connection_creation_rate: 100 });
  await (await served.connect()).ask(ApiVersionsRequest, ApiVersionsResponse, 0, {});
});

Deno.test("connections beyond max.connection.creation.rate wait until they are served", async () => {
  for (const name of ["max.connection.creation.rate", "listener.name.plaintext.max.connection.creation.rate"]) {
    await using served = await Served.start({ [name]: "1" });
    // With the one that sets quotas, as many as may come in ten seconds.
    for (let count = 0; count < 9; count++) await served.connect();
    const late = await served.connect();
    const asked = await late.send(ApiVersionsRequest, 0, {});
    await served.told.isThrottled;
    assertEquals(served.told.connectionThrottles, [["listener", 1_000]]);
    assertEquals(served.core.connectionCount, 10);
    await served.advance(1_000);
    await late.receiveAs(ApiVersionsResponse, 0, asked);
  }
});

Deno.test("a broker that closes waits neither for muted connections nor for those that come too fast", async () => {
  await using served = await Served.start({ "max.connection.creation.rate": "3" });
  const client = await served.connectWithTopic("t");
  await served.set({ "client-id": "raw-client" }, { producer_byte_rate: 1 });
  await produce(client);
  await client.send(ApiVersionsRequest, 0, {});
  for (let count = 0; count < 30; count++) await served.connect();
  await served.told.isThrottled;
  await served.core.close();
  assertEquals(await client.receive(), "connection closed");
});

const SOFTWARE = { clientSoftwareName: "test", clientSoftwareVersion: "1" };

function produceRequest() {
  return {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: "t", partitionData: [{ index: 0, records: RECORDS }] }],
  };
}

async function produce(client: RawClient): Promise<ProduceResponse> {
  const answer = await client.ask(ProduceRequest, ProduceResponse, 9, produceRequest());
  assertEquals(answer.responses[0].partitionResponses[0].errorCode, ErrorCode.NONE);
  return answer;
}

function bytesOf({ responses }: FetchResponse): number {
  return responses[0]?.partitions[0].records?.length ?? 0;
}

async function createTopics(client: RawClient, version: number, partitions: Record<string, number>) {
  const topics = Object.entries(partitions).map(([name, numPartitions]) => ({
    name,
    numPartitions,
    replicationFactor: 1,
  }));
  const answer = await client.ask(CreateTopicsRequest, CreateTopicsResponse, version, { topics });
  return [...answer.topics.map(({ errorCode }) => errorCode), answer.throttleTimeMs];
}

async function createPartitions(client: RawClient, version: number, name: string, count: number) {
  const topics = [{ name, count, assignments: null }];
  const answer = await client.ask(CreatePartitionsRequest, CreatePartitionsResponse, version, { topics });
  return [...answer.results.map(({ errorCode }) => errorCode), answer.throttleTimeMs];
}

async function deleteTopics(client: RawClient, version: number, ...topicNames: string[]) {
  const answer = await client.ask(DeleteTopicsRequest, DeleteTopicsResponse, version, { topicNames });
  return [...answer.responses.map(({ errorCode }) => errorCode), answer.throttleTimeMs];
}

/** Timers that run when the test says so. */
class StoppedTime {
  /** Records are not taken that are dated far ahead. */
  nowMs = Date.now();
  readonly #timers = new Set<{ atMs: number; run: () => void }>();

  readonly clock = { now: () => this.nowMs };
  readonly timers = {
    after: (delayMs: number, run: () => void): Timer => {
      const timer = { atMs: this.nowMs + delayMs, run };
      this.#timers.add(timer);
      return { cancel: () => void this.#timers.delete(timer) };
    },
  };

  /** Runs what is due within a time, in order, as if it had passed. */
  async advance(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (;;) {
      await settled();
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = endMs;
  }
}

/** Lets all that is ready be done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** A broker in memory whose time stands still, what it tells of throttling, and clients of it. */
class Served extends ServesClients implements AsyncDisposable {
  readonly core: BrokerCore;
  readonly #administrator: RawClient;
  readonly #time: StoppedTime;
  readonly #told: Told;

  private constructor(core: BrokerCore, administrator: RawClient, time: StoppedTime, told: Told) {
    super();
    this.core = core;
    this.#administrator = administrator;
    this.#time = time;
    this.#told = told;
  }

  static async start(set: Record<string, string> = {}, parts: Partial<World> = {}): Promise<Served> {
    const { settings } = loadSettings({ flags: { host: "127.0.0.1", port: 0, dataDir: "memory", set } });
    const time = new StoppedTime();
    const told = new Told();
    const core = await BrokerCore.start(settings, {
      ...systemWorld(settings, { info() {}, warn() {} }),
      clock: time.clock,
      timers: time.timers,
      stopwatch: { read: () => told.workedMs += told.workMs },
      observer: told,
      ...parts,
    });
    const { host, port } = core.addresses[0];
    return new Served(core, await RawClient.connect({ hostname: host, port }), time, told);
  }

  get address(): Address {
    return this.core.addresses[0];
  }

  get told(): Told {
    return this.#told;
  }

  advance(ms: number): Promise<void> {
    return this.#time.advance(ms);
  }

  /** Sets quotas of an entity, or with null takes them away; by a client of another id. */
  async set(entity: Record<string, string | null>, quotas: Record<string, number | null>): Promise<void> {
    const request = {
      entries: [{
        entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName })),
        ops: Object.entries(quotas).map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
      }],
    };
    const id = await this.#administrator.send(AlterClientQuotasRequest, 1, request, { clientId: "administrator" });
    const { entries } = await this.#administrator.receiveAs(AlterClientQuotasResponse, 1, id);
    assertEquals(entries.map(({ errorCode }) => errorCode), [ErrorCode.NONE]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#administrator.close();
    this.closeClients();
    await this.core.close();
  }
}

/** What an observer is told of throttling; and how long work takes, by the stopwatch of the test. */
class Told implements Observer {
  /** What each piece of work takes, and all of them together. */
  workMs = 0;
  workedMs = 0;
  /** Requests that were answered, by their API. */
  readonly answered: string[] = [];
  readonly throttles: (readonly [api: string, throttleTimeMs: number])[] = [];
  readonly connectionThrottles: (readonly [limit: string, throttleTimeMs: number])[] = [];
  #noteThrottle = () => {};
  /** Resolves when a request or a connection was throttled for the first time. */
  readonly isThrottled = new Promise<void>((resolve) => this.#noteThrottle = resolve);

  requestBegan(api: string): () => void {
    return () => this.answered.push(api);
  }
  throttled(api: string, throttleTimeMs: number): void {
    this.throttles.push([api, throttleTimeMs]);
    this.#noteThrottle();
  }
  connectionThrottled(_listener: string, limit: string, throttleTimeMs: number): void {
    this.connectionThrottles.push([limit, throttleTimeMs]);
    this.#noteThrottle();
  }
  produced(): void {}
  produceFailed(): void {}
  fetched(): void {}
  fetchFailed(): void {}
  syncBegan(): () => void {
    return () => {};
  }
}
