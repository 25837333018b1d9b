import { main } from "./lib/cli/mod.ts";
import { thisProcess } from "./lib/shell/process.ts";

if (import.meta.main) Deno.exit(await main(thisProcess()));
