import { assertEquals, assertMatch } from "@std/assert";
import type { RequestContext } from "../../../lib/api/context.ts";
import { describeClusterApi } from "../../../lib/api/handlers/describe_cluster.ts";
import { metadataRecord } from "../../../lib/metadata/mod.ts";
import { DescribeClusterRequest, DescribeClusterResponse } from "../../../lib/protocol/messages/describe_cluster.ts";
import { imageOf } from "../../metadata/support.ts";
import { errorOf, TestBroker } from "./support.ts";

const BROKERS = 1, CONTROLLERS = 2;

Deno.test("the cluster is this broker, at the address that the client connected to", async () => {
  await using broker = await TestBroker.start();
  for (const version of [0, 1, 2]) {
    const answer = await broker.ask(DescribeClusterRequest, DescribeClusterResponse, version, {});
    assertEquals(errorOf(answer), "NONE");
    assertMatch(answer.clusterId, /^[\w-]{22}$/);
    assertEquals([answer.controllerId, answer.endpointType, answer.clusterAuthorizedOperations], [1, 1, -0x80000000]);
    const address = { brokerId: 1, host: "127.0.0.1", port: broker.port };
    assertEquals(answer.brokers.map(({ brokerId, host, port }) => ({ brokerId, host, port })), [address]);
    assertEquals(answer.brokers[0].isFenced, false);
  }
});

Deno.test("the operations that a client may do are told where they are asked for", async () => {
  await using broker = await TestBroker.start();
  const request = { includeClusterAuthorizedOperations: true };
  const answer = await broker.ask(DescribeClusterRequest, DescribeClusterResponse, 2, request);
  assertEquals(answer.clusterAuthorizedOperations, 8096);
});

Deno.test("controllers, and what is neither, are not to be asked for here", async () => {
  await using broker = await TestBroker.start();
  const ask = async (endpointType: number) =>
    errorOf(await broker.ask(DescribeClusterRequest, DescribeClusterResponse, 1, { endpointType }));
  assertEquals(await ask(BROKERS), "NONE");
  assertEquals(
    await ask(CONTROLLERS),
    "MISMATCHED_ENDPOINT_TYPE: The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type " +
      "CONTROLLER",
  );
  assertEquals(await ask(3), "UNSUPPORTED_ENDPOINT_TYPE: Unsupported endpoint type 3");
});

Deno.test("brokers that a folder remembers are told of as fenced, where fenced ones are asked for", async () => {
  const endPoints = ["INTERNAL", "PLAINTEXT"].map((name, index) => ({
    name,
    host: "b",
    port: index + 1,
    securityProtocol: 0,
  }));
  const image = imageOf(metadataRecord("RegisterBrokerRecord", { brokerId: 2, rack: "r", endPoints }, 4));
  const context = {
    metadata: { nodeId: 1, clusterId: "c", image },
    settings: { listeners: [], get: () => null },
    connection: { listenerName: "PLAINTEXT", local: { host: "a", port: 9092 } },
  } as unknown as RequestContext;
  const ask = async (includeFencedBrokers: boolean) => {
    const request: DescribeClusterRequest = { ...DescribeClusterRequest.type.zero, includeFencedBrokers };
    return (await describeClusterApi.handle(request, context) as DescribeClusterResponse).brokers;
  };
  const running = { brokerId: 1, host: "a", port: 9092, rack: null };
  assertEquals(await ask(false), [running as DescribeClusterResponse["brokers"][number]]);
  const fenced = { brokerId: 2, host: "b", port: 2, rack: "r", isFenced: true };
  assertEquals(await ask(true), [running as DescribeClusterResponse["brokers"][number], fenced]);
});
