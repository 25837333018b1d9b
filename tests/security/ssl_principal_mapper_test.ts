import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parsePrincipalMapping } from "../../lib/security/ssl_principal_mapper.ts";

Deno.test("without rules of its own, a name is taken as it is", () => {
  assertEquals(parsePrincipalMapping("DEFAULT")("CN=alice,O=Example"), "CN=alice,O=Example");
});

Deno.test("the first rule that fits the whole name decides, and makes small or capital letters", () => {
  const nameOf = parsePrincipalMapping(
    "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/, RULE:^CN=(.*?),OU=(.*?),O=(.*?)$/$1@$2/L , RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/U,DEFAULT",
  );
  assertEquals(nameOf("CN=kafka1,OU=ServiceUsers,O=X"), "kafka1");
  assertEquals(nameOf("CN=Alice,OU=SME,O=X"), "alice@sme");
  assertEquals(nameOf("cn=bob"), "BOB");
  assertEquals(nameOf("OU=nobody"), "OU=nobody");
});

Deno.test("where no rule fits, there is no name", () => {
  assertEquals(parsePrincipalMapping("RULE:^CN=alice$/a/")("CN=bob"), null);
});

Deno.test("a group that the pattern does not have stands for itself, and digits too many are text", () => {
  assertEquals(parsePrincipalMapping("RULE:^CN=(.*)$/$1-$2/")("CN=a"), "a-$2");
  assertEquals(parsePrincipalMapping("RULE:^CN=(.*)$/$12/")("CN=a"), "a2");
});

Deno.test("slashes are escaped in patterns and replacements", () => {
  assertEquals(parsePrincipalMapping("RULE:^CN=a\\/b$/x\\/y/")("CN=a/b"), "x/y");
});

Deno.test("a rule that is malformed is shown", () => {
  for (const rules of ["RULE:CN=(.*)", "DEFAULT, ROLE:a/b/", "RULE:a/b/X"]) {
    assertStringIncludes(assertThrows(() => parsePrincipalMapping(rules), SyntaxError).message, "is no rule");
  }
});
