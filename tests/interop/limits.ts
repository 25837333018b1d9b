/**
 * How much memory a broker takes when very many clients do what hurts: a process of its own is looked at before, at the worst and
 * afterwards, and a sound client must be served all the while.
 *
 * ```sh
 * ./your_program.sh deno run -A tests/interop/limits.ts [clients]
 * ```
 *
 * @module
 */
import { inMib } from "../fuzz/connections/watch.ts";
import { LOADS, measure } from "./support/loads.ts";

if (import.meta.main) {
  const only = Deno.args[1];
  console.log(
    "| what | clients | before | most | afterwards | a sound client waited |\n| --- | --- | --- | --- | --- | --- |",
  );
  for (const load of LOADS) {
    if (only !== undefined && !load.name.includes(only)) continue;
    const clients = Math.round(Number(Deno.args[0] ?? 1000) * load.share);
    const { before, most, afterwards, waitedMs } = await measure(load, clients);
    const figures = [before, most, afterwards].map(inMib);
    console.log(`| ${[load.name, clients, ...figures, `${Math.round(waitedMs)} ms`].join(" | ")} |`);
  }
}
