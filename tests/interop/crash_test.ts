/**
 * Real producers while the broker is killed under them and started again. Those that are idempotent, as franz-go and the Java
 * client are without being asked, send again what was not acknowledged: nothing is lost, nothing comes twice, all is in order.
 */
import { assert, assertEquals } from "@std/assert";
import { equals } from "@std/bytes";
import { freePorts } from "./support/apache_kafka.ts";
import { type BarnabasProcess, startBarnabas } from "./support/barnabas.ts";
import { client, kcat, run } from "./support/clients.ts";
import { text } from "./support/text.ts";

const LINES = 400_000;
/** The broker is killed when so much of the text has come to the disk. */
const KILLED_AT = [0.1, 0.4, 0.7];
const POLL_MS = 2;

for (const producer of [client("franz-go"), client("Java client")]) {
  const missing = producer.missing ?? kcat.missing;
  const name =
    `${producer.name} loses nothing and duplicates nothing while the broker is killed ${KILLED_AT.length} times`;
  Deno.test({
    name: missing === null ? name : `${name} (ignored: ${missing})`,
    ignore: missing !== null,
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "barnabas-crash-" });
      const port = freePorts(1, 21690, 21699);
      const data = `${folder}/data`;
      let broker = await startBarnabas({ folder: data, port });
      try {
        const content = text({ lines: LINES, seed: 7, emptyLines: true });
        Deno.writeFileSync(`${folder}/text.txt`, content);
        const produced = run(producer, "produce", broker.bootstrap, "letters", "none", `${folder}/text.txt`);
        for (const share of KILLED_AT) {
          await untilLogHas(`${data}/letters-0/00000000000000000000.log`, content.length * share);
          broker = await killAndStart(broker, data, port);
        }
        await produced;
        assert(equals(await run(kcat, "consume", broker.bootstrap, "letters"), content), "the text has changed");
        assertEquals(await broker.stop(), 0);
      } finally {
        await broker.stop();
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

async function killAndStart(broker: BarnabasProcess, folder: string, port: number): Promise<BarnabasProcess> {
  await broker.kill();
  return await startBarnabas({ folder, port });
}

async function untilLogHas(file: string, sizeInBytes: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (sizeOf(file) < sizeInBytes) {
    if (performance.now() > deadline) {
      throw new Error(`${file} has ${sizeOf(file)} of ${sizeInBytes} bytes after a minute`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function sizeOf(file: string): number {
  try {
    return Deno.statSync(file).size;
  } catch {
    return 0;
  }
}
