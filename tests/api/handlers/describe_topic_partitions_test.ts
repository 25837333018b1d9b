import { assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from "../../../lib/protocol/messages/describe_topic_partitions.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { TestBroker } from "./support.ts";

/** The pages of an answer, each as `name: partitions`, and the cursors between them. */
async function pages(broker: TestBroker, request: Init<DescribeTopicPartitionsRequest>): Promise<string[]> {
  const shown: string[] = [];
  let cursor = request.cursor ?? null;
  do {
    const answer: DescribeTopicPartitionsResponse = await broker.ask(
      DescribeTopicPartitionsRequest,
      DescribeTopicPartitionsResponse,
      0,
      { ...request, cursor },
    );
    shown.push(
      answer.topics.map(({ name, errorCode, partitions }) => {
        return `${name}: ${errorCode || partitions.map(({ partitionIndex }) => partitionIndex).join()}`;
      }).join(" "),
    );
    cursor = answer.nextCursor;
  } while (cursor !== null);
  return shown;
}

Deno.test("topics come in the order of their names, in pages of as many partitions as were asked for", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ b: 2, a: 3 });
  const topics = [{ name: "b" }, { name: "a" }, { name: "b" }];
  assertEquals(await pages(broker, { topics }), ["a: 0,1,2 b: 0,1"]);
  assertEquals(await pages(broker, { topics, responsePartitionLimit: 2 }), ["a: 0,1", "a: 2 b: 0", "b: 1"]);
  assertEquals(await pages(broker, { topics: [], responsePartitionLimit: 3 }), ["a: 0,1,2", "b: 0,1"]);
});

Deno.test("a topic that is not there takes no place in a page, but needs one that is not full", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ a: 1 });
  const topics = [{ name: "a" }, { name: "b" }, { name: "c/d" }];
  assertEquals(await pages(broker, { topics }), ["a: 0 b: 3 c/d: 17"]);
  assertEquals(await pages(broker, { topics, responsePartitionLimit: 1 }), ["a: 0", "b: 3 c/d: 17"]);
});

Deno.test("a cursor that does not lie in what is asked for makes the request invalid", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ a: 1, b: 1 });
  const topics = [{ name: "a" }, { name: "b" }];
  for (const cursor of [{ topicName: "aa", partitionIndex: 0 }, { topicName: "a", partitionIndex: -1 }]) {
    const refused = `a: ${ErrorCode.INVALID_REQUEST} b: ${ErrorCode.INVALID_REQUEST}`;
    assertEquals(await pages(broker, { topics, cursor }), [refused]);
  }
  assertEquals(await pages(broker, { topics: [], cursor: { topicName: "aa", partitionIndex: 5 } }), ["b: 0"]);
});
