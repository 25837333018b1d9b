import { assertEquals } from "@std/assert";
import { alterUserScramCredentials, type ScramUpsertion } from "../../../lib/metadata/decide/scram.ts";
import { apply, imageOf } from "../support.ts";
import { errorOf } from "../../api/handlers/support.ts";

function upsertion(name: string, facts: Partial<ScramUpsertion> = {}): ScramUpsertion {
  const bytes = new Uint8Array([1, 2]);
  return { name, mechanism: 1, iterations: 4096, salt: bytes, storedKey: bytes, serverKey: bytes, ...facts };
}

function outcomes(result: readonly { user: string; errorCode: number; errorMessage: string | null }[]) {
  return Object.fromEntries(result.map((one) => [one.user, errorOf(one)]));
}

Deno.test("credentials are set, changed and removed, for each mechanism by itself", () => {
  const image = imageOf();
  apply(
    image,
    alterUserScramCredentials(image, { deletions: [], upsertions: [upsertion("a"), upsertion("b", { mechanism: 2 })] }),
  );
  apply(image, alterUserScramCredentials(image, { deletions: [], upsertions: [upsertion("a", { iterations: 8192 })] }));
  assertEquals(image.security.scramCredentials.get(1)!.get("a")!.iterations, 8192);
  assertEquals(image.security.scramCredentials.get(2)!.has("b"), true);
  apply(image, alterUserScramCredentials(image, { deletions: [{ name: "a", mechanism: 1 }], upsertions: [] }));
  assertEquals(image.security.scramCredentials.get(1)!.has("a"), false);
});

Deno.test("what cannot be is refused, each user for itself", () => {
  const { records, result } = alterUserScramCredentials(imageOf(), {
    deletions: [{ name: "gone", mechanism: 1 }, { name: "odd", mechanism: 3 }],
    upsertions: [
      upsertion("twice"),
      upsertion("twice", { mechanism: 2 }),
      upsertion("gone"),
      upsertion(""),
      upsertion("few", { iterations: 4095 }),
      upsertion("many", { iterations: 16385 }),
      upsertion("unknown", { mechanism: 0 }),
      upsertion("good"),
    ],
  });
  assertEquals(outcomes(result), {
    gone: "RESOURCE_NOT_FOUND: Attempt to delete a user credential that does not exist",
    twice: "DUPLICATE_RESOURCE: A user credential cannot be altered twice in the same request",
    odd: "UNSUPPORTED_SASL_MECHANISM: Unknown SCRAM mechanism",
    "": "UNACCEPTABLE_CREDENTIAL: Username must not be empty",
    few: "UNACCEPTABLE_CREDENTIAL: Too few iterations",
    many: "UNACCEPTABLE_CREDENTIAL: Too many iterations",
    unknown: "UNSUPPORTED_SASL_MECHANISM: Unknown SCRAM mechanism",
    good: "NONE",
  });
  assertEquals(records.length, 1);
});
