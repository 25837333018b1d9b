/** Throttle times, which any answer may have to carry. */
import { assertEquals } from "@std/assert";
import { REGISTRY } from "../../lib/api/registry.ts";

/** Those that brokers and controllers ask of each other, and those before a client has a name. */
const WITHOUT_THROTTLE_TIME = [
  "DeleteShareGroupState",
  "DescribeQuorum",
  "InitializeShareGroupState",
  "ReadShareGroupState",
  "ReadShareGroupStateSummary",
  "SaslAuthenticate",
  "SaslHandshake",
  "WriteShareGroupState",
  "WriteTxnMarkers",
];

Deno.test("every answer can be written with a throttle time, in every version, and carries it in the last", () => {
  const without: string[] = [];
  for (const { name, request, response } of REGISTRY) {
    const [oldest, latest] = request.versions;
    for (let version = oldest; version <= latest; version++) response.encode(version, { throttleTimeMs: 7 });
    const { throttleTimeMs } = response.decode(latest, response.encode(latest, { throttleTimeMs: 7 }));
    if (throttleTimeMs !== 7) without.push(name);
  }
  assertEquals(without.sort(), WITHOUT_THROTTLE_TIME);
});
