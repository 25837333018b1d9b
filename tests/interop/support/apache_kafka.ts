/**
 * Apache Kafka itself, as a single broker and controller in a folder of its own, to compare with and to exchange files with.
 *
 * Its jars are brought by `tests/interop/install_apache_kafka.sh`.
 *
 * @module
 */
import { MetadataRequest, MetadataResponse } from "../../../lib/protocol/messages/metadata.ts";
import { RawClient } from "./raw_client.ts";

/** A broker that runs and can be asked. */
export interface RunningBroker extends AsyncDisposable {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
}

/** Apache Kafka, which can also be ended in the midst of its work. */
export interface ApacheKafka extends RunningBroker {
  /** Kills it and waits until it is gone. */
  kill(): Promise<void>;
}

/** How to run Apache Kafka. */
export interface ApacheKafkaOptions {
  /** A folder for its configuration, its data and its output. What an earlier run left in it is served again. */
  readonly folder: string;
  /** The broker's port. The controller takes the next one. */
  readonly port: number;
  /** Lines of server.properties beside the least that it needs. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The cluster id of a new data folder. */
  readonly clusterId?: string;
  /** Whether a new folder lists the voters of the quorum in its settings (the default) or in its metadata log (KIP-853). */
  readonly quorum?: "static" | "dynamic";
}

/** Writes what Apache Kafka logs to standard error. */
const LOGGER_JAR = "slf4j-simple-1.7.36.jar";
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const STOP_TIMEOUT_MS = 20_000;

/** Why Apache Kafka cannot run here; null where it can. */
export function apacheKafkaIsMissing(): string | null {
  try {
    for (const jar of ["kafka_2.13-4.3.1.jar", LOGGER_JAR]) Deno.statSync(`${libsFolder()}/${jar}`);
  } catch {
    return "the jars of Apache Kafka are missing: run tests/interop/install_apache_kafka.sh";
  }
  try {
    new Deno.Command("java", { args: ["-version"], stdout: "null", stderr: "null" }).outputSync();
  } catch {
    return "there is no java";
  }
  return null;
}

/** Starts Apache Kafka and waits until it serves. Disposing stops it and leaves its folder. */
export async function startApacheKafka(options: ApacheKafkaOptions): Promise<ApacheKafka> {
  const { folder, port } = options;
  if (!exists(`${folder}/data/meta.properties`)) await formatForApacheKafka(options);
  const properties = writeServerProperties(options);
  const log = outputFile(folder);
  // A shell writes the output to the file, so that nothing here has to pump it.
  const process = new Deno.Command("sh", {
    args: ["-c", 'exec "$@" > "$0" 2>&1', log, "java", ...jvmOptions(), "kafka.Kafka", properties],
    stdin: "null",
  }).spawn();
  const broker = new ApacheKafkaProcess(process, "127.0.0.1", port);
  try {
    await untilReady(broker, log);
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
  return broker;
}

/** Has Apache Kafka's own tool format the data folder, and starts nothing. */
export async function formatForApacheKafka(options: ApacheKafkaOptions): Promise<void> {
  const properties = writeServerProperties(options);
  const clusterId = options.clusterId ?? "4L6g3nShT-eMCtK--X86sw";
  const standalone = options.quorum === "dynamic" ? ["--standalone"] : [];
  await runJava("kafka.tools.StorageTool", ["format", "-t", clusterId, "-c", properties, ...standalone]);
}

/** Where what Apache Kafka prints and logs is, since its last start in that folder. */
export function outputFile(folder: string): string {
  return `${folder}/output.log`;
}

/** Runs one of Apache Kafka's tools and returns what it printed. */
export async function runJava(className: string, args: readonly string[]): Promise<string> {
  const command = new Deno.Command("java", { args: [...jvmOptions(), className, ...args], stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${className} failed: ${decoder.decode(stderr)}${decoder.decode(stdout)}`);
  return decoder.decode(stdout);
}

/**
 * The first of `count` neighbouring ports that are all free. They lie below those that systems give to outgoing
 * connections, so that nothing takes them in the meantime. A JVM takes its port seconds later: to look from a place of
 * chance on keeps tests that run side by side from choosing the same.
 */
export function freePorts(count: number, first = 22000, last = 23999): number {
  const places = last - first - count + 2;
  const start = Math.floor(Math.random() * places);
  for (let place = 0; place < places; place++) {
    const port = first + (start + place) % places;
    if (Array.from({ length: count }, (_, index) => port + index).every(isFree)) return port;
  }
  throw new Error(`No ${count} neighbouring ports are free between ${first} and ${last}`);
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}

class ApacheKafkaProcess implements ApacheKafka {
  readonly name = "Apache Kafka";
  exited = false;

  constructor(readonly process: Deno.ChildProcess, readonly hostname: string, readonly port: number) {
    process.status.then(() => this.exited = true);
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.exited) this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.process.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.process.status;
    clearTimeout(timer);
  }
}

async function untilReady(broker: ApacheKafkaProcess, log: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!await isReady(broker)) {
    if (broker.exited) throw new Error(`Apache Kafka ended at its start:\n${Deno.readTextFileSync(log)}`);
    if (performance.now() > deadline) throw new Error(`Apache Kafka is not ready after ${READY_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Whether the broker is registered and no longer fenced, so that topics can be created. */
async function isReady(broker: RunningBroker): Promise<boolean> {
  try {
    using client = await RawClient.connect(broker);
    const { brokers } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [] });
    return brokers.length > 0;
  } catch {
    return false;
  }
}

/** Writes the configuration, and returns where it is. */
function writeServerProperties(options: ApacheKafkaOptions): string {
  Deno.mkdirSync(options.folder, { recursive: true });
  const path = `${options.folder}/server.properties`;
  Deno.writeTextFileSync(path, serverProperties(options));
  return path;
}

function serverProperties({ folder, port, quorum, settings }: ApacheKafkaOptions): string {
  const controller = `127.0.0.1:${port + 1}`;
  const voters = quorum === "dynamic"
    ? { "controller.quorum.bootstrap.servers": controller }
    : { "controller.quorum.voters": `1@${controller}` };
  const all = {
    "process.roles": "broker,controller",
    "node.id": "1",
    ...voters,
    "listeners": `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "log.dirs": `${folder}/data`,
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    ...settings,
  };
  return Object.entries(all).map(([key, value]) => `${key}=${value}\n`).join("");
}

/** The folder of its jars. */
export function libsFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  return Deno.env.get("KAFKA_LIBS") ?? `${cache}/barnabas-apache-kafka-4.3.1/libs`;
}

/** The command of a class that stands among Apache Kafka's jars or in a folder of our own classes. */
export function javaCommand(className: string, folder?: string): string[] {
  return ["java", ...jvmOptions(folder), className];
}

function jvmOptions(folder?: string): string[] {
  // The quick compiler alone: these runs are short.
  // The logger comes first, before one in the same folder that says nothing.
  const classPath = `${folder === undefined ? "" : `${folder}:`}${libsFolder()}/${LOGGER_JAR}:${libsFolder()}/*`;
  return ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classPath];
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
