import { assertEquals } from "@std/assert";
import type { RequestContext } from "../../../lib/api/context.ts";
import { describeLogDirsApi } from "../../../lib/api/handlers/describe_log_dirs.ts";
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from "../../../lib/protocol/messages/describe_log_dirs.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { batch } from "../../interop/support/record_batch.ts";
import { errorOf, TestBroker } from "./support.ts";

async function describe(broker: TestBroker, topics: Init<DescribeLogDirsRequest>["topics"], version = 5) {
  return await broker.ask(DescribeLogDirsRequest, DescribeLogDirsResponse, version, { topics });
}

function partitionsOf({ results }: DescribeLogDirsResponse): string[] {
  return results.flatMap(({ topics }) =>
    topics.flatMap(({ name, partitions }) => partitions.map(({ partitionIndex }) => `${name}-${partitionIndex}`))
  ).sort();
}

Deno.test("each log directory is told with all of its partitions and their sizes, in every version", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 2, u: 1 });
  const records = batch(["hello"]);
  await broker.ask(ProduceRequest, ProduceResponse, 12, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: "u", partitionData: [{ index: 0, records }] }],
  });
  for (const version of [1, 2, 3, 4, 5]) {
    const answer = await describe(broker, null, version);
    assertEquals([answer.errorCode, answer.results.length, errorOf(answer.results[0])], [0, 1, "NONE"]);
    assertEquals(answer.results[0].logDir, "memory");
    assertEquals(partitionsOf(answer), ["t-0", "t-1", "u-0"]);
    const [{ partitions: [partition] }] = answer.results[0].topics.filter(({ name }) => name === "u");
    assertEquals([partition.partitionSize, partition.offsetLag, partition.isFutureKey], [
      BigInt(records.length),
      0n,
      false,
    ]);
  }
});

Deno.test("where partitions are named, those that are there are told", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 2, u: 1 });
  const topics = [{ topic: "t", partitions: [1, 7] }, { topic: "nosuch", partitions: [0] }];
  assertEquals(partitionsOf(await describe(broker, topics)), ["t-1"]);
  assertEquals(partitionsOf(await describe(broker, [])), []);
});

Deno.test("a directory whose device has failed says so, and the others go on", async () => {
  const directories = [
    { path: "/a", isOffline: true, totalBytes: -1, freeBytes: -1, logs: [] },
    { path: "/b", isOffline: false, totalBytes: 100, freeBytes: 60, logs: [] },
  ];
  const context = { authorizer: null, logs: { directories: () => directories } } as unknown as RequestContext;
  const answer = await describeLogDirsApi.handle({ topics: null }, context) as DescribeLogDirsResponse;
  assertEquals(answer.results.map((result) => [result.logDir, errorOf(result), result.usableBytes as unknown]), [
    ["/a", "KAFKA_STORAGE_ERROR", undefined],
    ["/b", "NONE", 60],
  ]);
});
