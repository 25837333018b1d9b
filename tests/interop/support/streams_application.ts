/**
 * A Kafka Streams application that counts words, each instance a process of its own, and the counts as a consumer sees
 * them. `tests/interop/install.sh` brings Kafka Streams and builds the program.
 *
 * @module
 */

const FOLDER = new URL("../../../.cache/interop/streams/", import.meta.url).pathname;

/** How long anything may take. */
const TIMEOUT_MS = 60_000;

/** Why no application can run here; null where it can. */
export function kafkaStreamsIsMissing(): string | null {
  try {
    Deno.statSync(`${FOLDER}WordCount.class`);
    return null;
  } catch {
    return "Kafka Streams is not installed: run tests/interop/install.sh";
  }
}

/** The topics of the lines and of the counts. */
export interface WordCountTopics {
  readonly lines: string;
  readonly counts: string;
}

/** How an instance is run. */
export interface ApplicationOptions {
  readonly bootstrap: string;
  readonly applicationId: string;
  readonly topics: WordCountTopics;
  /** Where it keeps its state. */
  readonly folder: string;
  /** Settings of Kafka Streams, such as `group.protocol`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Waits for what a process says. */
abstract class Listened implements AsyncDisposable {
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

/** An instance of the application. */
export class Application extends Listened {
  #state = "CREATED";
  activeTasks = 0;
  standbyTasks = 0;

  constructor({ bootstrap, applicationId, topics, folder, settings = {} }: ApplicationOptions) {
    const classPath = `${FOLDER}:${FOLDER}libs/*`;
    super([
      ...["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"],
      ...["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", classPath, "WordCount"],
      ...[bootstrap, applicationId, topics.lines, topics.counts, folder],
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    ]);
  }

  /** Resolves when it runs, and has so many tasks. */
  async untilRunning(activeTasks: number, standbyTasks = 0): Promise<void> {
    await this.until(
      `an instance runs ${activeTasks} active and ${standbyTasks} standby tasks`,
      () => this.#state === "RUNNING" && this.activeTasks === activeTasks && this.standbyTasks === standbyTasks,
    );
  }

  override describe(): string {
    return `it is ${this.#state}, with ${this.activeTasks} active and ${this.standbyTasks} standby tasks`;
  }

  protected override hear(line: string): void {
    const [state, active, standby] = line.split(" ");
    this.#state = state;
    this.activeTasks = Number(active ?? 0);
    this.standbyTasks = Number(standby ?? 0);
  }
}

/** The newest count of each word, as a consumer sees them that reads what is committed. */
export class Counts extends Listened {
  readonly #counts = new Map<string, number>();

  constructor(bootstrap: string, { counts }: WordCountTopics) {
    super([
      ...["kcat", "-b", bootstrap, "-C", "-E", "-t", counts, "-o", "beginning", "-q", "-u", "-f", "%k %s\n"],
      ...["-X", "isolation.level=read_committed", "-X", "topic.metadata.refresh.interval.ms=500"],
    ]);
  }

  /** Resolves when each of these words has been counted so often. */
  async untilExactly(expected: Readonly<Record<string, number>>): Promise<void> {
    await this.until(
      `the words are counted as ${JSON.stringify(expected)}`,
      () => Object.entries(expected).every(([word, count]) => this.#counts.get(word) === count),
    );
  }

  /** Resolves when each of these words has been counted so often, or more often. */
  async untilAtLeast(expected: Readonly<Record<string, number>>): Promise<void> {
    await this.until(
      `the words are counted at least as ${JSON.stringify(expected)}`,
      () => Object.entries(expected).every(([word, count]) => (this.#counts.get(word) ?? 0) >= count),
    );
  }

  override describe(): string {
    return `they are counted as ${JSON.stringify(Object.fromEntries(this.#counts))}`;
  }

  protected override hear(line: string): void {
    const [word, count] = line.split(" ");
    this.#counts.set(word, Number(count));
  }
}
