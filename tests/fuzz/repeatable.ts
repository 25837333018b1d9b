/**
 * Properties whose failure prints the command that repeats it.
 *
 * `FUZZ_SEED` repeats a run, `FUZZ_RUNS=10` makes runs ten times as long.
 *
 * @module
 */
import fc from "fast-check";

/** Checks `property` about `runs` times; `file` is the path of the test, for the message. */
export function check<T>(file: string, runs: number, property: fc.IProperty<T>): void {
  fc.assert(property, repeatably(file, runs));
}

/** As {@linkcode check}, of what takes time. */
export async function checkAsync<T>(file: string, runs: number, property: fc.IAsyncProperty<T>): Promise<void> {
  await fc.assert(property, repeatably(file, runs));
}

function repeatably<T>(file: string, runs: number): fc.Parameters<T> {
  const seed = Deno.env.get("FUZZ_SEED");
  return {
    numRuns: Math.ceil(runs * Number(Deno.env.get("FUZZ_RUNS") ?? 1)),
    ...seed === undefined ? {} : { seed: Number(seed) },
    reporter: (run: fc.RunDetails<T>) => {
      if (!run.failed) return;
      throw new Error(
        `${fc.defaultReportMessage(run)}\n\nRepeat it with: FUZZ_SEED=${run.seed} ./your_program.sh test ${file}`,
        { cause: run.errorInstance },
      );
    },
  };
}
