import { assertEquals } from "@std/assert";
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "../../../lib/protocol/messages/alter_user_scram_credentials.ts";
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from "../../../lib/protocol/messages/describe_user_scram_credentials.ts";
import { errorOf, TestBroker } from "./support.ts";

async function describe(broker: TestBroker, users: readonly string[] | null) {
  const { errorCode, results } = await broker.ask(
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    0,
    { users: users === null ? null : users.map((name) => ({ name })) },
  );
  assertEquals(errorCode, 0);
  return results.map((result) => [result.user, errorOf(result), result.credentialInfos]);
}

Deno.test("users and their mechanisms are told, and nothing that could be guessed from", async () => {
  await using broker = await TestBroker.start();
  const bytes = new Uint8Array(32);
  await broker.ask(AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, 0, {
    upsertions: [["b", 1], ["a", 1], ["c", 2]].map(([name, mechanism], index) => ({
      name: String(name),
      mechanism: Number(mechanism),
      iterations: 4096 + index,
      salt: bytes,
      saltedPassword: bytes,
    })),
  });
  const all = [
    ["a", "NONE", [{ mechanism: 1, iterations: 4097 }]],
    ["b", "NONE", [{ mechanism: 1, iterations: 4096 }]],
    ["c", "NONE", [{ mechanism: 2, iterations: 4098 }]],
  ];
  assertEquals(await describe(broker, null), all);
  assertEquals(await describe(broker, []), all);
  assertEquals(await describe(broker, ["c", "d", "a", "a"]), [
    ["a", "DUPLICATE_RESOURCE: Cannot describe SCRAM credentials for the same user twice in a single request: a", []],
    all[2],
    ["d", "RESOURCE_NOT_FOUND: Attempt to describe a user credential that does not exist: d", []],
  ]);
});
