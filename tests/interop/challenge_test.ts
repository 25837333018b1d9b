/**
 * The frames that users of the "Build your own Kafka" challenge send with `xxd -r -p | nc localhost 9092`.
 *
 * Three of them have 0x50 where the header counts its tagged fields, so what follows does not decode. Apache Kafka closes the
 * connection; Barnabas answers an ApiVersions request from its first eight bytes. Their well-formed twins are answered as
 * Apache Kafka answers them: `INTEROP_BROKER=apache-kafka` shows it.
 */
import { assertEquals, assertGreater } from "@std/assert";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { ApiVersionsResponse } from "../../lib/protocol/messages/api_versions.ts";
import { DescribeTopicPartitionsResponse } from "../../lib/protocol/messages/describe_topic_partitions.ts";
import { type BrokerProcess, startBroker } from "./support/barnabas.ts";
import { decodeResponse, RawClient } from "./support/raw_client.ts";

const API_VERSIONS = 18;
const DESCRIBE_TOPIC_PARTITIONS = 75;

const TAGGED_FIELDS = { asSent: "50", wellFormed: "00" };

Deno.test("the frames of the challenge are answered, as they are sent and in their well-formed twins", async (t) => {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-challenge-" });
  await using broker = await startBroker({ folder });
  for (const [form, tags] of Object.entries(TAGGED_FIELDS)) {
    const ignore = form === "asSent" && broker.name !== "Barnabas";

    await t.step({
      name: `ApiVersions in a version that nobody knows is answered in version 0 with UNSUPPORTED_VERSION, ${form}`,
      ignore,
      fn: () => unsupportedVersion(broker, tags),
    });

    for (const correlationId of ["50b2a730", "6f7fc661"]) {
      await t.step({
        name: `ApiVersions v4 of correlation id 0x${correlationId} is answered with the list of APIs, ${form}`,
        ignore,
        fn: () => listOfApis(broker, correlationId, tags),
      });
    }
  }
  await t.step("DescribeTopicPartitions of an unknown topic is answered with UNKNOWN_TOPIC_OR_PARTITION", async () => {
    const frame = await answerTo(
      broker,
      "00000031004b00002aa78ccf000c6b61666b612d746573746572000212756e6b6e6f776e2d746f7069632d7175780000000001ff00",
    );
    const { topics, nextCursor } = decodeResponse(frame, DescribeTopicPartitionsResponse, 0, 0x2aa78ccf);
    assertEquals(nextCursor, null);
    assertEquals(topics.map(({ name, errorCode, partitions }) => ({ name, errorCode, partitions })), [
      { name: "unknown-topic-qux", errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partitions: [] },
    ]);
  });
  await broker.stop();
  Deno.removeSync(folder, { recursive: true });
});

async function unsupportedVersion(broker: BrokerProcess, tags: string): Promise<void> {
  const frame = await answerTo(
    broker,
    `000000230012674a4f74d28b00096b61666b612d636c69${tags}0a6b61666b612d636c6904302e3100`,
  );
  const { errorCode, apiKeys } = decodeResponse(frame, ApiVersionsResponse, 0, 0x4f74d28b);
  assertEquals(errorCode, ErrorCode.UNSUPPORTED_VERSION);
  // Clients read from it which version to try next (KIP-511).
  assertEquals(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, minVersion, maxVersion]), [
    [API_VERSIONS, 0, 4],
  ]);
}

async function listOfApis(broker: BrokerProcess, correlationId: string, tags: string): Promise<void> {
  const frame = await answerTo(
    broker,
    `0000002300120004${correlationId}00096b61666b612d636c69${tags}0a6b61666b612d636c6904302e3100`,
  );
  const response = decodeResponse(frame, ApiVersionsResponse, 4, parseInt(correlationId, 16));
  assertEquals(response.errorCode, ErrorCode.NONE);
  const known = new Map(response.apiKeys.map((api) => [api.apiKey, api]));
  assertGreater(known.get(API_VERSIONS)!.maxVersion, 3);
  assertEquals(known.get(DESCRIBE_TOPIC_PARTITIONS)!.minVersion, 0);
}

async function answerTo(broker: BrokerProcess, hex: string): Promise<Uint8Array> {
  using client = await RawClient.connect(broker);
  await client.sendBytes(Uint8Array.fromHex(hex));
  const frame = await client.receive();
  if (typeof frame === "string") throw new Error(`An answer to ${hex} was expected: ${frame}`);
  return frame;
}
