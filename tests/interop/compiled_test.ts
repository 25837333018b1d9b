/**
 * The compiled executable, alone: without an environment, and so without a Deno or a Node that it could find.
 *
 * `deno compile` needs a runtime of its own version. Where it cannot be downloaded, `DENORT_BIN` names one, and `DENO` the Deno
 * of that version.
 */
import { assertEquals } from "@std/assert";
import { startBarnabas } from "./support/barnabas.ts";
import { kcat, run } from "./support/clients.ts";
import { text } from "./support/text.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const EXECUTABLE = `${ROOT}dist/barnabas`;
const LINES = 10_000;

const compiled = await compile();
const missing = compiled.runtimeMissing ? "the runtime for deno compile cannot be had" : kcat.missing;

Deno.test({
  name: `the compiled executable serves kcat in an empty environment${
    missing === null ? "" : ` (ignored: ${missing})`
  }`,
  ignore: missing !== null,
  async fn() {
    assertEquals(compiled.failure, null);
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-compiled-" });
    try {
      const content = text({ lines: LINES, seed: 1, emptyLines: false });
      Deno.writeFileSync(`${folder}/text.txt`, content);
      await using broker = await startBarnabas({ folder: `${folder}/data`, executable: EXECUTABLE });
      await run(kcat, "produce", broker.bootstrap, "letters", "lz4", `${folder}/text.txt`);
      assertEquals(await run(kcat, "consume", broker.bootstrap, "letters"), content);
      assertEquals(await broker.stop(), 0, "exit code after SIGTERM");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

async function compile(): Promise<{ runtimeMissing: boolean; failure: string | null }> {
  const { success, stderr } = await new Deno.Command(`${ROOT}your_program.sh`, {
    args: ["compile"],
    env: { DENO: Deno.env.get("DENO") ?? Deno.execPath(), NO_COLOR: "1" },
  }).output();
  if (success) return { runtimeMissing: false, failure: null };
  const failure = new TextDecoder().decode(stderr);
  return { runtimeMissing: failure.includes("Setting up base binary"), failure };
}
