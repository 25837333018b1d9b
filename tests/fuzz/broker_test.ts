/**
 * A whole broker against requests of every kind: each is answered, or its connection closed with one warning. Nothing ends the broker,
 * nothing hangs it, and it serves sound clients afterwards.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { REGISTRY } from "../../lib/api/registry.ts";
import { BrokerCore } from "../../lib/broker/mod.ts";
import { DecodeError } from "../../lib/bytes/mod.ts";
import { loadSettings } from "../../lib/metadata/configs/mod.ts";
import { systemWorld } from "../../lib/mod.ts";
import { ApiVersionsRequest } from "../../lib/protocol/messages/api_versions.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import type { Message } from "../../lib/protocol/mod.ts";
import { readRequest, readRequestPrefix } from "../../lib/wire/mod.ts";
import { decodeResponse, framed, RawClient, requestFrame } from "../interop/support/raw_client.ts";
import { batch } from "../interop/support/record_batch.ts";
import { checkAsync } from "./repeatable.ts";
import { type Existing, requestsOf } from "./request_values.ts";

const FILE = "tests/fuzz/broker_test.ts";

/** A fetch that would wait longer than this is not sent: that it waits is right. */
const LONGEST_WAIT_MS = 50;
/** What is larger takes time, and shows nothing new. */
const LARGEST_FRAME_BYTES = 1024 * 1024;
/** How long all requests of a run may take together. */
const ANSWER_TIMEOUT_MS = 20_000;
/** The most that the process may grow by. */
const MAX_GROWTH_BYTES = 1024 ** 3;

const TOPICS = ["orders", "payments", "compacted"];
/** Marks the request that stands behind those of a run: when it is answered, they are. */
const LAST_CORRELATION_ID = 0x7ffffffe;

const API_VERSIONS = REGISTRY.flatMap(({ request, response }) => {
  const [first, last] = request.versions;
  return Array.from({ length: last - first + 1 }, (_, index) => ({ request, response, version: first + index }));
});

/** A request frame without its length. */
interface Sent {
  readonly name: string;
  readonly frame: Uint8Array;
}

Deno.test("the broker answers sound requests with extreme values, in every version of every API", async () => {
  await using target = await Target.start();
  for (const of of API_VERSIONS) {
    const requests = fc.array(soundRequests(of, target.existing), { minLength: 1, maxLength: 3 });
    await checkAsync(FILE, 2, fc.asyncProperty(requests, (sent) => target.survives(sent, true)));
  }
  await target.servesCleanly();
});

Deno.test("the broker answers requests with bytes changed, or closes their connection with one warning", async () => {
  await using target = await Target.start();
  const requests = fc.array(
    fc.constantFrom(...API_VERSIONS).chain((of) => damagedRequests(soundRequests(of, target.existing))),
    { minLength: 1, maxLength: 3 },
  );
  await checkAsync(FILE, 300, fc.asyncProperty(requests, (sent) => target.survives(sent, false)));
  await target.servesCleanly();
});

Deno.test("the broker refuses who may do nothing, in every version of every API", async () => {
  await using target = await Target.startForNobody();
  for (const of of API_VERSIONS) {
    const requests = fc.array(soundRequests(of, target.existing), { minLength: 1, maxLength: 3 });
    await checkAsync(FILE, 2, fc.asyncProperty(requests, (sent) => target.survives(sent, true)));
  }
});

function soundRequests(
  { request, version }: { request: Message<unknown>; version: number },
  existing: Existing,
): fc.Arbitrary<Sent> {
  return fc.tuple(requestsOf({ message: request, version }, existing), CLIENT_IDS).map(([value, clientId]) => ({
    name: `${request.name} v${version}`,
    frame: requestFrame(request, version, value, { correlationId: 1, clientId }).subarray(4),
    [fc.toStringMethod]: () =>
      `${request.name} v${version} ${
        JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}` : part).slice(0, 3000)
      }`,
  }));
}

const CLIENT_IDS = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("fuzz", "", null) },
  fc.constant("x".repeat(0x7fff)),
);

function damagedRequests(requests: fc.Arbitrary<Sent>): fc.Arbitrary<Sent> {
  const change = fc.tuple(fc.nat(), fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 4 }), HUGE));
  return fc.tuple(requests, fc.array(change, { minLength: 1, maxLength: 3 }), fc.option(fc.nat(), { freq: 4 })).map(
    ([{ name, frame }, changes, cut]) => {
      const damaged = Uint8Array.from(frame);
      for (const [at, part] of changes) {
        const place = at % frame.length;
        damaged.set(part.subarray(0, frame.length - place), place);
      }
      return { name, frame: cut === null ? damaged : damaged.subarray(0, cut % frame.length) };
    },
  );
}

/** Counts and lengths that no request has. */
const HUGE = fc.constantFrom(
  ...[[0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 0x07], [0, 0, 0, 0]].map((bytes) =>
    Uint8Array.from(bytes)
  ),
);

/** A broker in memory, that tells of what would end its process. */
class Target implements AsyncDisposable {
  readonly #broker: BrokerCore;
  readonly #warnings: string[];
  readonly #failures: unknown[];
  readonly #rssAtStart = Deno.memoryUsage().rss;
  #topicIds: string[] = ["AAAAAAAAAAAAAAAAAAAABQ"];
  #cleanOffset = 0n;

  private constructor(broker: BrokerCore, warnings: string[], failures: unknown[]) {
    this.#broker = broker;
    this.#warnings = warnings;
    this.#failures = failures;
  }

  static async start(): Promise<Target> {
    const target = await Target.#start({});
    await target.#createTopics();
    return target;
  }

  /** One whose clients may do nothing at all. */
  static startForNobody(): Promise<Target> {
    return Target.#start({ "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer" });
  }

  static async #start(set: Record<string, string>): Promise<Target> {
    const { settings } = loadSettings({ flags: { host: "127.0.0.1", port: 0, dataDir: "memory", set } });
    const warnings: string[] = [];
    const failures: unknown[] = [];
    const world = {
      ...systemWorld(settings, { info() {}, warn: (line: string) => void warnings.push(line) }),
      fatal: (error: unknown) => void failures.push(error),
    };
    return new Target(await BrokerCore.start(settings, world), warnings, failures);
  }

  get existing(): Existing {
    return { topics: TOPICS, topicIds: this.#topicIds, nodeId: this.#broker.services.metadata.nodeId };
  }

  /** Sends the requests at once, with one behind them that says when all are answered. */
  async survives(requests: readonly Sent[], areSound: boolean): Promise<void> {
    const asked = requests.filter(({ frame }) => !waitsLong(frame) && frame.length <= LARGEST_FRAME_BYTES);
    this.#warnings.length = 0;
    const client = await this.#connect();
    const last = requestFrame(ApiVersionsRequest, 0, {}, { correlationId: LAST_CORRELATION_ID });
    for (const { frame } of asked) await client.sendBytes(framed(frame));
    await client.sendBytes(last);
    const wasClosed = await this.#readAnswers(client, asked, areSound).finally(() => client.close());
    await this.#allConnectionsEnd();
    if (this.#failures.length > 0) throw this.#failures.shift();
    const warnings = this.#warnings;
    if (areSound) {
      assertEquals(wasClosed && !asked.some(({ frame }) => mayCloseSilently(frame)), false, warnings.join("\n"));
    }
    if (wasClosed) assertLessOrEqual(closings(warnings), 1, warnings.join("\n"));
    const growth = Deno.memoryUsage().rss - this.#rssAtStart;
    assertLess(growth, MAX_GROWTH_BYTES, `the process has grown by ${growth} bytes`);
  }

  /** Sound requests still do what they should. */
  async servesCleanly(): Promise<void> {
    using client = await this.#connect();
    const { responses } = await client.ask(ProduceRequest, ProduceResponse, 12, {
      acks: -1,
      topicData: [{ name: "clean", partitionData: [{ index: 0, records: batch(["still here"]) }] }],
    });
    const { errorCode, baseOffset } = responses[0].partitionResponses[0];
    assertEquals([errorCode, baseOffset], [0, this.#cleanOffset++]);
    const fetched = await client.ask(FetchRequest, FetchResponse, 12, {
      topics: [{ topic: "clean", partitions: [{ partition: 0, fetchOffset: baseOffset, partitionMaxBytes: 1000 }] }],
    });
    assertEquals(fetched.responses[0].partitions[0].records?.length, batch(["still here"]).length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker.close();
  }

  async #createTopics(): Promise<void> {
    using client = await this.#connect();
    const { topics } = await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: [...TOPICS, "clean"].map((name) => ({
        name,
        numPartitions: 3,
        replicationFactor: 1,
        configs: name === "compacted" ? [{ name: "cleanup.policy", value: "compact" }] : [],
      })),
    });
    this.#topicIds = topics.filter(({ name }) => name !== "clean").map(({ topicId }) => topicId);
  }

  #connect(): Promise<RawClient> {
    const { host, port } = this.#broker.addresses[0];
    return RawClient.connect({ hostname: host, port });
  }

  /** True where the broker closed the connection. */
  async #readAnswers(client: RawClient, asked: readonly Sent[], areSound: boolean): Promise<boolean> {
    const deadline = performance.now() + ANSWER_TIMEOUT_MS;
    const answers = asked.filter(({ frame }) => !areSound || isAnswered(frame));
    for (let index = 0;; index++) {
      const frame = await client.receive(deadline - performance.now());
      if (frame === "connection closed") return true;
      if (this.#failures.length > 0) throw this.#failures.shift();
      assert(frame !== "no answer", `no answer to ${asked.map(({ name }) => name).join(", ")}`);
      if (new DataView(frame.buffer, frame.byteOffset).getInt32(0) === LAST_CORRELATION_ID) return false;
      if (areSound) decodeAnswer(answers[index], frame);
    }
  }

  /** Nothing that a client has left is kept. */
  async #allConnectionsEnd(): Promise<void> {
    for (let turn = 0; turn < 1000 && this.#broker.connectionCount > 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assertEquals(this.#broker.connectionCount, 0);
  }
}

function decodeAnswer({ frame: request, name }: Sent, frame: Uint8Array): void {
  const { apiKey, apiVersion } = readRequestPrefix(request);
  const { response } = REGISTRY.find(({ key }) => key === apiKey)!;
  try {
    decodeResponse(frame, response, apiVersion, 1);
  } catch (error) {
    throw new Error(`the answer to ${name} does not decode`, { cause: error });
  }
}

/** What the broker makes of a frame; null where it is no request. */
function decoded<T>(frame: Uint8Array, message: Message<T>): T | null {
  try {
    const { apiKey, apiVersion } = readRequestPrefix(frame);
    return apiKey === message.key && message.hasVersion(apiVersion)
      ? readRequest(frame, message, apiVersion).request
      : null;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

function waitsLong(frame: Uint8Array): boolean {
  return (decoded(frame, FetchRequest)?.maxWaitMs ?? 0) > LONGEST_WAIT_MS;
}

/** A produce request with `acks=0` is not answered. */
function isAnswered(frame: Uint8Array): boolean {
  return decoded(frame, ProduceRequest)?.acks !== 0;
}

/** An error is told to a producer with `acks=0` by the end of its connection alone. */
function mayCloseSilently(frame: Uint8Array): boolean {
  return !isAnswered(frame);
}

function closings(warnings: readonly string[]): number {
  return warnings.filter((line) => line.startsWith("Connection of")).length;
}
