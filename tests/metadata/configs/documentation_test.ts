import { assertStringIncludes } from "@std/assert";
import { BARNABAS_CONFIGS, OWN_DEFAULTS } from "../../../lib/metadata/configs/broker.ts";

Deno.test("the page on configuration names every setting and every default that is Barnabas's own", async () => {
  const page = await Deno.readTextFile(new URL("../../../docs/CONFIGURATION.md", import.meta.url));
  for (const name of [...Object.keys(BARNABAS_CONFIGS), ...Object.keys(OWN_DEFAULTS)]) {
    assertStringIncludes(page, `\`${name}\``);
  }
});
