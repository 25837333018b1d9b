/**
 * Bad disks, under the broker as a user starts it: a file system that fills up, and files that were damaged while it was
 * down.
 */
import { assertEquals, assertGreater } from "@std/assert";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../lib/protocol/messages/delete_topics.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { batchesOf } from "../../lib/records/mod.ts";
import { type BarnabasProcess, startBarnabas } from "./support/barnabas.ts";
import { RawClient } from "./support/raw_client.ts";
import { batch } from "./support/record_batch.ts";

const VOLUME_MEGABYTES = 28;
const BALLAST_BYTES = 4 << 20;
/** Longer than the broker waits before it tries again to make the log of a partition. */
const RETRY_TIMEOUT_MS = 15_000;

Deno.test({
  name: tmpfsMayBeMounted()
    ? "a full disk refuses writes and changes, goes on serving, and takes them as soon as it has room"
    : "a full disk refuses writes and changes, goes on serving, … (ignored: no file system may be mounted here)",
  ignore: !tmpfsMayBeMounted(),
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-full-disk-" });
    command("mount", "-t", "tmpfs", "-o", `size=${VOLUME_MEGABYTES}m`, "tmpfs", folder);
    try {
      await using broker = await startBarnabas({ folder: `${folder}/data` });
      using client = await RawClient.connect(broker);
      for (const name of ["a", "b"]) Deno.writeFileSync(`${folder}/ballast-${name}`, new Uint8Array(BALLAST_BYTES));
      for (const topic of ["t", "u"]) assertEquals(await createTopic(client, topic), ErrorCode.NONE);
      let acknowledged = await fill(client, "t");
      assertGreater(acknowledged, 10);

      assertEquals(await createTopic(client, "later"), ErrorCode.KAFKA_STORAGE_ERROR);
      assertEquals(await produce(client, "t", 1000), ErrorCode.KAFKA_STORAGE_ERROR);
      assertEquals((await fetchAll(client, "t")).length, acknowledged, "nothing half-written is shown");

      Deno.removeSync(`${folder}/ballast-a`);
      assertEquals(await produce(client, "t", 1000), ErrorCode.NONE);
      acknowledged++;
      await untilWritable(client, "later");
      assertEquals(await createTopic(client, "new"), ErrorCode.NONE);
      assertEquals(await produce(client, "new", 1000), ErrorCode.NONE);

      acknowledged += await fill(client, "t");
      assertEquals(await deleteTopic(client, "u"), ErrorCode.NONE, "what makes room is not refused for want of it");
      const port = broker.port;
      await broker.kill();
      Deno.removeSync(`${folder}/ballast-b`);
      await using again = await startBarnabas({ folder: `${folder}/data`, port });
      using other = await RawClient.connect(again);
      assertEquals((await fetchAll(other, "t")).length, acknowledged);
      assertEquals((await fetchAll(other, "new")).length, 1);
      assertEquals(await again.stop(), 0);
    } finally {
      command("umount", folder);
      Deno.removeSync(folder);
    }
  },
});

const SETTINGS = { "log.segment.bytes": "1048576" };
/** So that the records make some segments. */
const RECORD_BYTES = 50_000;
const FIRST_SEGMENT = "00000000000000000000";

/** What may lie in a folder after a crash, or after somebody has been there. */
const DAMAGE: Readonly<Record<string, (data: string) => void>> = {
  "a torn batch at the end": (data) => appendTo(lastLog(data), firstBytes(lastLog(data), 500)),
  "zeros at the end": (data) => appendTo(lastLog(data), new Uint8Array(10_000)),
  "no index files": (data) => removeAll(data, /index$/),
  "garbage in the index files": (data) => overwriteAll(data, /index$/, "not an index at all"),
  "truncated producer snapshots": (data) => truncateAll(data, /\.snapshot$/, 7),
  "garbage in the checkpoints": (data) => overwriteAll(data, /checkpoint$/, "no checkpoint"),
  "half-written checkpoints beside the good ones": (data) => {
    Deno.writeTextFileSync(`${data}/recovery-point-offset-checkpoint.tmp`, "0\n1\nt 0");
    Deno.writeTextFileSync(`${data}/t-0/leader-epoch-checkpoint.tmp`, "0\n");
  },
  "a partition's folder that is being deleted": (data) => {
    const folder = `${data}/gone-0.0123456789abcdef0123456789abcdef-delete`;
    Deno.mkdirSync(folder);
    Deno.writeTextFileSync(`${folder}/${FIRST_SEGMENT}.log`, "whatever");
  },
  "a partition's folder with nothing in it": (data) => Deno.mkdirSync(`${data}/half-0`),
};

for (const [what, damage] of Object.entries(DAMAGE)) {
  for (const how of ["kill", "stop"] as const) {
    Deno.test(`after a ${how}, ${what}: every acknowledged record is there, and more can be written`, async () => {
      await withRecords(async (data, count, broker) => {
        await broker[how]();
        damage(data);
        await using again = await startBarnabas({ folder: data, settings: SETTINGS });
        using client = await RawClient.connect(again);
        assertEquals((await fetchAll(client, "t")).length, count);
        assertEquals(await produce(client, "t", 100), ErrorCode.NONE);
        assertEquals((await fetchAll(client, "t")).length, count + 1);
        assertEquals(await again.stop(), 0);
      });
    });
  }
}

Deno.test("a flipped bit in a closed segment is an error of its batch alone, other batches and partitions are served", async () => {
  await withRecords(async (data, count, broker) => {
    await broker.stop();
    const path = `${data}/t-0/${FIRST_SEGMENT}.log`;
    const bytes = Deno.readFileSync(path);
    const batches = [...batchesOf(bytes)];
    const damaged = batches[3];
    bytes[damaged.bytes.byteOffset + 100] ^= 0x10;
    Deno.writeFileSync(path, bytes);
    await using again = await startBarnabas({ folder: data, settings: SETTINGS });
    using client = await RawClient.connect(again);
    assertEquals(await fetchFrom(client, "t", 0), { errorCode: ErrorCode.NONE, offsets: [0, 1, 2] });
    assertEquals(await fetchFrom(client, "t", 3), { errorCode: ErrorCode.CORRUPT_MESSAGE, offsets: [] });
    assertEquals((await fetchAll(client, "t", 4)).length, count - 4);
    assertEquals(await fetchFrom(client, "u", 0), { errorCode: ErrorCode.NONE, offsets: [0] });
  });
});

/** A broker with some segments of records in topic `t`, and one record in `u`. */
async function withRecords(
  test: (data: string, count: number, broker: BarnabasProcess) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-faults-" });
  const data = `${folder}/data`;
  try {
    await using broker = await startBarnabas({ folder: data, settings: SETTINGS });
    using client = await RawClient.connect(broker);
    for (const topic of ["t", "u"]) assertEquals(await createTopic(client, topic), ErrorCode.NONE);
    const count = 70;
    for (let index = 0; index < count; index++) assertEquals(await produce(client, "t", RECORD_BYTES), ErrorCode.NONE);
    assertEquals(await produce(client, "u", 1000), ErrorCode.NONE);
    await test(data, count, broker);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Produces until there is no room even for a small record; the number of records that were acknowledged. */
async function fill(client: RawClient, topic: string): Promise<number> {
  let acknowledged = 0;
  for (let size = 512 * 1024; size >= 100; size >>= 1) {
    while (await produce(client, topic, size) === ErrorCode.NONE) acknowledged++;
  }
  return acknowledged;
}

/** A record of that size; the error code. */
async function produce(client: RawClient, topic: string, valueBytes: number): Promise<ErrorCode> {
  const records = batch(["x".repeat(valueBytes)]);
  const { responses } = await client.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  });
  return responses[0].partitionResponses[0].errorCode as ErrorCode;
}

/** The offsets from one on, by as many fetches as it takes. */
async function fetchAll(client: RawClient, topic: string, from = 0): Promise<number[]> {
  const found: number[] = [];
  for (let next = from;; next = found[found.length - 1] + 1) {
    const { errorCode, offsets } = await fetchFrom(client, topic, next);
    assertEquals(errorCode, ErrorCode.NONE);
    if (offsets.length === 0) return found;
    found.push(...offsets);
  }
}

async function fetchFrom(
  client: RawClient,
  topic: string,
  offset: number,
): Promise<{ errorCode: ErrorCode; offsets: number[] }> {
  const { responses } = await client.ask(FetchRequest, FetchResponse, 12, {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1 << 22,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: BigInt(offset), partitionMaxBytes: 1 << 22 }] }],
  });
  const { errorCode, records } = responses[0].partitions[0];
  const offsets = Array.from(batchesOf(records ?? new Uint8Array(0)), (batch) => {
    if (!batch.checksumOk()) throw new Error("A damaged batch was served");
    return batch.lastOffset;
  });
  return { errorCode: errorCode as ErrorCode, offsets };
}

async function createTopic(client: RawClient, name: string): Promise<ErrorCode> {
  const { topics } = await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1 }],
    timeoutMs: 10_000,
  });
  return topics[0].errorCode as ErrorCode;
}

async function deleteTopic(client: RawClient, name: string): Promise<ErrorCode> {
  const { responses } = await client.ask(DeleteTopicsRequest, DeleteTopicsResponse, 6, { topics: [{ name }] });
  return responses[0].errorCode as ErrorCode;
}

/** A topic that was refused may be there all the same, without its log: then the broker makes it when there is room. */
async function untilWritable(client: RawClient, topic: string): Promise<void> {
  const deadline = performance.now() + RETRY_TIMEOUT_MS;
  const created = await createTopic(client, topic);
  if (created !== ErrorCode.NONE) assertEquals(created, ErrorCode.TOPIC_ALREADY_EXISTS);
  for (;;) {
    const errorCode = await produce(client, topic, 100);
    if (errorCode === ErrorCode.NONE) return;
    assertEquals(errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
    if (performance.now() > deadline) throw new Error(`${topic} cannot be written to after ${RETRY_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function lastLog(data: string): string {
  return filesOf(data, /\.log$/).filter((path) => path.includes("/t-0/")).sort().at(-1)!;
}

/** Files of the log directory and of its partitions, the metadata left out: they are kept by rules of their own. */
function filesOf(data: string, name: RegExp): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(data)) {
    if (entry.isFile && name.test(entry.name)) found.push(`${data}/${entry.name}`);
    if (!entry.isDirectory || entry.name.startsWith("__cluster_metadata")) continue;
    for (const inner of Deno.readDirSync(`${data}/${entry.name}`)) {
      if (name.test(inner.name)) found.push(`${data}/${entry.name}/${inner.name}`);
    }
  }
  return found;
}

function removeAll(data: string, name: RegExp): void {
  for (const path of filesOf(data, name)) Deno.removeSync(path);
}

function overwriteAll(data: string, name: RegExp, text: string): void {
  for (const path of filesOf(data, name)) Deno.writeTextFileSync(path, text);
}

function truncateAll(data: string, name: RegExp, size: number): void {
  for (const path of filesOf(data, name)) Deno.truncateSync(path, size);
}

function firstBytes(path: string, count: number): Uint8Array {
  return Deno.readFileSync(path).subarray(0, count);
}

function appendTo(path: string, bytes: Uint8Array): void {
  Deno.writeFileSync(path, bytes, { append: true });
}

function tmpfsMayBeMounted(): boolean {
  if (Deno.build.os !== "linux") return false;
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-mount-" });
  try {
    command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
    command("umount", folder);
    return true;
  } catch {
    return false;
  } finally {
    Deno.removeSync(folder);
  }
}

function command(program: string, ...args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(program, { args: [...args] }).outputSync();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
