import { main } from "./lib/cli/mod.ts";
import { giveUpEnvironment, thisProcess } from "./lib/shell/process.ts";

if (import.meta.main) {
  const program = thisProcess();
  giveUpEnvironment();
  Deno.exit(await main(program));
}
