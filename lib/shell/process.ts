/**
 * The process that the command line runs in, from Deno.
 *
 * @module
 */
import { type Program, UserError } from "../cli/program.ts";

/**
 * This process. It reads the environment here, and never again: {@linkcode giveUpEnvironment} can follow.
 */
export function thisProcess(): Program {
  return {
    args: Deno.args,
    environment: readEnvironment(),
    runtime: `Deno ${Deno.version.deno}`,
    absolutePath: (path) => /^(?:\/|[A-Za-z]:[\\/])/.test(path) ? path : `${Deno.cwd()}/${path.replace(/^\.\//, "")}`,
    write: (text) => writeAll(Deno.stdout, text),
    writeError: (line) => writeAll(Deno.stderr, `${line}\n`),
    readTextFile,
    readStandardInput: () => Deno.stdin.isTerminal() ? Promise.resolve(null) : new Response(Deno.stdin.readable).text(),
    giveUpNetwork: () => void Deno.permissions.revokeSync({ name: "net" }),
    onStop(listener) {
      Deno.addSignalListener("SIGINT", listener);
      // Windows has no SIGTERM that a program could hear.
      if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", listener);
    },
    exit: (code) => Deno.exit(code),
  };
}

/**
 * From now on nobody in this process sees the environment, in which other programs' secrets may stand. All of it has to be
 * permitted until then: which variables `KAFKA_…` there are can only be told by a look at all.
 */
export function giveUpEnvironment(): void {
  Deno.permissions.revokeSync({ name: "env" });
}

/** Whoever starts this without the permission means that nothing in the environment should count. */
function readEnvironment(): Record<string, string> {
  return Deno.permissions.querySync({ name: "env" }).state === "granted" ? Deno.env.toObject() : {};
}

function readTextFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new UserError(`Cannot read ${path}: there is no such file`);
    if (error instanceof Error) throw new UserError(`Cannot read ${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    // Nobody listens any more, as behind `| head`: no reason to stop serving.
    if (!(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.BadResource)) throw error;
  }
}
