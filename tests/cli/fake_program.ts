/** A process for tests: it remembers what was written to it. */
import { main, type Program, UserError } from "../../lib/cli/mod.ts";

/** What a fake process is given. */
export interface FakeInput {
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Null for a terminal. */
  readonly standardInput?: string | null;
}

/** What came of a run. */
export interface Outcome {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: readonly string[];
}

/** Runs the command line in this process. */
export async function run(args: readonly string[], input: FakeInput = {}): Promise<Outcome> {
  const program = new FakeProgram(args, input);
  const exitCode = await main(program);
  return { exitCode, output: program.output, errors: program.errors };
}

/** See {@linkcode run}. */
export class FakeProgram implements Program {
  readonly environment: Readonly<Record<string, string>>;
  readonly runtime = "Deno 0.0.0";
  readonly errors: string[] = [];
  output = "";
  hasGivenUpNetwork = false;
  /** Asks the program to stop; null until it listens. */
  stop: (() => void) | null = null;
  /** Called when something is written. */
  onWrite: () => void = () => {};
  readonly #input: FakeInput;

  constructor(readonly args: readonly string[], input: FakeInput = {}) {
    this.environment = input.environment ?? {};
    this.#input = input;
  }

  absolutePath(path: string): string {
    return path.startsWith("/") ? path : `/home/somebody/${path}`;
  }

  write(text: string): void {
    this.output += text;
    this.onWrite();
  }

  writeError(line: string): void {
    this.errors.push(line);
  }

  readTextFile(path: string): string {
    const text = this.#input.files?.[path];
    if (text === undefined) throw new UserError(`Cannot read ${path}: there is no such file`);
    return text;
  }

  readStandardInput(): Promise<string | null> {
    return Promise.resolve(this.#input.standardInput ?? null);
  }

  giveUpNetwork(): void {
    this.hasGivenUpNetwork = true;
  }

  onStop(listener: () => void): void {
    this.stop = listener;
  }

  exit(code: number): never {
    throw new Exit(code);
  }
}

/** The fake process was ended at once. */
export class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}
