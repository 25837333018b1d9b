/**
 * The command line: one file a verb.
 *
 * In: the arguments and the environment of a process ({@linkcode Program}). Out: lines on standard output, complaints on standard
 * error, an exit code. Modules are loaded when their verb is asked for: a broker should not wait for the rest.
 *
 * @module
 */
import { describeFailure } from "./failure.ts";
import type { Program } from "./program.ts";

export { type Program, UserError } from "./program.ts";

/**
 * Does what the arguments say.
 *
 * @returns the exit code: 0, or 1 after a complaint on standard error
 */
export async function main(program: Program): Promise<number> {
  try {
    if (program.args.length === 0) {
      const { serve } = await import("./serve.ts");
      return await serve(program, {});
    }
    const { runCommandLine } = await import("./command_line.ts");
    return await runCommandLine(program);
  } catch (error) {
    const message = describeFailure(error);
    if (message === null) throw error;
    for (const line of message.split("\n")) program.writeError(`barnabas: ${line}`);
    return 1;
  }
}
