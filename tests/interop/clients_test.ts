/**
 * Real clients produce a text with every compression type, and read it back byte for byte, from a broker started as a user
 * starts it, and once more after it was stopped and started again. `tests/interop/install.sh` brings the clients.
 */
import { assert, assertEquals } from "@std/assert";
import { equals } from "@std/bytes";
import { startBroker } from "./support/barnabas.ts";
import { type Client, CLIENTS, COMPRESSION_TYPES, kcat, run } from "./support/clients.ts";
import { text, type TextOptions } from "./support/text.ts";

const LINES = 100_000;

for (const client of CLIENTS) {
  const missing = client.missing ?? kcat.missing;
  const name =
    `${client.name} produces ${LINES} lines of text with each compression type, and they come back as they were`;
  Deno.test({
    name: missing === null ? name : `${name} (ignored: ${missing})`,
    ignore: missing !== null,
    fn: (t) => everyCompressionType(t, client),
  });
}

async function everyCompressionType(t: Deno.TestContext, client: Client): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-clients-" });
  try {
    // kcat leaves out empty lines.
    const lines = textFile(folder, { lines: LINES, seed: 20260101, emptyLines: client !== kcat });
    {
      await using broker = await startBroker({ folder: `${folder}/data` });
      for (const compression of COMPRESSION_TYPES) {
        await t.step({
          name: client.compressionTypes.includes(compression) ? compression : `${compression} (it has no such codec)`,
          ignore: !client.compressionTypes.includes(compression),
          fn: () => thereAndBack(client, broker.bootstrap, compression, lines),
        });
      }
      assertEquals(await broker.stop(), 0, "exit code after SIGTERM");
    }
    await t.step("after a restart", async () => {
      await using broker = await startBroker({ folder: `${folder}/data` });
      for (const compression of client.compressionTypes) {
        assertSame(await run(kcat, "consume", broker.bootstrap, `text-${compression}`), lines.content);
      }
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function thereAndBack(
  client: Client,
  bootstrap: string,
  compression: string,
  lines: { path: string; content: Uint8Array },
): Promise<void> {
  const topic = `text-${compression}`;
  const times: string[] = [];
  const timed = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work;
    times.push(`${what} ${((performance.now() - started) / 1000).toFixed(2)} s`);
    return result;
  };
  await timed("produced in", run(client, "produce", bootstrap, topic, compression, lines.path));
  assertSame(await timed("read by kcat in", run(kcat, "consume", bootstrap, topic)), lines.content);
  if (client.consumes && client !== kcat) {
    const consumed = await timed("by itself in", run(client, "consume", bootstrap, topic, String(LINES)));
    assertSame(consumed, lines.content);
  }
  console.log(`    ${client.name}, ${compression}: ${times.join(", ")}`);
}

function textFile(folder: string, options: TextOptions): { path: string; content: Uint8Array } {
  const path = `${folder}/text.txt`;
  const content = text(options);
  Deno.writeFileSync(path, content);
  return { path, content };
}

/** Asserts that bytes are the same, and says where they first differ, since to print megabytes helps nobody. */
function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  if (equals(actual, expected)) return;
  const at = expected.findIndex((byte, index) => actual[index] !== byte);
  const context = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(Math.max(0, at - 40), at + 40));
  assert(
    false,
    `${actual.length} bytes instead of ${expected.length}, which first differ at ${at}: ` +
      `"${context(actual)}" instead of "${context(expected)}"`,
  );
}
