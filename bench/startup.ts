/**
 * How soon a broker answers, and what it takes while nobody uses it, beside Apache Kafka in the same run.
 *
 * ```sh
 * ./your_program.sh compile
 * ./your_program.sh deno run -A bench/startup.ts
 * ```
 *
 * A first start is in an empty folder, which Apache Kafka formats with a tool of its own; a next start is in that folder again.
 * Each ends with the first answered ApiVersions request. Figures are medians. Idle memory is the resident set five seconds later.
 *
 * @module
 */
import { ApiVersionsRequest, ApiVersionsResponse } from "../lib/protocol/messages/api_versions.ts";
import { apacheKafkaIsMissing, freePorts, libsFolder } from "../tests/interop/support/apache_kafka.ts";
import { RawClient } from "../tests/interop/support/raw_client.ts";

/** A broker as it is started. */
interface Contender {
  readonly name: string;
  readonly sizeInBytes: number;
  /** How often it is started. */
  readonly rounds: number;
  /** Prepares an empty folder. */
  readonly format: (folder: string, port: number) => Promise<void>;
  readonly command: (folder: string, port: number) => readonly string[];
}

interface Figures {
  readonly firstStartMs: number;
  readonly nextStartMs: number;
  readonly idleKilobytes: number;
}

const ROOT = new URL("../", import.meta.url).pathname;
const EXECUTABLE = `${ROOT}dist/barnabas`;
const IDLE_MS = 5_000;
const START_TIMEOUT_MS = 60_000;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const rows = [["", "size", "first start", "next start", "idle memory"]];
  for (const contender of contenders()) {
    const { firstStartMs, nextStartMs, idleKilobytes } = await measure(contender);
    rows.push([
      contender.name,
      megabytes(contender.sizeInBytes),
      milliseconds(firstStartMs),
      milliseconds(nextStartMs),
      megabytes(idleKilobytes * 1024),
    ]);
  }
  for (const [name, ...figures] of rows) {
    console.log(name.padEnd(28) + figures.map((figure) => figure.padStart(14)).join(""));
  }
}

function contenders(): Contender[] {
  const result: Contender[] = [];
  if (exists(EXECUTABLE)) result.push(barnabas("Barnabas, compiled", EXECUTABLE, Deno.statSync(EXECUTABLE).size));
  else console.log("dist/barnabas is missing: ./your_program.sh compile makes it");
  result.push(barnabas("Barnabas, from its sources", `${ROOT}your_program.sh`, 0));
  const missing = apacheKafkaIsMissing();
  if (missing === null) result.push(apacheKafka());
  else console.log(`Apache Kafka is left out: ${missing}`);
  return result;
}

function barnabas(name: string, program: string, sizeInBytes: number): Contender {
  return {
    name,
    sizeInBytes,
    rounds: 9,
    format: () => Promise.resolve(),
    command: (folder, port) => [program, "--port", String(port), "--data-dir", folder],
  };
}

/** With the heap and the collector that its own start script gives it. */
function apacheKafka(): Contender {
  const java = ["java", "-Xms1g", "-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-cp", `${libsFolder()}/*`];
  return {
    name: "Apache Kafka 4.3.1",
    sizeInBytes: [...Deno.readDirSync(libsFolder())].reduce(
      (sum, { name }) => sum + Deno.statSync(`${libsFolder()}/${name}`).size,
      0,
    ),
    rounds: 3,
    async format(folder, port) {
      Deno.writeTextFileSync(
        `${folder}/server.properties`,
        [
          "process.roles=broker,controller",
          "node.id=1",
          `controller.quorum.voters=1@127.0.0.1:${port + 1}`,
          `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1}`,
          "controller.listener.names=CONTROLLER",
          `log.dirs=${folder}/data`,
        ].join("\n"),
      );
      const arguments_ = ["format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", `${folder}/server.properties`];
      const [program, ...rest] = [...java, "kafka.tools.StorageTool", ...arguments_];
      await new Deno.Command(program, { args: rest }).output();
    },
    command: (folder) => [...java, "kafka.Kafka", `${folder}/server.properties`],
  };
}

async function measure(contender: Contender): Promise<Figures> {
  const first: number[] = [];
  const next: number[] = [];
  let idleKilobytes = 0;
  for (let round = 0; round < contender.rounds; round++) {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-startup-" });
    const port = freePorts(2, 21650, 21689);
    try {
      const start = performance.now();
      await contender.format(folder, port);
      first.push(performance.now() - start + await startAndStop(contender, folder, port));
      const isLast = round === contender.rounds - 1;
      next.push(
        await startAndStop(contender, folder, port, async (processId) => {
          if (isLast) idleKilobytes = await idleMemory(processId);
        }),
      );
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  }
  return { firstStartMs: median(first), nextStartMs: median(next), idleKilobytes };
}

/** The milliseconds from the start of the process to its first answer. */
async function startAndStop(
  contender: Contender,
  folder: string,
  port: number,
  whileItRuns: (processId: number) => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const [program, ...args] = contender.command(folder, port);
  const start = performance.now();
  const process = new Deno.Command(program, {
    args,
    env: { DENO: Deno.execPath() },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await firstAnswer(port);
    const startMs = performance.now() - start;
    await whileItRuns(process.pid);
    return startMs;
  } finally {
    process.kill("SIGTERM");
    await process.status;
  }
}

async function firstAnswer(port: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      using client = await RawClient.connect({ hostname: "127.0.0.1", port });
      await client.ask(ApiVersionsRequest, ApiVersionsResponse, 3, {});
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(1);
  }
}

async function idleMemory(processId: number): Promise<number> {
  await delay(IDLE_MS);
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "rss=", "-p", String(processId)] }).output();
  return Number(new TextDecoder().decode(stdout));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function megabytes(bytes: number): string {
  return bytes === 0 ? "" : `${Math.round(bytes / 1e6)} MB`;
}

function milliseconds(duration: number): string {
  return `${Math.round(duration)} ms`;
}

function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
