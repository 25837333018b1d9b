/** Clients that ask for much and read nothing: one connection on a transport that the test holds. */
import { assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { Connection } from "../../lib/broker/connection.ts";
import { BrokerCore } from "../../lib/broker/mod.ts";
import { RequestMemory } from "../../lib/broker/request_memory.ts";
import { loadSettings } from "../../lib/metadata/configs/mod.ts";
import { systemWorld } from "../../lib/mod.ts";
import type { Transport } from "../../lib/ports.ts";
import { CreateTopicsRequest } from "../../lib/protocol/messages/create_topics.ts";
import { FetchRequest } from "../../lib/protocol/messages/fetch.ts";
import { ProduceRequest } from "../../lib/protocol/messages/produce.ts";
import { ANONYMOUS } from "../../lib/security/mod.ts";
import { requestFrame } from "../interop/support/raw_client.ts";
import { batch } from "../interop/support/record_batch.ts";

const LIMIT_BYTES = 4 * 1024 * 1024;
const BATCH = batch(["x".repeat(900_000)]);
const CREATE = requestFrame(CreateTopicsRequest, 7, {
  topics: [{ name: "t", numPartitions: 3, replicationFactor: 1 }],
});
const PRODUCE = requestFrame(ProduceRequest, 9, {
  acks: -1,
  topicData: [{ name: "t", partitionData: [0, 1, 2].map((index) => ({ index, records: BATCH })) }],
});
const FETCH = requestFrame(FetchRequest, 12, {
  maxBytes: 100_000_000,
  topics: [{
    topic: "t",
    partitions: [0, 1, 2].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 10_000_000 })),
  }],
});

Deno.test("of what a client does not read, little more than one answer is made", async () => {
  await using served = await Served.start();
  const peer = served.connect();
  peer.send(CREATE, PRODUCE);
  await peer.hasTaken(2);
  peer.stopReading();
  peer.send(...Array(50).fill(FETCH));
  await settled();
  assertGreaterOrEqual(served.memory.answers.bytesLeft, LIMIT_BYTES - 3 * BATCH.length - 1024 * 1024);
  peer.readAgain();
  await peer.hasTaken(52);
  assertEquals(served.memory.answers.bytesLeft, LIMIT_BYTES);
});

Deno.test("where many clients do not read, the others are answered by one batch, and all is free when they are gone", async () => {
  await using served = await Served.start();
  const peers = [served.connect(), served.connect(), served.connect()];
  peers[0].send(CREATE, PRODUCE);
  await peers[0].hasTaken(2);
  for (const peer of peers.slice(0, 2)) {
    peer.stopReading();
    peer.send(FETCH);
  }
  await settled();
  assertLess(served.memory.answers.bytesLeft, BATCH.length);
  peers[2].send(FETCH);
  await peers[2].hasTaken(1);
  assertLess(peers[2].takenBytes, 2 * BATCH.length);
  for (const peer of peers) peer.close();
  // It fails by never ending, should an answer's memory be lost.
  while (served.memory.answers.bytesLeft < LIMIT_BYTES) await settled();
  assertEquals(served.memory.answers.bytesLeft, LIMIT_BYTES);
});

Deno.test("a client that does not read its answer is let go at connections.max.idle.ms, whatever else it has asked", async () => {
  await using served = await Served.start({ "connections.max.idle.ms": "30" });
  const peer = served.connect();
  peer.send(CREATE, PRODUCE);
  await peer.hasTaken(2);
  peer.stopReading();
  peer.send(...Array(10).fill(FETCH));
  await peer.isClosed;
});

/** Lets all that is ready be done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** The services of a broker in memory, for connections on transports of the test's own. */
class Served implements AsyncDisposable {
  readonly memory = new RequestMemory(LIMIT_BYTES);
  readonly #broker: BrokerCore;
  readonly #peers: Peer[] = [];

  private constructor(broker: BrokerCore) {
    this.#broker = broker;
  }

  static async start(set: Record<string, string> = {}): Promise<Served> {
    const { settings } = loadSettings({ flags: { host: "127.0.0.1", port: 0, dataDir: "memory", set } });
    return new Served(await BrokerCore.start(settings, systemWorld(settings)));
  }

  connect(): Peer {
    const peer = new Peer();
    this.#peers.push(peer);
    new Connection(
      peer.transport,
      { listenerName: "PLAINTEXT", principal: ANONYMOUS },
      this.#broker.services,
      this.memory,
    ).serve();
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) peer.close();
    await this.#broker.close();
  }
}

/** The other end of a transport. */
class Peer {
  takenBytes = 0;
  #takenFrames = 0;
  readonly #incoming: Uint8Array[] = [];
  #wakeRead: (() => void) | null = null;
  #mayWrite: Promise<void> = Promise.resolve();
  #readAgain = () => {};
  #noteTaken = () => {};
  #noteClosed = () => {};
  #isEnded = false;
  readonly isClosed = new Promise<void>((resolve) => this.#noteClosed = resolve);

  readonly transport: Transport = {
    local: { host: "127.0.0.1", port: 9092 },
    remote: { host: "127.0.0.1", port: 50_000 },
    read: async (into) => {
      while (this.#incoming.length === 0 && !this.#isEnded) {
        await new Promise<void>((resolve) => this.#wakeRead = resolve);
      }
      if (this.#isEnded) return null;
      const chunk = this.#incoming.shift()!;
      into.set(chunk.subarray(0, into.length));
      if (chunk.length > into.length) this.#incoming.unshift(chunk.subarray(into.length));
      return Math.min(chunk.length, into.length);
    },
    write: async (chunks) => {
      await this.#mayWrite;
      if (this.#isEnded) throw new Error("The peer is gone");
      for (const chunk of chunks) this.#take(chunk);
      this.#noteTaken();
    },
    close: () => this.close(),
  };

  send(...frames: Uint8Array[]): void {
    this.#incoming.push(...frames);
    this.#wakeRead?.();
  }

  stopReading(): void {
    this.#mayWrite = new Promise((resolve) => this.#readAgain = resolve);
  }

  readAgain(): void {
    this.#readAgain();
  }

  close(): void {
    this.#isEnded = true;
    this.#wakeRead?.();
    this.#readAgain();
    this.#noteClosed();
  }

  /** Resolves when so many whole answers have been read. */
  async hasTaken(frames: number): Promise<void> {
    while (this.#takenFrames < frames) await new Promise<void>((resolve) => this.#noteTaken = resolve);
  }

  /** Counts frames: `#missing` bytes of the one that is being read are still to come. */
  #take(chunk: Uint8Array): void {
    this.takenBytes += chunk.length;
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#missing === 0) {
        // The length of a frame is never split between two chunks: the header is written in one piece.
        this.#missing = new DataView(rest.buffer, rest.byteOffset).getInt32(0) + 4;
      }
      const count = Math.min(this.#missing, rest.length);
      this.#missing -= count;
      rest = rest.subarray(count);
      if (this.#missing === 0) this.#takenFrames++;
    }
  }
  #missing = 0;
}
