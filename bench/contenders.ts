/**
 * The brokers of the benchmarks, each a process of its own with the settings that its makers recommend: Barnabas compiled, where
 * `dist/barnabas` is there, and from its sources, and Apache Kafka where its jars are installed.
 *
 * @module
 */
import { ErrorCode } from "../lib/protocol/error_code.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../lib/protocol/messages/api_versions.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "../lib/protocol/messages/find_coordinator.ts";
import { MetadataRequest, MetadataResponse } from "../lib/protocol/messages/metadata.ts";
import { apacheKafkaIsMissing, freePorts, libsFolder } from "../tests/interop/support/apache_kafka.ts";
import { RawClient } from "../tests/interop/support/raw_client.ts";

/** A broker that can be started again and again in the same folder. */
export interface Contender {
  readonly name: string;
  readonly isApacheKafka: boolean;
  /** Makes an empty folder ready for {@linkcode Contender.start}. */
  format(folder: string, settings?: Settings): Promise<void>;
  /** Starts the process; it may not serve yet. */
  start(folder: string, durability: Durability, settings?: Settings): BenchBroker;
}

/**
 * When a record is acknowledged: as soon as it is in the page cache, which is Apache Kafka's default, or when it is on the device, which is
 * that of Barnabas.
 */
export type Durability = "page-cache" | "device";

/** Settings by Kafka's names. */
export type Settings = Readonly<Record<string, string>>;

const ROOT = new URL("../", import.meta.url).pathname;
const EXECUTABLE = `${ROOT}dist/barnabas`;
const READY_TIMEOUT_MS = 120_000;
/** As on 64-bit Linux everywhere: `/proc/PID/stat` counts in hundredths of a second. */
const CLOCK_TICKS_PER_SECOND = 100;

/** Those that can run here, the one from its sources where that is wanted; says which cannot. */
export function contenders(isWithSources: boolean): Contender[] {
  const result: Contender[] = isWithSources ? [fromSources()] : [];
  if (exists(EXECUTABLE)) result.unshift(compiled());
  else console.log("dist/barnabas is missing: ./your_program.sh compile makes it");
  const missing = apacheKafkaIsMissing();
  if (missing === null) result.push(apacheKafka());
  else console.log(`Apache Kafka is left out: ${missing}`);
  return result;
}

/** A broker's process. */
export class BenchBroker {
  readonly #process: Deno.ChildProcess;
  readonly port: number;

  constructor(command: readonly string[], port: number) {
    this.port = port;
    const [program, ...args] = command;
    const env = { DENO: Deno.execPath() };
    this.#process = new Deno.Command(program, { args, env, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  }

  get bootstrap(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Resolves when `isReady` says so of a connection; the milliseconds since the process was started are the caller's to take. */
  async until(isReady: (client: RawClient) => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      try {
        using client = await RawClient.connect({ hostname: "127.0.0.1", port: this.port });
        while (performance.now() < deadline) {
          if (await isReady(client)) return;
          await delay(POLL_MS);
        }
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
      if (performance.now() > deadline) throw new Error(`The broker is not ready after ${READY_TIMEOUT_MS} ms`);
      await delay(POLL_MS);
    }
  }

  /** Resolves when it answers at all. */
  untilAnswering(): Promise<void> {
    return this.until(async (client) => {
      await client.ask(ApiVersionsRequest, ApiVersionsResponse, 3, {});
      return true;
    });
  }

  /** Resolves when it takes requests: Apache Kafka is fenced at first. */
  untilServing(): Promise<void> {
    return this.until(async (client) => {
      const { brokers } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [] });
      return brokers.length > 0;
    });
  }

  /** Resolves when it coordinates groups: the first to ask has the topic of committed offsets made. */
  untilCoordinating(): Promise<void> {
    return this.until(async (client) => {
      const request = { keyType: 0, coordinatorKeys: ["g0"] };
      const { coordinators } = await client.ask(FindCoordinatorRequest, FindCoordinatorResponse, 4, request);
      return coordinators[0].errorCode === ErrorCode.NONE;
    });
  }

  /** The processor time that it has used, in seconds, of all its threads, in user and system mode. */
  get cpuSeconds(): number {
    const stat = Deno.readTextFileSync(`/proc/${this.#process.pid}/stat`);
    // The name of the program, in brackets, may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
  }

  /** The memory that it holds, in bytes: its resident set. */
  get memoryBytes(): number {
    return this.#statusBytes("VmRSS");
  }

  /** The most memory that it has held, in bytes. */
  get peakMemoryBytes(): number {
    return this.#statusBytes("VmHWM");
  }

  /** Stops it as a service manager does; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
  }

  /** Kills it. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
  }

  #statusBytes(field: string): number {
    const status = Deno.readTextFileSync(`/proc/${this.#process.pid}/status`);
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
  }
}

const POLL_MS = 2;

function compiled(): Contender {
  return barnabas("Barnabas, compiled", [EXECUTABLE]);
}

/** The program itself, not the script before it: a signal and `/proc` are to find the broker. */
function fromSources(): Contender {
  const command = [Deno.execPath(), "run", "--quiet", "-A", `--import-map=${imports()}`, `${ROOT}main.ts`];
  return barnabas(`Barnabas, from its sources, Deno ${Deno.version.deno}`, command);
}

function barnabas(name: string, command: readonly string[]): Contender {
  return {
    name,
    isApacheKafka: false,
    format: () => Promise.resolve(),
    start(folder, durability, settings = {}) {
      const port = freePorts(1, FIRST_PORT, LAST_PORT);
      const all = { "barnabas.flush.on.ack": String(durability === "device"), ...settings };
      const flags = Object.entries(all).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
      return new BenchBroker([...command, "--port", String(port), "--data-dir", `${folder}/data`, ...flags], port);
    },
  };
}

const FIRST_PORT = 21900;
const LAST_PORT = 21949;

/** The import map that `your_program.sh` has found to work here. */
function imports(): string {
  const note = `${ROOT}.cache/imports`;
  return exists(note) ? Deno.readTextFileSync(note).trim() : `${ROOT}deno.json`;
}

function apacheKafka(): Contender {
  // As its own kafka-server-start.sh runs it.
  const java = [
    ...["java", "-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"],
    ...["-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent", "-cp", `${libsFolder()}/*`],
  ];
  return {
    name: "Apache Kafka 4.3.1",
    isApacheKafka: true,
    async format(folder, settings = {}) {
      const path = writeProperties(folder, FIRST_PORT, settings);
      const format = ["kafka.tools.StorageTool", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", path];
      const [program, ...args] = [...java, ...format];
      const { success, stderr } = await new Deno.Command(program, { args }).output();
      if (!success) throw new Error(`Cannot format ${folder}: ${new TextDecoder().decode(stderr)}`);
    },
    start(folder, durability, settings = {}) {
      const port = freePorts(2, FIRST_PORT, LAST_PORT);
      const all = { ...FLUSH[durability], ...settings };
      return new BenchBroker([...java, "kafka.Kafka", writeProperties(folder, port, all)], port);
    },
  };
}

const FLUSH: Readonly<Record<Durability, Settings>> = {
  "page-cache": {},
  "device": { "log.flush.interval.messages": "1" },
};

function writeProperties(folder: string, port: number, settings: Settings): string {
  const path = `${folder}/server.properties`;
  const all = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${port + 1}`,
    "listeners": `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1}`,
    "controller.listener.names": "CONTROLLER",
    "log.dirs": `${folder}/data`,
    ...settings,
  };
  Deno.writeTextFileSync(path, Object.entries(all).map(([key, value]) => `${key}=${value}\n`).join(""));
  return path;
}

function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
