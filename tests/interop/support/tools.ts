/**
 * Apache Kafka's own tools, unchanged, all of them in one JVM: `tests/interop/clients/java/Tools.java` runs them one after
 * the other.
 *
 * @module
 */
import { apacheKafkaIsMissing, javaCommand } from "./apache_kafka.ts";

/** The tools by the names of the scripts that start them (`bin/kafka-topics.sh`, …), without `kafka-`. */
const CLASSES = {
  "topics": "org.apache.kafka.tools.TopicCommand",
  "configs": "kafka.admin.ConfigCommand",
  "consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
  "share-groups": "org.apache.kafka.tools.consumer.group.ShareGroupCommand",
  "groups": "org.apache.kafka.tools.GroupsCommand",
  "get-offsets": "org.apache.kafka.tools.GetOffsetShell",
  "delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
  "log-dirs": "org.apache.kafka.tools.LogDirsCommand",
  "features": "org.apache.kafka.tools.FeatureCommand",
  "metadata-quorum": "org.apache.kafka.tools.MetadataQuorumCommand",
  "leader-election": "org.apache.kafka.tools.LeaderElectionCommand",
  "reassign-partitions": "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
  "client-metrics": "org.apache.kafka.tools.ClientMetricsCommand",
  "cluster": "org.apache.kafka.tools.ClusterTool",
  "broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
  "replica-verification": "org.apache.kafka.tools.ReplicaVerificationTool",
  "producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
  "consumer-perf-test": "org.apache.kafka.tools.ConsumerPerformance",
  "e2e-latency": "org.apache.kafka.tools.EndToEndLatency",
  "verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
  "verifiable-consumer": "org.apache.kafka.tools.VerifiableConsumer",
  "console-producer": "org.apache.kafka.tools.ConsoleProducer",
  "console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
  "console-share-consumer": "org.apache.kafka.tools.consumer.ConsoleShareConsumer",
  "share-consumer-perf-test": "org.apache.kafka.tools.ShareConsumerPerformance",
  "verifiable-share-consumer": "org.apache.kafka.tools.VerifiableShareConsumer",
} as const;

export type Tool = keyof typeof CLASSES;

/** What a tool did. */
export interface ToolRun {
  /** Its exit code. */
  readonly status: number;
  /** What it wrote to standard output. */
  readonly output: string;
  /** What it wrote to standard error, its client's warnings among it. */
  readonly errors: string;
}

/** As their scripts configure it: warnings alone. Which thread it is says nothing to a user. */
const LOGGING = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showThreadName=false"];
const TIMEOUT_MS = 60_000;
const PROGRAM_FOLDER = new URL("../../../.cache/interop/java/", import.meta.url).pathname;

/** Why the tools cannot run here; null where they can. */
export function toolsAreMissing(): string | null {
  try {
    Deno.statSync(`${PROGRAM_FOLDER}Tools.class`);
  } catch {
    return "the program that runs them is not installed";
  }
  return apacheKafkaIsMissing();
}

/** A JVM that runs tools, one at a time. */
export class ToolRunner implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#requests = process.stdin.getWriter();
    this.#lines = linesOf(process.stdout);
  }

  static start(): ToolRunner {
    const [program, ...args] = javaCommand("Tools", PROGRAM_FOLDER);
    const pipes = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    return new ToolRunner(new Deno.Command(program, { args: [...LOGGING, ...args], ...pipes }).spawn());
  }

  /**
   * Runs a tool to its end.
   *
   * @throws {Error} where that takes longer than a minute, after which the JVM is gone
   */
  async run(tool: Tool, args: readonly string[], input = ""): Promise<ToolRun> {
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), TIMEOUT_MS);
    try {
      await this.#requests.write(new TextEncoder().encode(`${JSON.stringify({ tool: CLASSES[tool], args, input })}\n`));
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`kafka-${tool} ${args.join(" ")} did not end`);
      return JSON.parse(value);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests.close().catch(() => {});
    await this.#process.status;
    await this.#lines.return?.();
  }
}

/**
 * Runs a tool in a JVM of its own: one that prints as its process ends, or ends its process itself where it is misused.
 *
 * @throws {Error} where that takes longer than a minute
 */
export async function runAlone(tool: Tool, args: readonly string[]): Promise<ToolRun> {
  const [program, ...java] = javaCommand(CLASSES[tool]);
  const command = new Deno.Command(program, {
    args: [...LOGGING, ...java, ...args],
    stdin: "null",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { code, signal, stdout, stderr } = await command.output();
  if (signal === "SIGTERM") throw new Error(`kafka-${tool} ${args.join(" ")} did not end`);
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { status: code, output, errors: errors.replace(/^SLF4J: .*\n/gm, "") };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
