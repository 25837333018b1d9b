/**
 * What many clients do to a broker at once, and what it costs.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../lib/protocol/messages/create_topics.ts";
import { FetchRequest, FetchResponse } from "../../../lib/protocol/messages/fetch.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import { startTarget, type Target } from "../../fuzz/connections/target.ts";
import { connect, sendAll } from "../../fuzz/connections/wire.ts";
import { framed, RawClient, requestFrame } from "./raw_client.ts";
import { batch } from "./record_batch.ts";

/** What clients do. */
export interface Load {
  readonly name: string;
  /** How many of them there are, for each that is asked for. */
  readonly share: number;
  /** Readies the broker. */
  readonly prepare?: (client: RawClient) => Promise<void>;
  /** Does it once, and leaves the connection as it is. */
  readonly act: (target: Target) => Promise<Disposable>;
}

/** What it came to, in bytes of the process's memory (RSS). */
export interface Figures {
  readonly before: number;
  readonly most: number;
  readonly afterwards: number;
  /** How long a sound client waited for a record there and back, at most. */
  readonly waitedMs: number;
}

const SAMPLE_MS = 50;
/** How long clients hold what they hold. */
const HOLD_MS = 3000;
/** How long the broker has to give back what it took. */
const REST_MS = 3000;
/** Connections that are opened at the same time. */
const AT_ONCE = 50;

const RECORD = "x".repeat(1000_000);
const BIG_TOPIC = "big";
const BIG_BATCHES = 48;

const FETCH_MUCH = requestFrame(FetchRequest, 12, {
  maxBytes: 50_000_000,
  topics: [{ topic: BIG_TOPIC, partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 50_000_000 }] }],
});

/** All of them. */
export const LOADS: readonly Load[] = [
  { name: "connect and say nothing", share: 4, act: (target) => open(target, "PLAINTEXT") },
  {
    name: "connect by TLS and say half of the first word",
    share: 2,
    act: (target) => send(target, "SSL", Uint8Array.of(0x16, 3, 1)),
  },
  {
    name: "announce 500 KB before they have authenticated, and send 100 KB",
    share: 2,
    act: (target) => send(target, "SASL_PLAINTEXT", framed(new Uint8Array(100_000), 500_000)),
  },
  {
    name: "send 60 KB of a request, one byte at a time from then on",
    share: 1,
    act: (target) => drip(target, framed(new Uint8Array(60_000), 65_000)),
  },
  {
    name: "announce 100 MB, and send 70 KB",
    share: 3,
    act: (target) => send(target, "PLAINTEXT", framed(new Uint8Array(70_000), 100_000_000)),
  },
  {
    name: "announce 100 MB, and send 10 MB",
    share: 0.2,
    act: (target) => send(target, "PLAINTEXT", framed(new Uint8Array(10_000_000), 100_000_000)),
  },
  {
    name: "ask for 48 MB of records, and read nothing",
    share: 1,
    prepare: fillTopic,
    act: (target) => send(target, "PLAINTEXT", FETCH_MUCH),
  },
  {
    name: "ask for the metadata of 1,000,000 topics that are not there",
    share: 0.02,
    act: (target) => send(target, "PLAINTEXT", askForMany(1_000_000)),
  },
];

/** Starts a broker, has `clients` do it, and tells what it took. */
export async function measure(load: Load, clients: number, set: Record<string, string> = {}): Promise<Figures> {
  await using target = await startTarget({ "super.users": "User:ANONYMOUS", ...set });
  using client = await RawClient.connect({ hostname: "127.0.0.1", port: target.ports.PLAINTEXT });
  await createTopic(client, "sound");
  await load.prepare?.(client);
  const before = rssOf(target.pid);
  let most = before;
  const timer = setInterval(() => most = Math.max(most, rssOf(target.pid)), SAMPLE_MS);
  const open: Disposable[] = [];
  let waitedMs = 0;
  try {
    let left = clients;
    const acting = Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) open.push(await load.act(target));
    });
    const until = Promise.all(acting).then(() => new Promise((resolve) => setTimeout(resolve, HOLD_MS)));
    let isOver = false;
    until.finally(() => isOver = true);
    while (!isOver) {
      const began = performance.now();
      await thereAndBack(client);
      waitedMs = Math.max(waitedMs, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
    await until;
  } finally {
    for (const one of open) one[Symbol.dispose]();
  }
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  clearInterval(timer);
  return { before, most, afterwards: rssOf(target.pid), waitedMs };
}

function rssOf(pid: number): number {
  const [, pages] = Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ");
  return Number(pages) * PAGE_BYTES;
}

const PAGE_BYTES = 4096;

async function open(target: Target, listener: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT"): Promise<Deno.Conn & Disposable> {
  return listener === "SSL"
    ? await Deno.connect({ hostname: "127.0.0.1", port: target.ports.SSL })
    : await connect(target, listener);
}

/** Sends, and does not wait until all is taken. */
async function send(target: Target, listener: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT", bytes: Uint8Array) {
  const connection = await open(target, listener);
  const sending = sendAll(connection, bytes).catch(ignoreEnd);
  await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, SEND_MS))]);
  return closing(connection);
}

/** How long one client may take to send before the next one begins. */
const SEND_MS = 300;
const DRIP_MS = 200;

async function drip(target: Target, bytes: Uint8Array): Promise<Disposable> {
  const connection = await open(target, "PLAINTEXT");
  await sendAll(connection, bytes);
  const timer = setInterval(() => connection.write(Uint8Array.of(0)).catch(ignoreEnd), DRIP_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      closing(connection)[Symbol.dispose]();
    },
  };
}

function closing(connection: Deno.Conn): Disposable {
  return { [Symbol.dispose]: () => connection.close() };
}

function ignoreEnd(error: unknown): void {
  if (!(error instanceof Error && error.name in Deno.errors)) throw error;
}

async function fillTopic(client: RawClient): Promise<void> {
  await createTopic(client, BIG_TOPIC);
  const records = batch([RECORD]);
  for (let count = 0; count < BIG_BATCHES; count++) await produce(client, BIG_TOPIC, records);
}

async function createTopic(client: RawClient, name: string): Promise<void> {
  const topics = [{
    name,
    numPartitions: 1,
    replicationFactor: 1,
    configs: [{ name: "retention.bytes", value: "-1" }],
  }];
  const created = await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, { topics, timeoutMs: 10_000 });
  assertEquals(created.topics[0].errorCode, 0);
}

async function produce(client: RawClient, name: string, records: Uint8Array): Promise<bigint> {
  const { responses } = await client.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name, partitionData: [{ index: 0, records }] }],
  });
  const { errorCode, baseOffset } = responses[0].partitionResponses[0];
  assertEquals(errorCode, 0);
  return baseOffset;
}

async function thereAndBack(client: RawClient): Promise<void> {
  const records = batch(["sound"]);
  const fetchOffset = await produce(client, "sound", records);
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 10_000 }];
  const fetched = await client.ask(FetchRequest, FetchResponse, 12, {
    maxWaitMs: 1000,
    minBytes: 1,
    topics: [{ topic: "sound", partitions }],
  });
  assertEquals(fetched.responses[0].partitions[0].records?.length, records.length);
}

/** A Metadata request of version 9 with that many short names. */
function askForMany(count: number): Uint8Array {
  const one = requestFrame(MetadataRequest, 9, { topics: [{ name: "abcdefg" }], allowAutoTopicCreation: false });
  return many ??= framed(bodyWith(one.subarray(4), count));
}

let many: Uint8Array | undefined;

/** Says the one topic of a request `count` times. */
function bodyWith(body: Uint8Array, count: number): Uint8Array {
  // Behind the header there is the count as a varint, then a name of seven bytes and its tags.
  const at = body.length - TAIL_BYTES - TOPIC_BYTES - 1;
  const topic = body.subarray(at + 1, at + 1 + TOPIC_BYTES);
  const topics = new Uint8Array(count * TOPIC_BYTES);
  for (let index = 0; index < count; index++) topics.set(topic, index * TOPIC_BYTES);
  return concat([body.subarray(0, at), unsignedVarint(count + 1), topics, body.subarray(-TAIL_BYTES)]);
}

const TOPIC_BYTES = 1 + 7 + 1;
/** Three booleans and the tags. */
const TAIL_BYTES = 4;

function unsignedVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, value]);
}
