/**
 * A prototype of partitions that live on workers: what it costs to hand a batch to another thread and to get the answer, beside doing its work
 * where it arrived. docs/ARCHITECTURE.md tells what follows from its figures.
 *
 * ```sh
 * ./your_program.sh deno run -A bench/workers/main.ts
 * ```
 *
 * @module
 */
import { crc32c } from "../../lib/bytes/crc32c.ts";
import { openBatchFile } from "./batch_file.ts";
import type { FromWorker, ToWorker } from "./partition_worker.ts";

const LARGE = { name: "1 MB", bytes: 1 << 20, count: 8_000, window: 16 };
const SMALL = { name: "1 KB", bytes: 1 << 10, count: 200_000, window: 128 };
const WARM_UP_SHARE = 0.1;
const PARTITIONS = 8;
/** As on 64-bit Linux everywhere: `/proc/self/stat` counts in hundredths of a second. */
const CLOCK_TICKS_PER_SECOND = 100;

type Load = typeof LARGE;

/** Keeps the work from being left out as useless. */
let checksums = 0;

async function main(): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-workers-" });
  try {
    for (const load of [LARGE, SMALL]) {
      await tell(load, "one loop does all", (count) => Promise.resolve(onThisThread(folder, load, count)));
      for (const threads of [1, 2, 4]) {
        for (const together of load === SMALL ? [1, 16] : [1]) {
          const workers = Array.from({ length: threads }, () => new PartitionWorker());
          const words = `${threads} worker(s)${together > 1 ? `, ${together} in a message` : ""}`;
          await tell(load, words, (count) => onWorkers(folder, load, count, workers, together));
          for (const worker of workers) worker.terminate();
        }
      }
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function tell(load: Load, words: string, run: (count: number) => Promise<void>): Promise<void> {
  await run(load.count * WARM_UP_SHARE);
  const cpuBefore = cpuSeconds();
  const start = performance.now();
  await run(load.count);
  const seconds = (performance.now() - start) / 1000;
  const cpu = cpuSeconds() - cpuBefore;
  const megabytes = load.count * load.bytes / 1e6;
  console.log(
    `${load.name}, ${words}: ${(megabytes / seconds).toFixed(0)} MB/s, ${
      (load.count / seconds).toFixed(0)
    } batches/s, ` +
      `${(cpu / megabytes * 1000).toFixed(2)} s of CPU per GB, ${(cpu / load.count * 1e6).toFixed(1)} µs per batch`,
  );
}

function onThisThread(folder: string, load: Load, count: number): void {
  const files = Array.from({ length: PARTITIONS }, (_, partition) => openBatchFile(`${folder}/${partition}`));
  const batch = newBatch(load.bytes);
  for (let index = 0; index < count; index++) {
    files[index % PARTITIONS].append(batch);
    checksums ^= crc32c(batch);
  }
}

async function onWorkers(
  folder: string,
  load: Load,
  count: number,
  workers: readonly PartitionWorker[],
  together: number,
): Promise<void> {
  let begun = 0;
  const lane = async (batches: readonly Uint8Array<ArrayBuffer>[]): Promise<void> => {
    while (begun < count) {
      const partition = begun % PARTITIONS;
      begun += batches.length;
      const answer = await workers[partition % workers.length].ask({ path: `${folder}/${partition}`, batches });
      for (const checksum of answer.checksums) checksums ^= checksum;
      batches = answer.batches;
    }
  };
  const lanes = Array.from(
    { length: load.window / together },
    () => lane(Array.from({ length: together }, () => newBatch(load.bytes))),
  );
  await Promise.all(lanes);
}

/** Asks a worker, which answers in the order in which it is asked. */
class PartitionWorker {
  readonly #worker = new Worker(new URL("./partition_worker.ts", import.meta.url), { type: "module" });
  readonly #waiting: ((answer: FromWorker) => void)[] = [];

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#waiting.shift()!(data);
  }

  ask(request: ToWorker): Promise<FromWorker> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#worker.postMessage(request, request.batches.map(({ buffer }) => buffer));
    });
  }

  terminate(): void {
    this.#worker.terminate();
  }
}

function newBatch(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes).map((_, index) => index * 7);
}

function cpuSeconds(): number {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

if (import.meta.main) await main();
