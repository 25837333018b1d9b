/**
 * Waits for what processes say.
 *
 * @module
 */

/** How long anything may take. */
const TIMEOUT_MS = 60_000;

/** A process that is known by what it says, a line at a time, until its input ends. */
export abstract class Listened implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<unknown>;
  #errors = "";
  #hasEnded = false;
  #wake: (() => void)[] = [];

  protected constructor(command: readonly string[]) {
    const [program, ...args] = command;
    this.#process = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
    this.#output = Promise.all([
      this.#read(this.#process.stdout, (line) => this.hear(line)),
      this.#read(this.#process.stderr, (line) => void (this.#errors += `${line}\n`)),
    ]).then(() => {
      this.#hasEnded = true;
      this.#change();
    });
  }

  /** What it is like now, for a person. */
  abstract describe(): string;

  /** Resolves when it is as `isSo` says. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#change();
    }, TIMEOUT_MS);
    while (!isSo()) {
      if (isLate || this.#hasEnded) {
        clearTimeout(timer);
        throw new Error(`It was never so that ${what}: ${this.describe()}\n${this.#errors.slice(-8000)}`);
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    clearTimeout(timer);
  }

  /** Ends its input, and waits until it has ended. */
  async stop(): Promise<void> {
    await this.#process.stdin.close().catch(() => {});
    await this.#output;
    await this.#process.status;
  }

  /** Kills it in the midst of its work. */
  async kill(): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    await this.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  protected abstract hear(line: string): void;

  async #read(stream: ReadableStream<Uint8Array>, hear: (line: string) => void): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) hear(line);
      this.#change();
    }
  }

  #change(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}
