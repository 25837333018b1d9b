/** What the README says is held to the code. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { REGISTRY } from "../lib/api/registry.ts";
import { announcedVersions } from "../lib/protocol/messages/mod.ts";

const README = await Deno.readTextFile(new URL("../README.md", import.meta.url));

Deno.test("the README's table of APIs is the registry", () => {
  const served = REGISTRY.map((api) => {
    const [first, last] = announcedVersions(api);
    return `${api.name} ${first}–${last}`;
  });
  const told = [...README.matchAll(/\| +(\w+) +\| +(\d+–\d+) +(?=\|)/g)].map(([, name, versions]) =>
    `${name} ${versions}`
  );
  assertEquals(told.toSorted(), served.toSorted());
});

Deno.test("the README's two commands are those of the script", async () => {
  const script = await Deno.readTextFile(new URL("../your_program.sh", import.meta.url));
  assertStringIncludes(README, "./your_program.sh test");
  assertStringIncludes(script, "test [file or folder …]");
});
