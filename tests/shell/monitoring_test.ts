import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Broker } from "../../lib/mod.ts";
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from "../../lib/protocol/messages/alter_client_quotas.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../lib/protocol/messages/delete_topics.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../lib/protocol/messages/offset_commit.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { RawClient } from "../interop/support/raw_client.ts";
import { batch } from "../interop/support/record_batch.ts";

/** The values of a metric by its labels, as Prometheus' text format has them. */
function valuesOf(text: string, name: string): Record<string, number> {
  const lines = text.split("\n").filter((line) =>
    line === name || line.startsWith(`${name}{`) || line.startsWith(`${name} `)
  );
  return Object.fromEntries(lines.map((line) => {
    const [, labels, value] = /^[^{ ]+({.*})? (\S+)$/.exec(line)!;
    return [labels ?? "", Number(value)];
  }));
}

async function get(broker: Broker, path: string): Promise<{ status: number; text: string }> {
  const { host, port } = broker.metricsAddress!;
  const response = await fetch(`http://${host}:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

const WATCHED = { "barnabas.metrics.listener": "127.0.0.1:0" };

Deno.test("metrics tell what was produced and fetched, how long requests took, and how far groups lag behind", async () => {
  await using broker = await Broker.start({ set: WATCHED });
  using client = await RawClient.connect({ hostname: broker.address.host, port: broker.address.port });
  await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name: "orders", numPartitions: 1, replicationFactor: 1 }],
  });
  const records = batch(["one", "two", "three"]);
  await client.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    topicData: [
      { name: "orders", partitionData: [{ index: 0, records }] },
      { name: "never made", partitionData: [{ index: 0, records }] },
    ],
  });
  await client.ask(FetchRequest, FetchResponse, 11, {
    maxBytes: 1 << 20,
    topics: [{ topic: "orders", partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 << 20 }] }],
  });
  await client.ask(OffsetCommitRequest, OffsetCommitResponse, 8, {
    groupId: "readers",
    topics: [{ name: "orders", partitions: [{ partitionIndex: 0, committedOffset: 1n }] }],
  });
  const { text } = await get(broker, "/metrics");
  const topic = '{topic="orders"}';
  assertEquals(valuesOf(text, "kafka_server_brokertopicmetrics_messagesin_total"), { [topic]: 3 });
  assertEquals(valuesOf(text, "kafka_server_brokertopicmetrics_bytesin_total"), { [topic]: records.length });
  assertEquals(valuesOf(text, "kafka_server_brokertopicmetrics_bytesout_total"), { [topic]: records.length });
  assertEquals(valuesOf(text, "kafka_log_log_logendoffset")['{topic="orders",partition="0"}'], 3);
  assertEquals(valuesOf(text, "kafka_consumergroup_lag"), {
    '{consumergroup="readers",topic="orders",partition="0"}': 2,
  });
  assertEquals(valuesOf(text, "kafka_coordinator_groups"), { '{type="classic",state="Empty"}': 1 });
  assertEquals(valuesOf(text, "kafka_server_socketservermetrics_connection_count"), { '{listener="PLAINTEXT"}': 1 });
  assertEquals(valuesOf(text, "kafka_network_requestmetrics_totaltime_seconds_count")['{request="Produce"}'], 1);
  assertEquals(valuesOf(text, "kafka_controller_kafkacontroller_offlinepartitionscount"), { "": 0 });
});

Deno.test("metrics tell which requests were throttled by a quota, and for how long", async () => {
  await using broker = await Broker.start({ set: WATCHED });
  using client = await RawClient.connect({ hostname: broker.address.host, port: broker.address.port });
  const create = (name: string, numPartitions: number) =>
    client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: [{ name, numPartitions, replicationFactor: 1 }],
    });
  await client.ask(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, {
    entries: [{
      entity: [{ entityType: "client-id", entityName: "raw-client" }],
      ops: [{ key: "controller_mutation_rate", value: 0.5 }],
    }],
  });
  await create("orders", 10);
  const { throttleTimeMs } = await create("more-orders", 1);
  const { text } = await get(broker, "/metrics");
  const name = "kafka_network_requestmetrics_throttletime_seconds";
  const request = '{request="CreateTopics"}';
  assertEquals(valuesOf(text, `${name}_count`), { [request]: 1 });
  assertEquals(valuesOf(text, `${name}_sum`), { [request]: throttleTimeMs / 1000 });
});

Deno.test("metrics tell what was refused and what could not be read", async () => {
  await using broker = await Broker.start({ set: WATCHED });
  using client = await RawClient.connect({ hostname: broker.address.host, port: broker.address.port });
  await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name: "orders", numPartitions: 1, replicationFactor: 1 }],
  });
  const records = batch(["one"]);
  const damaged = records.with(-1, ~records[records.length - 1]);
  await client.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    topicData: [{ name: "orders", partitionData: [{ index: 0, records: damaged }] }],
  });
  await client.ask(FetchRequest, FetchResponse, 11, {
    maxBytes: 1 << 20,
    topics: [{ topic: "orders", partitions: [{ partition: 0, fetchOffset: 7n, partitionMaxBytes: 1 << 20 }] }],
  });
  const { text } = await get(broker, "/metrics");
  const topic = '{topic="orders"}';
  assertEquals(valuesOf(text, "kafka_server_brokertopicmetrics_failedproducerequests_total"), { [topic]: 1 });
  assertEquals(valuesOf(text, "kafka_server_brokertopicmetrics_failedfetchrequests_total"), { [topic]: 1 });
  assertEquals(valuesOf(text, "kafka_server_brokertopicmetrics_bytesin_total"), {});
});

Deno.test("a topic that is deleted is told of no more", async () => {
  await using broker = await Broker.start({ set: WATCHED });
  using client = await RawClient.connect({ hostname: broker.address.host, port: broker.address.port });
  await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name: "brief", numPartitions: 1, replicationFactor: 1 }],
  });
  await client.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    topicData: [{ name: "brief", partitionData: [{ index: 0, records: batch(["one"]) }] }],
  });
  assertStringIncludes((await get(broker, "/metrics")).text, "brief");
  await client.ask(DeleteTopicsRequest, DeleteTopicsResponse, 5, { topicNames: ["brief"], timeoutMs: 1000 });
  assertEquals((await get(broker, "/metrics")).text.includes("brief"), false);
});

Deno.test("where there is nothing to measure there is no figure, rather than one that is 0", async () => {
  await using broker = await Broker.start({ set: WATCHED });
  const { text } = await get(broker, "/metrics");
  for (const name of ["barnabas_log_directory_free_bytes", "kafka_consumergroup_lag", "kafka_coordinator_groups"]) {
    assertEquals(valuesOf(text, name), {}, name);
  }
});

Deno.test("a broker that serves all its partitions is alive and ready", async () => {
  await using broker = await Broker.start({ set: WATCHED });
  assertEquals(await get(broker, "/health/live"), { status: 200, text: "alive\n" });
  assertEquals(await get(broker, "/health/ready"), { status: 200, text: "ready\n" });
});

Deno.test("what is not there, and what is no question, is refused with what is there", async () => {
  await using broker = await Broker.start({ set: WATCHED });
  assertEquals(await get(broker, "/"), { status: 404, text: "There are /metrics, /health/live and /health/ready\n" });
  const { host, port } = broker.metricsAddress!;
  const response = await fetch(`http://${host}:${port}/metrics`, { method: "POST", body: "x" });
  assertEquals([response.status, await response.text()], [405, "Only GET and HEAD are answered\n"]);
});

Deno.test("without an address there are no metrics; a wrong or taken one ends the start with what to do", async () => {
  await using silent = await Broker.start();
  assertEquals(silent.metricsAddress, null);
  const start = (listener: string) => Broker.start({ set: { "barnabas.metrics.listener": listener } });
  await assertRejects(() => start("9404"), Error, "It must be a host and a port, such as 127.0.0.1:9404");
  await using first = await start("127.0.0.1:0");
  await assertRejects(
    () => start(`127.0.0.1:${first.metricsAddress!.port}`),
    Error,
    "Choose another address with barnabas.metrics.listener",
  );
});
