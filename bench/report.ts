/**
 * Keeps what was measured, and tells it: `docs/PERFORMANCE.md` between two marks, and its plots.
 *
 * @module
 */
import { plotRatios, type RatioBar } from "./plot.ts";
import { type Figure, median } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/mod.ts";

/** What the rounds of a scenario gave. */
export interface Measured {
  /** The day, as in 2026-11-24. */
  readonly date: string;
  /** How many processes wanted a core in the last minute, the benchmark's own among them. */
  readonly loadAfterwards: number;
  /** By contender, the figures of each round by their ids. */
  readonly byContender: Readonly<Record<string, readonly Readonly<Record<string, number>>[]>>;
}

/** By the name of the scenario. */
export type Results = Record<string, Measured>;

const RESULTS = new URL("../docs/performance/results.json", import.meta.url);
const PLOT = new URL("../docs/performance/ratios.svg", import.meta.url);
const PAGE = new URL("../docs/PERFORMANCE.md", import.meta.url);
const BEGIN = "<!-- deno task bench writes from here -->";
const END = "<!-- to here -->";

const KAFKA = "Apache Kafka";
const COMPILED = "Barnabas, compiled";
const FROM_SOURCES = "Barnabas, from its sources";

export function readResults(): Results {
  try {
    return JSON.parse(Deno.readTextFileSync(RESULTS));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/** Writes the results, the plot and the table. */
export function writeReport(results: Results): void {
  Deno.mkdirSync(new URL("./", RESULTS), { recursive: true });
  Deno.writeTextFileSync(RESULTS, JSON.stringify(results, null, 2) + "\n");
  Deno.writeTextFileSync(PLOT, plotRatios(ratioBars(results)));
  const page = Deno.readTextFileSync(PAGE);
  const begin = page.indexOf(BEGIN) + BEGIN.length;
  const end = page.indexOf(END);
  if (begin < BEGIN.length || end < begin) throw new Error(`docs/PERFORMANCE.md lacks its marks: ${BEGIN} … ${END}`);
  Deno.writeTextFileSync(PAGE, page.slice(0, begin) + "\n\n" + table(results) + "\n" + page.slice(end));
}

function table(results: Results): string {
  const lines = [
    "| figure | unit | Apache Kafka | compiled | ratio | from its sources | ratio | goal |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
  ];
  for (const { name, figures } of SCENARIOS) {
    const measured = results[name];
    if (measured === undefined) continue;
    for (const figure of figures) {
      const [kafka, ...ours] = [KAFKA, COMPILED, FROM_SOURCES].map((who) => values(measured, who, figure));
      const cells = ours.flatMap((rounds) => [cell(rounds, figure), ratio(rounds, kafka)]);
      lines.push(`| ${[figure.label, figure.unit, cell(kafka, figure), ...cells, goal(figure)].join(" | ")} |`);
    }
  }
  return lines.join("\n") + "\n";
}

/** All rounds of a contender whose name begins so. */
function values(measured: Measured, who: string, { id }: Figure): number[] {
  const [, rounds = []] = Object.entries(measured.byContender).find(([name]) => name.startsWith(who)) ?? [];
  return rounds.map((figures) => figures[id]);
}

/** The median, and the range. */
function cell(rounds: readonly number[], { digits }: Figure): string {
  if (rounds.length === 0) return "";
  const middle = median(rounds).toFixed(digits);
  if (rounds.length === 1) return middle;
  return `${middle} (${Math.min(...rounds).toFixed(digits)}–${Math.max(...rounds).toFixed(digits)})`;
}

function ratio(ours: readonly number[], theirs: readonly number[]): string {
  if (ours.length === 0 || theirs.length === 0) return "";
  return `${(median(ours) / median(theirs)).toPrecision(2)} ×`;
}

function goal({ goal, better }: Figure): string {
  if (goal === null) return "";
  return better === "less" ? `≤ ${goal} ×` : `≥ ${goal} ×`;
}

function ratioBars(results: Results): RatioBar[] {
  const bars: RatioBar[] = [];
  for (const { name, figures } of SCENARIOS) {
    const measured = results[name];
    if (measured === undefined) continue;
    for (const figure of figures) {
      const [kafka, compiled, sources] = [KAFKA, COMPILED, FROM_SOURCES].map((who) => values(measured, who, figure));
      const ours = compiled.length > 0 ? compiled : sources;
      if (kafka.length === 0 || ours.length === 0) continue;
      bars.push({ label: figure.label, ratio: median(ours) / median(kafka), goal: figure.goal, better: figure.better });
    }
  }
  return bars;
}
