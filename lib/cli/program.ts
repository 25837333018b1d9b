/**
 * What a verb sees of the process that it runs in. `shell/process.ts` implements it; tests do too.
 *
 * @module
 */

/** The process: what it was given, and where its answers go. */
export interface Program {
  /** Without the name of the program. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What runs it, such as `Deno 2.9.6`. */
  readonly runtime: string;
  /** An absolute path for one that may be relative. */
  absolutePath(path: string): string;
  /** Writes to standard output, as it stands. */
  write(text: string): void;
  /** Writes a line to standard error. */
  writeError(line: string): void;
  /** @throws {UserError} where there is no such file, or it cannot be read */
  readTextFile(path: string): string;
  /** All of standard input; null where a person sits at it, who would not know that something is awaited. */
  readStandardInput(): Promise<string | null>;
  /** From now on no socket can be opened any more; those that are open stay, and those that listen go on accepting. */
  giveUpNetwork(): void;
  /** Calls `listener` whenever somebody asks the process to stop: SIGTERM, or Ctrl-C. */
  onStop(listener: () => void): void;
  /** Ends the process at once. */
  exit(code: number): never;
}

/** Something that a person did and can mend. The message says what, in one line or a few; no stack trace helps. */
export class UserError extends Error {
  override name = "UserError";
}
