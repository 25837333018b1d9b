/**
 * Runs simulated worlds: `deno task sim --seeds 1000`, which is `./your_program.sh deno run -A tests/sim/main.ts
 * --seeds 1000`.
 *
 * | flag        | meaning                                             |
 * | ----------- | --------------------------------------------------- |
 * | `--seeds N` | how many worlds; 100 by default                      |
 * | `--first S` | the first seed; 1 by default                         |
 * | `--seed S`  | this world alone                                     |
 * | `--trace`   | prints all that happens                              |
 * | `--plant B` | with a bug of `planted.ts`, for the checker to find  |
 *
 * @module
 */
import { type Outcome, runWorld } from "./world.ts";
import { PLANTED } from "./planted.ts";

interface Options {
  readonly first: number;
  readonly count: number;
  readonly isTracing: boolean;
  readonly plant: string | null;
}

function parse(args: readonly string[]): Options {
  const value = (flag: string): string | null => {
    const index = args.indexOf(flag);
    return index === -1 ? null : args[index + 1] ?? null;
  };
  const seed = value("--seed");
  const plant = value("--plant");
  if (plant !== null && !(plant in PLANTED)) {
    throw new Error(`There is no planted bug "${plant}". There are: ${Object.keys(PLANTED).join(", ")}`);
  }
  return {
    first: Number(seed ?? value("--first") ?? 1),
    count: seed !== null ? 1 : Number(value("--seeds") ?? 100),
    isTracing: args.includes("--trace"),
    plant,
  };
}

async function main(): Promise<number> {
  const options = parse(Deno.args);
  const startedMs = performance.now();
  const failed: Outcome[] = [];
  let events = 0;
  let restarts = 0;
  for (let seed = options.first; seed < options.first + options.count; seed++) {
    const outcome = await runPlanted(seed, options);
    events += outcome.eventCount;
    restarts += outcome.restartCount;
    if (outcome.violation !== null) {
      failed.push(outcome);
      report(outcome, options);
    }
    const done = seed - options.first + 1;
    if (done % 100 === 0) {
      const megabytes = Math.round(Deno.memoryUsage().rss / 2 ** 20);
      console.log(`${done} worlds, ${failed.length} failed, ${rate(events, startedMs)} events/s, ${megabytes} MB`);
    }
  }
  console.log(
    `${options.count} worlds, ${events} events, ${restarts} starts of the broker, ${failed.length} failed, ` +
      `${rate(events, startedMs)} events/s`,
  );
  return failed.length === 0 ? 0 : 1;
}

async function runPlanted(seed: number, { plant, isTracing }: Options): Promise<Outcome> {
  const trace = isTracing ? (line: string) => console.log(line) : undefined;
  if (plant === null) return await runWorld(seed, { trace });
  const planted = PLANTED[plant].plant();
  try {
    return await runWorld(seed, { trace, plant: planted });
  } finally {
    planted.uproot?.();
  }
}

function report({ seed, violation }: Outcome, { plant }: Options): void {
  const flags = plant === null ? "" : ` --plant ${plant}`;
  console.log(`seed ${seed}: ${violation}\n  repeat it with: deno task sim --seed ${seed} --trace${flags}`);
}

function rate(events: number, startedMs: number): number {
  return Math.round(events / ((performance.now() - startedMs) / 1000));
}

if (import.meta.main) Deno.exit(await main());
