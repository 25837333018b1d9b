/**
 * A Kafka Streams application that counts words, each instance a process of its own, and the counts as a consumer sees
 * them. `tests/interop/install.sh` brings Kafka Streams and builds the program.
 *
 * @module
 */
import { Listened } from "./listened.ts";

const FOLDER = new URL("../../../.cache/interop/streams/", import.meta.url).pathname;

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
