/**
 * The process that the command line runs in, from Deno.
 *
 * @module
 */
import { type Program, UserError } from "../cli/program.ts";

/** This process. */
export function thisProcess(): Program {
  return {
    args: Deno.args,
    environment: Deno.env.toObject(),
    runtime: `Deno ${Deno.version.deno}`,
    absolutePath: (path) => /^(?:\/|[A-Za-z]:[\\/])/.test(path) ? path : `${Deno.cwd()}/${path.replace(/^\.\//, "")}`,
    write: (text) => writeAll(Deno.stdout, text),
    writeError: (line) => writeAll(Deno.stderr, `${line}\n`),
    readTextFile,
    readStandardInput: () => Deno.stdin.isTerminal() ? Promise.resolve(null) : new Response(Deno.stdin.readable).text(),
    onStop(listener) {
      Deno.addSignalListener("SIGINT", listener);
      // Windows has no SIGTERM that a program could hear.
      if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", listener);
    },
    exit: (code) => Deno.exit(code),
  };
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
