/**
 * What the benchmarks consist of: scenarios, each of which puts a load on a fresh broker and gives figures.
 *
 * @module
 */
import type { BenchBroker, Contender, Durability, Settings } from "./contenders.ts";

/** A figure that a user feels. */
export interface Figure {
  /** Names it within its scenario. */
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
  readonly better: "less" | "more";
  /** What it is to be, as a multiple of Apache Kafka's; null where it is only told. */
  readonly goal: number | null;
}

export interface Scenario {
  readonly name: string;
  readonly figures: readonly Figure[];
  /** Runs once; gives each figure by its id. */
  measure(contender: Contender): Promise<Readonly<Record<string, number>>>;
}

/** Runs `use` with a broker that serves, in an empty folder, which is removed afterwards. */
export async function withBroker<T>(
  contender: Contender,
  durability: Durability,
  use: (broker: BenchBroker, folder: string) => Promise<T>,
  settings: Settings = {},
): Promise<T> {
  return await inFolder(contender, settings, async (folder) => {
    const broker = contender.start(folder, durability, settings);
    try {
      await broker.untilServing();
      return await use(broker, folder);
    } finally {
      await broker.stop();
    }
  });
}

/** Runs `use` with a folder in which the contender can be started. */
export async function inFolder<T>(
  contender: Contender,
  settings: Settings,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-bench-" });
  try {
    await contender.format(folder, settings);
    return await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The broker's processor time for `work`, in seconds, and what the work gives. */
export async function cpuOf<T>(
  broker: BenchBroker,
  work: () => Promise<T>,
): Promise<{ cpuSeconds: number; result: T }> {
  const before = broker.cpuSeconds;
  const result = await work();
  return { cpuSeconds: broker.cpuSeconds - before, result };
}

/** How long `work` takes, in milliseconds. */
export async function took(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

/** The middle one of some figures. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** The figure below which the share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
