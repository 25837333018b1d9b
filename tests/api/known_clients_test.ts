/** What known clients get wrong, and is answered all the same. */
import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { Broker } from "../../lib/mod.ts";
import { MetadataRequest, MetadataResponse } from "../../lib/protocol/messages/metadata.ts";
import { decodeResponse, framed, RawClient, requestFrame } from "../interop/support/raw_client.ts";

/** The frame of librdkafka 2.16 for all topics: after the header, 00000000 where the one byte 00 is the null. */
const ALL_TOPICS_OF_LIBRDKAFKA = Uint8Array.fromHex("000000190003000d00000003000772646b61666b610000000000010000");

Deno.test("librdkafka's request for all topics is answered, though its null is four bytes wide", async () => {
  await using served = await Served.start();
  await served.client.sendBytes(ALL_TOPICS_OF_LIBRDKAFKA);
  const frame = await served.client.receive();
  if (typeof frame === "string") throw new Error(frame);
  const { topics, brokers } = decodeResponse(frame, MetadataResponse, 13, 3);
  assertEquals(topics, []);
  assertEquals(brokers.length, 1);
  assertEquals(served.warnings, []);
});

Deno.test("other bytes behind a request for metadata still close the connection", async () => {
  const none = requestFrame(MetadataRequest, 13, { topics: [] });
  const all = requestFrame(MetadataRequest, 13, { topics: null });
  for (const [request, surplus] of [[none, 3], [all, 3], [ALL_TOPICS_OF_LIBRDKAFKA, 1]] as const) {
    await using served = await Served.start();
    await served.client.sendBytes(framed(concat([request.subarray(4), new Uint8Array(surplus)])));
    assertEquals(await served.client.receive(), "connection closed");
    assertEquals(served.warnings.length, 1);
  }
});

/** A broker in memory, a connection to it, and what it warned of. */
class Served implements AsyncDisposable {
  private constructor(readonly broker: Broker, readonly client: RawClient, readonly warnings: string[]) {}

  static async start(): Promise<Served> {
    const warnings: string[] = [];
    const broker = await Broker.start({ logger: { info() {}, warn: (line) => void warnings.push(line) } });
    const { host, port } = broker.address;
    return new Served(broker, await RawClient.connect({ hostname: host, port }), warnings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.broker.close();
  }
}
