/**
 * All figures, side by side with Apache Kafka 4.3.1, on this machine.
 *
 * ```sh
 * tests/interop/install.sh                  # Apache Kafka
 * ./your_program.sh compile                 # dist/barnabas
 * deno task bench                           # all scenarios, three rounds
 * deno task bench --rounds 5 produce start  # some of them
 * deno task bench --compiled                # without the broker from its sources
 * deno task bench --small --rounds 1        # whether they run: with a small part of the load, and nothing is kept
 * ```
 *
 * The brokers run in turn within each round, one at a time, each in an empty folder. What was measured is kept in
 * `docs/performance/results.json`, scenario by scenario, and told in `docs/PERFORMANCE.md` with its plots. Processor time is the broker's, of all
 * its threads, so that ratios hold on a machine that others use as well; times do not.
 *
 * @module
 */
import { type Contender, contenders } from "./contenders.ts";
import { buildLoad } from "./load.ts";
import { type Measured, readResults, writeReport } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/mod.ts";
import { isSmall, SMALL } from "./size.ts";

const DEFAULT_ROUNDS = 3;
const COMPILED_ONLY = "--compiled";

if (import.meta.main) await main(Deno.args);

async function main(args: readonly string[]): Promise<void> {
  const { rounds, scenarios, isCompiledOnly } = parse(args);
  await buildLoad();
  const results = readResults();
  const brokers = contenders(!isCompiledOnly);
  for (const scenario of scenarios) {
    results[scenario.name] = await run(scenario, brokers, rounds);
    if (isSmall) continue;
    // After each, so that a run that is ended early has not been in vain.
    writeReport(results);
  }
}

interface Arguments {
  readonly rounds: number;
  readonly scenarios: readonly Scenario[];
  readonly isCompiledOnly: boolean;
}

function parse(args: readonly string[]): Arguments {
  const isCompiledOnly = args.includes(COMPILED_ONLY);
  const names = args.filter((name) => name !== COMPILED_ONLY && name !== SMALL);
  let rounds = DEFAULT_ROUNDS;
  const at = names.indexOf("--rounds");
  if (at >= 0) rounds = Number(names.splice(at, 2)[1]);
  if (!(rounds >= 1)) throw new Error("--rounds needs a number of rounds");
  if (names.length === 0) return { rounds, scenarios: SCENARIOS, isCompiledOnly };
  const scenarios = names.map((name) => {
    const scenario = SCENARIOS.find((candidate) => candidate.name === name);
    if (scenario !== undefined) return scenario;
    throw new Error(`There is no scenario ${name}: there are ${SCENARIOS.map(({ name }) => name).join(", ")}`);
  });
  return { rounds, scenarios, isCompiledOnly };
}

async function run(scenario: Scenario, brokers: readonly Contender[], rounds: number): Promise<Measured> {
  const byContender: Record<string, Record<string, number>[]> = {};
  for (let round = 1; round <= rounds; round++) {
    for (const contender of brokers) {
      const figures = await scenario.measure(contender);
      console.log(`${scenario.name}, round ${round} of ${rounds}, ${contender.name}: ${print(scenario, figures)}`);
      (byContender[contender.name] ??= []).push(figures);
    }
  }
  const [load] = Deno.loadavg();
  return { date: new Date().toISOString().slice(0, 10), loadAfterwards: load, byContender };
}

function print(scenario: Scenario, figures: Readonly<Record<string, number>>): string {
  return scenario.figures.map(({ id, unit, digits }) => `${id} ${figures[id].toFixed(digits)} ${unit}`).join(", ");
}
