/** Names that no sound client sends: the answers quote them. */
import { assert, assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../lib/protocol/messages/create_topics.ts";
import { newTopic, TestBroker } from "./support.ts";

Deno.test("a topic with the longest name that a request can carry is refused by a message that is cut", async () => {
  await using broker = await TestBroker.start();
  const name = "x".repeat(0x7fff);
  const { topics } = await broker.ask(CreateTopicsRequest, CreateTopicsResponse, 7, { topics: [newTopic(name)] });
  assertEquals([topics[0].name, topics[0].errorCode], [name, ErrorCode.INVALID_TOPIC_EXCEPTION]);
  assert(topics[0].errorMessage!.startsWith("Topic name is invalid: the length of 'xxx"));
  assert(topics[0].errorMessage!.endsWith("…"));
});
