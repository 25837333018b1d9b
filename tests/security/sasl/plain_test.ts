import { assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/bytes/mod.ts";
import { SaslAuthenticationError } from "../../../lib/security/sasl/exchange.ts";
import { equalInConstantTime, PlainExchange, plainUsers } from "../../../lib/security/sasl/plain.ts";
import { systemRandom } from "../../../lib/shell/clock.ts";
import { runtimeHashes } from "../../../lib/shell/hashes.ts";

const USERS = plainUsers(new Map([["username", "admin"], ["user_alice", "alice-secret"], ["user_bob", "bob-secret"]]));

function say(...parts: string[]) {
  return new PlainExchange(USERS, { hashes: runtimeHashes, random: systemRandom }).evaluate(utf8(parts.join("\0")));
}

Deno.test("who knows the password of a user comes in as that user, for ever", () => {
  for (const authorizationId of ["", "alice"]) {
    const step = say(authorizationId, "alice", "alice-secret");
    const principal = { type: "User", name: "alice" };
    assertEquals(step, { isComplete: true, token: new Uint8Array(0), principal, expiresAtMs: null });
  }
});

Deno.test("a wrong password and a user that is not there are refused alike", () => {
  for (
    const [name, password] of [["alice", "bob-secret"], ["admin", "x"], ["mallory", "alice-secret"], ["alice", "a"]]
  ) {
    const error = assertThrows(() => say("", name, password), SaslAuthenticationError);
    assertEquals(error.message, "Authentication failed: Invalid username or password");
  }
});

Deno.test("what is malformed is refused in the words of Apache Kafka", () => {
  const wrong: [string[], string][] = [
    [["alice"], "Invalid SASL/PLAIN response: expected 3 tokens, got 1"],
    [["", "alice", "alice-secret", ""], "Invalid SASL/PLAIN response: expected 3 tokens, got 4"],
    [["", "", "alice-secret"], "Authentication failed: username not specified"],
    [["", "alice", ""], "Authentication failed: password not specified"],
    [
      ["bob", "alice", "alice-secret"],
      "Authentication failed: Client requested an authorization id that is different from username",
    ],
  ];
  for (const [parts, message] of wrong) {
    assertEquals(assertThrows(() => say(...parts), SaslAuthenticationError).message, message);
  }
});

Deno.test("bytes are the same where their length and all of them are", () => {
  assertEquals(equalInConstantTime(utf8("abc"), utf8("abc")), true);
  assertEquals(equalInConstantTime(utf8("abc"), utf8("abd")), false);
  assertEquals(equalInConstantTime(utf8("abc"), utf8("abcd")), false);
});
