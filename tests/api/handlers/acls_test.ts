/** CreateAcls, DescribeAcls and DeleteAcls; who may do what is shown by tests/interop/authorization_test.ts. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { CreateAclsRequest, CreateAclsResponse } from "../../../lib/protocol/messages/create_acls.ts";
import { DeleteAclsRequest, DeleteAclsResponse } from "../../../lib/protocol/messages/delete_acls.ts";
import { DescribeAclsRequest, DescribeAclsResponse } from "../../../lib/protocol/messages/describe_acls.ts";
import { MetadataRequest, MetadataResponse } from "../../../lib/protocol/messages/metadata.ts";
import { errorOf, TestBroker } from "./support.ts";

const AUTHORIZER = { "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer" };
const AS_SUPER_USER = { ...AUTHORIZER, "super.users": "User:admin;User:ANONYMOUS" };

const READ_ORDERS = {
  resourceType: 2,
  resourceName: "orders",
  resourcePatternType: 3,
  principal: "User:alice",
  host: "*",
  operation: 3,
  permissionType: 3,
};
const ALL = {
  resourceTypeFilter: 1,
  resourceNameFilter: null,
  patternTypeFilter: 1,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
};

async function create(broker: TestBroker, ...creations: Partial<typeof READ_ORDERS>[]): Promise<string[]> {
  const whole = creations.map((creation) => ({ ...READ_ORDERS, ...creation }));
  const { results } = await broker.ask(CreateAclsRequest, CreateAclsResponse, 3, { creations: whole });
  return results.map(errorOf);
}

async function describe(broker: TestBroker, filter: Partial<typeof ALL> = {}) {
  return await broker.ask(DescribeAclsRequest, DescribeAclsResponse, 3, { ...ALL, ...filter });
}

Deno.test("entries are created once, told by their resources, and deleted by filters", async () => {
  await using broker = await TestBroker.start(AS_SUPER_USER);
  assertEquals(await create(broker, {}, {}, { operation: 4 }, { resourceName: "o", resourcePatternType: 4 }), [
    "NONE",
    "NONE",
    "NONE",
    "NONE",
  ]);
  const { resources } = await describe(broker);
  assertEquals(resources.map(({ resourceName, acls }) => [resourceName, acls.map(({ operation }) => operation)]), [
    ["orders", [3, 4]],
    ["o", [3]],
  ]);
  const { filterResults } = await broker.ask(DeleteAclsRequest, DeleteAclsResponse, 3, {
    filters: [{ ...ALL, operation: 4 }, { ...ALL, principalFilter: "User:bob" }, { ...ALL, permissionType: 9 }],
  });
  assertEquals(filterResults.map(errorOf), ["NONE", "NONE", "INVALID_REQUEST: Unknown entryFilter."]);
  assertEquals(filterResults.map(({ matchingAcls }) => matchingAcls.length), [1, 0, 0]);
  assertEquals((await describe(broker)).resources.flatMap(({ acls }) => acls).length, 2);
});

Deno.test("entries that cannot be are refused, each for itself", async () => {
  await using broker = await TestBroker.start(AS_SUPER_USER);
  const wrong: [Partial<typeof READ_ORDERS>, string][] = [
    [{ resourceType: 1 }, "Invalid resourceType ANY"],
    [{ resourceType: 99 }, "Invalid resourceType 99"],
    [{ resourceType: 4 }, "The only valid name for the CLUSTER resource is kafka-cluster"],
    [{ resourceName: "" }, "Invalid empty resource name"],
    [{ resourcePatternType: 2 }, "Invalid patternType MATCH"],
    [{ operation: 1 }, "Invalid operation ANY"],
    [{ permissionType: 1 }, "Invalid permissionType ANY"],
    [{ principal: "alice" }, "Could not parse principal from `alice` (no colon is present"],
  ];
  const results = await create(broker, {}, ...wrong.map(([creation]) => creation));
  assertEquals(results[0], "NONE");
  for (const [index, [, message]] of wrong.entries()) {
    assertStringIncludes(results[index + 1], `INVALID_REQUEST: ${message}`);
  }
});

Deno.test("a filter of what is not known is refused", async () => {
  await using broker = await TestBroker.start(AS_SUPER_USER);
  assertEquals(errorOf(await describe(broker, { resourceTypeFilter: 0 })), "INVALID_REQUEST: Unknown patternFilter.");
  assertEquals(errorOf(await describe(broker, { patternTypeFilter: 7 })), "INVALID_REQUEST: Unknown patternFilter.");
  assertEquals(errorOf(await describe(broker, { operation: 0 })), "INVALID_REQUEST: Unknown entryFilter.");
});

Deno.test("without an authorizer there are no lists", async () => {
  await using broker = await TestBroker.start();
  assertEquals(await create(broker, {}), ["SECURITY_DISABLED: No Authorizer is configured."]);
  assertEquals(errorOf(await describe(broker)), "SECURITY_DISABLED: No Authorizer is configured.");
  const { filterResults } = await broker.ask(DeleteAclsRequest, DeleteAclsResponse, 3, { filters: [ALL] });
  assertEquals(filterResults.map(errorOf), ["SECURITY_DISABLED: No Authorizer is configured."]);
});

Deno.test("who may not change the lists is told so, and which topics there are stays hidden", async () => {
  await using broker = await TestBroker.start(AUTHORIZER);
  assertEquals(await create(broker, {}), ["CLUSTER_AUTHORIZATION_FAILED: Cluster authorization failed."]);
  assertEquals(errorOf(await describe(broker)), "CLUSTER_AUTHORIZATION_FAILED: Cluster authorization failed.");
  const { topics } = await broker.ask(MetadataRequest, MetadataResponse, 9, { topics: [{ name: "no-such-topic" }] });
  assertEquals(topics.map((topic) => errorOf(topic)), ["TOPIC_AUTHORIZATION_FAILED"]);
});
