/** `tests/golden/certificate_names.jsonl` has certificates made by OpenSSL, and the names that Java prints for them. */
import { assertEquals, assertThrows } from "@std/assert";
import { subjectOf } from "../../lib/security/distinguished_name.ts";
import { fromBase64 } from "../../lib/security/sasl/text.ts";

const GOLDEN = Deno.readTextFileSync(new URL("../golden/certificate_names.jsonl", import.meta.url)).trim().split("\n")
  .map((line) => JSON.parse(line) as { name: string; der: string });

Deno.test("the name in a certificate is the one that Java prints: escapes, unknown attributes, several in one part", () => {
  for (const { name, der } of GOLDEN) assertEquals(subjectOf(fromBase64(der)), name);
});

Deno.test("a certificate that is cut off has no name", () => {
  const der = fromBase64(GOLDEN[0].der);
  for (const length of [0, 1, 5, 40, 90]) assertThrows(() => subjectOf(der.subarray(0, length)), Error);
});
