import { assertEquals } from "@std/assert";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../../lib/protocol/messages/delete_topics.ts";
import { MetadataRequest, MetadataResponse } from "../../../lib/protocol/messages/metadata.ts";
import { errorOf, TestBroker } from "./support.ts";

const ZERO_ID = "AAAAAAAAAAAAAAAAAAAAAA";

interface Reference {
  readonly name: string | null;
  readonly topicId: string;
}

async function remove(broker: TestBroker, ...topics: Reference[]) {
  const { responses } = await broker.ask(DeleteTopicsRequest, DeleteTopicsResponse, 6, { topics, timeoutMs: 1000 });
  return responses.map((response) => [response.name, errorOf(response)]);
}

async function topicNames(broker: TestBroker): Promise<(string | null)[]> {
  const { topics } = await broker.ask(MetadataRequest, MetadataResponse, 12, { topics: null });
  return topics.map(({ name }) => name);
}

function byName(name: string): Reference {
  return { name, topicId: ZERO_ID };
}

function byId(topicId: string): Reference {
  return { name: null, topicId };
}

Deno.test("topics are deleted by name and by id, and each answer has both", async () => {
  await using broker = await TestBroker.start();
  const [, id] = await broker.createTopics({ a: 2, b: 1, c: 1 });
  const request = { topics: [byName("a"), byId(id)], timeoutMs: 1000 };
  const { responses } = await broker.ask(DeleteTopicsRequest, DeleteTopicsResponse, 6, request);
  assertEquals(responses.map(({ name }) => name).sort(), ["a", "b"]);
  assertEquals(responses.map(errorOf), ["NONE", "NONE"]);
  assertEquals(responses.find(({ name }) => name === "b")!.topicId, id);
  assertEquals(await topicNames(broker), ["c"]);
});

Deno.test("versions of DeleteTopics before 6 know names alone", async () => {
  await using broker = await TestBroker.start();
  for (const version of [1, 2, 3, 4, 5]) {
    await broker.createTopics({ t: 1 });
    const request = { topicNames: ["t", "nosuch"], timeoutMs: 1000 };
    const { responses } = await broker.ask(DeleteTopicsRequest, DeleteTopicsResponse, version, request);
    const errors = Object.fromEntries(responses.map((response) => [response.name, errorOf(response)]));
    const unknown = "UNKNOWN_TOPIC_OR_PARTITION";
    const message = version === 5 ? ": This server does not host this topic-partition." : "";
    assertEquals(errors, { t: "NONE", nosuch: unknown + message });
  }
  assertEquals(await topicNames(broker), []);
});

Deno.test("a topic of the same name can be created anew at once, and has another id", async () => {
  await using broker = await TestBroker.start();
  const [first] = await broker.createTopics({ t: 3 });
  assertEquals(await remove(broker, byName("t")), [["t", "NONE"]]);
  const [second] = await broker.createTopics({ t: 1 });
  assertEquals(first === second, false);
});

Deno.test("what is not there, or not said well, is refused, and nothing else is deleted", async () => {
  await using broker = await TestBroker.start();
  const [id] = await broker.createTopics({ t: 1 });
  assertEquals(await remove(broker, byName("nosuch")), [
    ["nosuch", "UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition."],
  ]);
  assertEquals(await remove(broker, byId("AAAAAAAAAAAAAAAAAAAAAg")), [
    [null, "UNKNOWN_TOPIC_ID: This server does not host this topic ID."],
  ]);
  assertEquals(await remove(broker, { name: "t", topicId: id }), [
    ["t", "INVALID_REQUEST: You may not specify both topic name and topic id."],
  ]);
  assertEquals(await remove(broker, byId(ZERO_ID)), [
    [null, "INVALID_REQUEST: Neither topic name nor id were specified."],
  ]);
  assertEquals(await remove(broker, byName("t"), byName("t")), [["t", "INVALID_REQUEST: Duplicate topic name."]]);
  assertEquals(await remove(broker, byName("t"), byId(id)), [
    ["t", "INVALID_REQUEST: The provided topic name maps to an ID that was already supplied."],
  ]);
  assertEquals(await topicNames(broker), ["t"]);
});

Deno.test("with delete.topic.enable=false no topic is deleted", async () => {
  await using broker = await TestBroker.start({ "delete.topic.enable": "false" });
  await broker.createTopics({ t: 1 });
  assertEquals(await remove(broker, byName("t")), [["t", "TOPIC_DELETION_DISABLED: Topic deletion is disabled."]]);
  const old = await broker.ask(DeleteTopicsRequest, DeleteTopicsResponse, 2, { topicNames: ["t"], timeoutMs: 1000 });
  assertEquals(old.responses.map(errorOf), ["INVALID_REQUEST"]);
  assertEquals(await topicNames(broker), ["t"]);
});
