/** A broker in memory, asked over real connections. */
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import { Broker, type BrokerOptions, type PlainLogger } from "../../lib/mod.ts";
import type { Address } from "../../lib/ports.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../lib/protocol/messages/api_versions.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../lib/protocol/messages/incremental_alter_configs.ts";
import { MetadataRequest, MetadataResponse } from "../../lib/protocol/messages/metadata.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import type { Init } from "../../lib/protocol/schema.ts";
import { RecordBatchBuilder } from "../../lib/records/mod.ts";
import { framed, RawClient, requestFrame } from "../interop/support/raw_client.ts";
import { ServesClients } from "./serves_clients.ts";

const UTF8 = new TextEncoder();

function batchOf(...values: string[]): Uint8Array {
  const builder = new RecordBatchBuilder({});
  for (const value of values) {
    builder.append({ timestamp: Date.now(), key: null, value: UTF8.encode(value), headers: [] });
  }
  return builder.build();
}

function produce(topic: string, records: Uint8Array, acks = -1): Init<ProduceRequest> {
  return { acks, timeoutMs: 1000, topicData: [{ name: topic, partitionData: [{ index: 0, records }] }] };
}

function fetchFrom(topic: string, fetchOffset: number, maxWaitMs = 0, minBytes = 1): Init<FetchRequest> {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }];
  return { maxWaitMs, minBytes, topics: [{ topic, partitions }] };
}

/** A broker in memory that keeps its warnings, and a way to connect to it. */
class Served extends ServesClients implements AsyncDisposable {
  private constructor(readonly broker: Broker, readonly warnings: string[]) {
    super();
  }

  get address(): Address {
    return this.broker.address;
  }

  static async start(options: BrokerOptions = {}): Promise<Served> {
    const warnings: string[] = [];
    const logger: PlainLogger = { info: () => {}, warn: (line) => warnings.push(line) };
    return new Served(await Broker.start({ logger, ...options }), warnings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeClients();
    await this.broker.close();
  }
}

Deno.test("a record that was produced is fetched, byte for byte", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  const sent = batchOf("one", "two");
  const produced = await client.ask(ProduceRequest, ProduceResponse, 9, produce("t", sent));
  assertEquals(produced.responses[0].partitionResponses[0].errorCode, ErrorCode.NONE);
  const fetched = await client.ask(FetchRequest, FetchResponse, 12, fetchFrom("t", 0));
  const { records, highWatermark } = fetched.responses[0].partitions[0];
  assertEquals(highWatermark, 2n);
  // Base offset and leader epoch, in the first 16 bytes, are the broker's.
  assertEquals(records!.subarray(16), sent.subarray(16));
});

Deno.test("requests of one connection are answered in order, and a slow one holds up no other connection", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  const slow = await client.send(FetchRequest, 12, fetchFrom("t", 0, 60_000));
  const next = await client.send(ApiVersionsRequest, 0, {});
  const other = await served.connect();
  await other.ask(ApiVersionsRequest, ApiVersionsResponse, 0, {});
  // The long poll ends when something is produced; its answer comes first.
  await other.ask(ProduceRequest, ProduceResponse, 9, produce("t", batchOf("x")));
  const fetched = await client.receiveAs(FetchResponse, 12, slow);
  assertEquals(fetched.responses[0].partitions[0].highWatermark, 1n);
  await client.receiveAs(ApiVersionsResponse, 0, next);
});

Deno.test("pipelined batches stand in the log in the order in which they were sent", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  const ids: number[] = [];
  for (let index = 0; index < 50; index++) {
    ids.push(await client.send(ProduceRequest, 9, produce("t", batchOf(`${index}`))));
  }
  for (const [index, id] of ids.entries()) {
    const { responses } = await client.receiveAs(ProduceResponse, 9, id);
    assertEquals(responses[0].partitionResponses[0].baseOffset, BigInt(index));
  }
});

Deno.test("a fetch waits for as many bytes as it wants, and no longer than it says", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await client.ask(ProduceRequest, ProduceResponse, 9, produce("t", batchOf("first")));
  const short = await client.ask(FetchRequest, FetchResponse, 12, fetchFrom("t", 0, 20, 10_000));
  assert(short.responses[0].partitions[0].records!.length > 0);
  const waiting = await client.send(FetchRequest, 12, fetchFrom("t", 0, 60_000, 10_000));
  const other = await served.connect();
  await other.ask(ProduceRequest, ProduceResponse, 9, produce("t", batchOf("x".repeat(10_000))));
  const { responses } = await client.receiveAs(FetchResponse, 12, waiting);
  assert(responses[0].partitions[0].records!.length >= 10_000);
});

Deno.test("with acks=0 nothing is answered, and an error closes the connection", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  await client.send(ProduceRequest, 9, produce("t", batchOf("x"), 0));
  const { apiKeys } = await client.ask(ApiVersionsRequest, ApiVersionsResponse, 0, {});
  assert(apiKeys.length > 0);
  await client.send(ProduceRequest, 9, produce("nowhere", batchOf("x"), 0));
  assertEquals(await client.receive(), "connection closed");
});

const UNKNOWN_API = requestFrame(ApiVersionsRequest, 0, {});
new DataView(UNKNOWN_API.buffer, UNKNOWN_API.byteOffset).setInt16(4, 999);
const UNKNOWN_VERSION = requestFrame(MetadataRequest, 13, { topics: null });
new DataView(UNKNOWN_VERSION.buffer, UNKNOWN_VERSION.byteOffset).setInt16(6, 99);
const TRAILING = framed(concat([requestFrame(MetadataRequest, 9, { topics: null }).subarray(4), new Uint8Array(3)]));
const CUT = framed(requestFrame(MetadataRequest, 9, { topics: [{ name: "abc" }] }).subarray(4, -6));

const MALFORMED: [what: string, frame: Uint8Array, warning: RegExp][] = [
  ["a negative length", framed(new Uint8Array(0), -1), /announces -1 bytes/],
  ["a length above the limit", framed(new Uint8Array(0), 0x7fffffff), /socket\.request\.max\.bytes/],
  ["a frame without a header", framed(new Uint8Array(7)), /7 bytes has no room for its header/],
  ["an unknown API key", UNKNOWN_API, /API key 999 \(unknown\)/],
  ["an unknown version", UNKNOWN_VERSION, /API key 3 \(Metadata\) version 99 is not served.*0 to 13/],
  ["trailing bytes", TRAILING, /3 bytes are left over \(at byte \d+, in MetadataRequest v9\)/],
  ["a body that ends early", CUT, /\(at byte \d+, in MetadataRequest v9\.topics/],
];

for (const [what, frame, warning] of MALFORMED) {
  Deno.test(`${what} closes that connection, with one warning, and no other`, async () => {
    await using served = await Served.start();
    const other = await served.connect();
    const client = await served.connect();
    await client.sendBytes(frame);
    assertEquals(await client.receive(), "connection closed");
    assertEquals(served.warnings.length, 1);
    assertMatch(served.warnings[0], warning);
    await other.ask(ApiVersionsRequest, ApiVersionsResponse, 0, {});
  });
}

Deno.test("half a frame, then silence, is dropped at connections.max.idle.ms", async () => {
  await using served = await Served.start({ set: { "connections.max.idle.ms": "50" } });
  const client = await served.connect();
  await client.sendBytes(requestFrame(MetadataRequest, 9, { topics: null }).subarray(0, 10));
  assertEquals(await client.receive(), "connection closed");
  assertEquals(served.warnings, []);
});

Deno.test("a connection that waits for an answer is not idle", async () => {
  await using served = await Served.start({ set: { "connections.max.idle.ms": "20" } });
  const client = await served.connectWithTopic("t");
  const id = await client.send(FetchRequest, 12, fetchFrom("t", 0, 100));
  await client.receiveAs(FetchResponse, 12, id);
});

Deno.test("with max.connections open, another client is served when one has left", async () => {
  await using served = await Served.start({ set: { "max.connections": "2" } });
  const first = await served.connect();
  const second = await served.connect();
  for (const client of [first, second]) await client.ask(ApiVersionsRequest, ApiVersionsResponse, 0, {});
  const third = await served.connect();
  const id = await third.send(ApiVersionsRequest, 0, {});
  assertEquals(await third.receive(50), "no answer");
  await second.sendBytes(framed(new Uint8Array(0), -1));
  await third.receiveAs(ApiVersionsResponse, 0, id);
});

Deno.test("max.connections changes while the broker runs: more are let in at once, and too many go, the idle ones first", async () => {
  await using served = await Served.start({ set: { "max.connections": "2" } });
  const first = await served.connect();
  const second = await served.connect();
  for (const client of [first, second]) await client.ask(ApiVersionsRequest, ApiVersionsResponse, 0, {});
  const third = await served.connect();
  const waiting = await third.send(ApiVersionsRequest, 0, {});
  const limitTo = (value: string) => ({
    resources: [{
      resourceType: 4,
      resourceName: "",
      configs: [{ name: "max.connections", configOperation: 0, value }],
    }],
  });
  await second.ask(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, limitTo("3"));
  await third.receiveAs(ApiVersionsResponse, 0, waiting);
  await third.send(IncrementalAlterConfigsRequest, 1, limitTo("1"));
  assertEquals(await first.receive(), "connection closed");
  assertEquals(await second.receive(), "connection closed");
  assert(typeof await third.receive() !== "string");
});

Deno.test("max.connections.per.ip refuses one more, with a warning", async () => {
  await using served = await Served.start({ set: { "max.connections.per.ip": "1" } });
  const first = await served.connect();
  await first.ask(ApiVersionsRequest, ApiVersionsResponse, 0, {});
  const second = await served.connect();
  assertEquals(await second.receive(), "connection closed");
  assertStringIncludes(served.warnings[0], "max.connections.per.ip");
});

Deno.test("a client that sends much and reads late gets every answer, in order", async () => {
  await using served = await Served.start({
    set: { "queued.max.request.bytes": "2000000", "socket.request.max.bytes": "2000000" },
  });
  const client = await served.connectWithTopic("t");
  const sent = batchOf("x".repeat(500_000));
  await client.ask(ProduceRequest, ProduceResponse, 9, produce("t", sent));
  const ids: number[] = [];
  // 100 MB of answers: far more than sockets and limits hold.
  for (let index = 0; index < 200; index++) ids.push(await client.send(FetchRequest, 12, fetchFrom("t", 0)));
  for (const id of ids) {
    const { responses } = await client.receiveAs(FetchResponse, 12, id);
    assertEquals(responses[0].partitions[0].records!.length, sent.length);
  }
});

Deno.test("a client that has ended its side gets all of its answer", async () => {
  await using served = await Served.start();
  const client = await served.connectWithTopic("t");
  const sent = batchOf("x".repeat(900_000));
  // More than the system's buffers hold: the broker is still sending when it sees the end.
  for (let count = 0; count < 15; count++) await client.ask(ProduceRequest, ProduceResponse, 9, produce("t", sent));
  const { host, port } = served.broker.address;
  const connection = await Deno.connect({ hostname: host, port });
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 24 }];
  const request = { maxBytes: 1 << 24, topics: [{ topic: "t", partitions }] };
  await connection.write(requestFrame(FetchRequest, 12, request));
  let receivedBytes = await connection.read(new Uint8Array(1)) ?? 0;
  await connection.closeWrite();
  for await (const chunk of connection.readable) receivedBytes += chunk.length;
  assert(receivedBytes > 15 * sent.length, `only ${receivedBytes} bytes`);
});

Deno.test("clients are told the address that they connected to", async () => {
  await using served = await Served.start({ host: "0.0.0.0" });
  const client = await RawClient.connect({ hostname: "127.0.0.1", port: served.broker.address.port });
  try {
    const { brokers } = await client.ask(MetadataRequest, MetadataResponse, 9, { topics: null });
    assertEquals(brokers.map(({ host, port }) => [host, port]), [["127.0.0.1", served.broker.address.port]]);
  } finally {
    client.close();
  }
});

Deno.test("advertised.listeners are told instead, where they are set", async () => {
  await using served = await Served.start({ set: { "advertised.listeners": "PLAINTEXT://kafka.example:19092" } });
  const client = await served.connect();
  const { brokers } = await client.ask(MetadataRequest, MetadataResponse, 9, { topics: null });
  assertEquals(brokers.map(({ host, port }) => [host, port]), [["kafka.example", 19092]]);
});

Deno.test("a port that is taken, and a setting that cannot be, are said in one line", async () => {
  await using served = await Served.start();
  const inUse = await assertRejects(() => Broker.start({ port: served.broker.address.port }));
  assertMatch((inUse as Error).message, /^Cannot listen on 127\.0\.0\.1:\d+: .*--port$/);
  await assertRejects(() => Broker.start({ set: { "num.partitions": "many" } }), Error, "num.partitions");
});

Deno.test("a folder keeps its topics and records from one broker to the next, and serves one at a time", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    let topicId: string;
    {
      await using served = await Served.start({ dataDir });
      const client = await served.connectWithTopic("t");
      await client.ask(ProduceRequest, ProduceResponse, 9, produce("t", batchOf("kept")));
      const { topics } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [{ name: "t" }] });
      topicId = topics[0].topicId;
      const error = await assertRejects(() => Broker.start({ dataDir }));
      assertStringIncludes((error as Error).message, dataDir);
    }
    await using served = await Served.start({ dataDir });
    const client = await served.connect();
    const { topics } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [{ name: "t" }] });
    assertEquals(topics[0].topicId, topicId);
    const fetched = await client.ask(FetchRequest, FetchResponse, 12, fetchFrom("t", 0));
    assertEquals(fetched.responses[0].partitions[0].highWatermark, 1n);
    assertEquals(served.warnings, []);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("a partition whose disk is missing is not replaced by an empty one", async () => {
  const folder = await Deno.makeTempDir();
  const withDirs = (logDirs: string) => Served.start({ set: { "log.dirs": logDirs } });
  try {
    {
      await using served = await withDirs(`${folder}/a,${folder}/b`);
      const client = await served.connectWithTopic("t");
      await client.ask(MetadataRequest, MetadataResponse, 9, { topics: [{ name: "u" }], allowAutoTopicCreation: true });
      for (const topic of ["t", "u"]) {
        await client.ask(ProduceRequest, ProduceResponse, 9, produce(topic, batchOf("x")));
      }
    }
    await using served = await withDirs(`${folder}/a`);
    const client = await served.connect();
    const errors: number[] = [];
    for (const topic of ["t", "u"]) {
      const { responses } = await client.ask(FetchRequest, FetchResponse, 12, fetchFrom(topic, 0));
      errors.push(responses[0].partitions[0].errorCode);
    }
    assertEquals(errors.toSorted((a, b) => a - b), [ErrorCode.NONE, ErrorCode.KAFKA_STORAGE_ERROR]);
    assertMatch(served.warnings.join("\n"), /Partition [tu]-0 is not served: .*not in log\.dirs/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a broker that is closed ends the requests that wait", async () => {
  const served = await Served.start();
  const client = await served.connectWithTopic("t");
  await client.send(FetchRequest, 12, fetchFrom("t", 0, 60_000));
  await client.send(ApiVersionsRequest, 0, {});
  await served[Symbol.asyncDispose]();
});

Deno.test("nothing waits for a client that has ended its side, whatever it has asked", async () => {
  await using served = await Served.start();
  await served.connectWithTopic("t");
  const { host, port } = served.broker.address;
  const connection = await Deno.connect({ hostname: host, port });
  const forever = requestFrame(FetchRequest, 12, fetchFrom("t", 0, 0x7fffffff, 0x7fffffff));
  await connection.write(forever);
  await connection.write(forever);
  await connection.closeWrite();
  let receivedBytes = 0;
  for await (const chunk of connection.readable) receivedBytes += chunk.length;
  assert(receivedBytes > 0, "both are answered with what there is");
});

Deno.test("a client that has asked more than is held is not read from, and let go at connections.max.idle.ms", async () => {
  await using served = await Served.start({ set: { "connections.max.idle.ms": "50" } });
  const client = await served.connectWithTopic("t");
  const forever = requestFrame(FetchRequest, 12, fetchFrom("t", 0, 0x7fffffff, 0x7fffffff));
  for (let count = 0; count < 150; count++) await client.sendBytes(forever);
  assertEquals(await client.receive(), "connection closed");
});
