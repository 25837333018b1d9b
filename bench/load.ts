/**
 * The load: a small Go program with franz-go (`bench/load`), built when it is first needed.
 *
 * @module
 */
import type { BenchBroker } from "./contenders.ts";

const SOURCES = new URL("load/", import.meta.url);
const PROGRAM = new URL("../.cache/bench/load", import.meta.url).pathname;
const TIMEOUT_MS = 300_000;

/** The options of a command, as the program prints them. */
export type LoadOptions = Readonly<Record<string, string | number>>;

/** Builds the program; throws where there is no Go. */
export async function buildLoad(): Promise<void> {
  const { success, stderr } = await new Deno.Command("go", {
    args: ["build", "-o", PROGRAM, "."],
    cwd: SOURCES,
  }).output();
  if (!success) throw new Error(`bench/load cannot be built: ${new TextDecoder().decode(stderr)}`);
}

/** Runs a command to its end; gives the numbers that it prints. */
export async function load(command: string, broker: BenchBroker, options: LoadOptions): Promise<number[]> {
  const { success, stdout, stderr } = await new Deno.Command(PROGRAM, {
    args: arguments_(command, broker, options),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).output();
  if (!success) throw new Error(`The load failed: ${new TextDecoder().decode(stderr)}`);
  const lines = new TextDecoder().decode(stdout).trim();
  return lines === "" ? [] : lines.split("\n").map(Number);
}

/** A command that runs beside others. */
export interface RunningLoad {
  /** Resolves when it has done its work. */
  readonly done: Promise<void>;
  /** Ends its input: what only holds something lets it go. */
  release(): Promise<void>;
}

/** Starts a command; resolves when it says that it is ready. */
export async function startLoad(command: string, broker: BenchBroker, options: LoadOptions): Promise<RunningLoad> {
  const process = new Deno.Command(PROGRAM, {
    args: arguments_(command, broker, options),
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  if (value === undefined) throw new Error(`The load failed: ${command} ended before it was ready`);
  const done = process.status.then(({ success }) => {
    if (!success) throw new Error(`The load failed: ${command}`);
  });
  return {
    done,
    async release() {
      await process.stdin.close();
      await done;
      await reader.cancel();
    },
  };
}

function arguments_(command: string, broker: BenchBroker, options: LoadOptions): string[] {
  return [command, broker.bootstrap, ...Object.entries(options).map(([name, value]) => `${name}=${value}`)];
}
