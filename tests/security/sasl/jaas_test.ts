import { assertEquals, assertThrows } from "@std/assert";
import { parseJaas } from "../../../lib/security/sasl/jaas.ts";

const PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";

Deno.test("a login module, its flag and its options are read, quoted or not, over several lines, with comments", () => {
  const { loginModule, options } = parseJaas(
    `${PLAIN} required // who we are\n  username="admin"\n  user_a-b=c /* \n */ user_d="x \\"y\\" = ;";  `,
  );
  assertEquals(loginModule, PLAIN);
  assertEquals(Object.fromEntries(options), { username: "admin", "user_a-b": "c", user_d: 'x "y" = ;' });
});

Deno.test("what is malformed is refused, and no value is repeated", () => {
  const wrong: [string, string][] = [
    ["", "it ends where a login module is expected"],
    [PLAIN, "it ends where a control flag is expected"],
    [`${PLAIN} always;`, '"always" is no control flag: expected required, requisite, sufficient, optional'],
    [`${PLAIN} required user_a="secret"`, "it ends where a semicolon is expected"],
    [`${PLAIN} required user_a;`, "the option user_a has no value"],
    [`${PLAIN} required user_a=;`, '";" stands where the value of user_a is expected'],
    [`${PLAIN} required; ${PLAIN} required;`, "it has more than one login module"],
    [`${PLAIN} required user_a="secret;`, "a quoted value is not closed, or a sign is out of place, at 72"],
  ];
  for (const [text, message] of wrong) assertEquals(assertThrows(() => parseJaas(text), SyntaxError).message, message);
});
