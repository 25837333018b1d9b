/**
 * Kills the broker again and again under the load of real producers, and checks every record that was acknowledged.
 *
 * ```sh
 * tests/interop/install.sh
 * ./your_program.sh deno run -A tests/interop/kill_rounds.ts [--rounds 200] [--seed 1] [--executable dist/barnabas]
 * ```
 *
 * A chapter: franz-go and the Java client, both idempotent as they are without being asked, each send a file of numbered lines
 * into a topic of their own, while the broker is killed with SIGKILL as soon as its logs have grown, or a little later, and
 * started again on the same folder. A producer ends well when all its lines are acknowledged; then the topic must hold exactly
 * those, in their order: none lost, none twice. Chapters follow one another until there were enough rounds.
 *
 * @module
 */
import { equals } from "@std/bytes";
import { freePorts } from "./support/apache_kafka.ts";
import { type BarnabasProcess, startBarnabas } from "./support/barnabas.ts";
import { type Client, client, kcat, run } from "./support/clients.ts";

const LINES = 500_000;
const MOST_MS_UNDER_LOAD = 400;
const POLL_MS = 2;
const PRODUCERS: readonly Client[] = [client("franz-go"), client("Java client")];

/** One kill, and what came after it. */
interface Round {
  /** Bytes of all partitions when it was killed. */
  readonly logBytes: number;
  /** From the start of the next process until it serves. */
  readonly recoveryMs: number;
}

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { rounds, seed, executable } = options();
  for (const { missing } of [...PRODUCERS, kcat]) {
    if (missing !== null) throw new Error(`${missing}: run tests/interop/install.sh`);
  }
  const random = seededRandom(seed);
  const done: Round[] = [];
  let records = 0;
  for (let chapter = 1; done.length < rounds; chapter++) {
    done.push(...await runChapter(rounds - done.length, random, executable));
    records += LINES * PRODUCERS.length;
    console.log(`chapter ${chapter}: ${done.length} rounds, ${records} records acknowledged, none lost, none twice`);
  }
  report(done);
}

function options(): { rounds: number; seed: number; executable: string | undefined } {
  const given = new Map<string, string>();
  for (let index = 0; index + 1 < Deno.args.length; index += 2) given.set(Deno.args[index], Deno.args[index + 1]);
  return {
    rounds: Number(given.get("--rounds") ?? 200),
    seed: Number(given.get("--seed") ?? 1),
    executable: given.get("--executable"),
  };
}

async function runChapter(most: number, random: () => number, executable: string | undefined): Promise<Round[]> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-kill-rounds-" });
  const options = { folder: `${folder}/data`, port: freePorts(1, 21960, 21979), executable };
  let broker = await startBarnabas(options);
  try {
    const content = numberedLines();
    Deno.writeFileSync(`${folder}/lines.txt`, content);
    let isProducing = true;
    const produced = Promise.all(
      PRODUCERS.map((producer, index) =>
        run(producer, "produce", broker.bootstrap, `topic${index}`, "none", `${folder}/lines.txt`)
      ),
    ).finally(() => isProducing = false);
    produced.catch(() => {});
    const rounds: Round[] = [];
    while (rounds.length < most && await hasGrown(options.folder, () => isProducing)) {
      await delay(random() * MOST_MS_UNDER_LOAD);
      if (!isProducing) break;
      await broker.kill();
      const logBytes = bytesOfLogs(options.folder);
      const start = performance.now();
      broker = await startBarnabas(options);
      rounds.push({ logBytes, recoveryMs: performance.now() - start });
    }
    await produced;
    for (const index of PRODUCERS.keys()) await check(broker, `topic${index}`, content, PRODUCERS[index].name);
    return rounds;
  } finally {
    await broker.stop();
    Deno.removeSync(folder, { recursive: true });
  }
}

async function check(broker: BarnabasProcess, topic: string, content: Uint8Array, producer: string): Promise<void> {
  const found = await run(kcat, "consume", broker.bootstrap, topic);
  if (equals(found, content)) return;
  const count = found.reduce((lines, byte) => byte === NEWLINE ? lines + 1 : lines, 0);
  throw new Error(`${producer} sent ${LINES} lines, ${topic} has ${count}, or in another order`);
}

const NEWLINE = 10;

/** Resolves to true when the logs are larger than at the call, to false where nobody produces any more. */
async function hasGrown(folder: string, isProducing: () => boolean): Promise<boolean> {
  const before = bytesOfLogs(folder);
  while (isProducing()) {
    if (bytesOfLogs(folder) > before) return true;
    await delay(POLL_MS);
  }
  return false;
}

function bytesOfLogs(folder: string): number {
  let bytes = 0;
  for (const index of PRODUCERS.keys()) {
    const partition = `${folder}/topic${index}-0`;
    try {
      for (const { name } of Deno.readDirSync(partition)) {
        if (name.endsWith(".log")) bytes += Deno.statSync(`${partition}/${name}`).size;
      }
    } catch (error) {
      // It is not made yet.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return bytes;
}

function report(rounds: readonly Round[]): void {
  const times = rounds.map(({ recoveryMs }) => recoveryMs).sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))]);
  console.log(`${rounds.length} rounds of kill -9, no acknowledged record lost, none twice`);
  console.log(`from start to serving: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`);
  console.log("megabytes of log at the kill → milliseconds from start to serving:");
  const list = rounds.map(({ logBytes, recoveryMs }) => `${Math.round(logBytes / 1e6)} → ${Math.round(recoveryMs)}`);
  for (let index = 0; index < list.length; index += 10) console.log(`  ${list.slice(index, index + 10).join(", ")}`);
}

function numberedLines(): Uint8Array {
  const padding = "-".repeat(100);
  return new TextEncoder().encode(Array.from({ length: LINES }, (_, index) => `${index} ${padding}\n`).join(""));
}

/** Numbers from 0 to 1, the same for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
