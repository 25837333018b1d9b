/**
 * Barnabas as a user starts it: a process of its own, from the sources or compiled.
 *
 * @module
 */
import { freePorts, type RunningBroker, startApacheKafka } from "./apache_kafka.ts";

/** How to run it. */
export interface BarnabasOptions {
  /** The folder of its data. What an earlier run left in it is served again. */
  readonly folder: string;
  /** A file of settings, such as Apache Kafka's own server.properties. */
  readonly properties?: string;
  /** Settings by Kafka's names. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The port to listen on; a free one where it is not given. */
  readonly port?: number;
  /** The compiled program; from the sources where it is not given. */
  readonly executable?: string;
}

/** A broker that can be told to stop as a service manager tells it. */
export interface BrokerProcess extends RunningBroker {
  readonly bootstrap: string;
  /** Asks it to stop and waits until it has; the exit code. */
  stop(): Promise<number>;
}

/** Barnabas, which can also be ended in the midst of its work. */
export interface BarnabasProcess extends BrokerProcess {
  /** Kills it and waits until it is gone. */
  kill(): Promise<void>;
}

const ROOT = new URL("../../../", import.meta.url).pathname;
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 20_000;

/**
 * Starts the broker under test: Barnabas, or with `INTEROP_BROKER=apache-kafka` Apache Kafka itself, which tells whether a
 * client or a test of ours is wrong.
 */
export async function startBroker(options: BarnabasOptions): Promise<BrokerProcess> {
  if (Deno.env.get("INTEROP_BROKER") !== "apache-kafka") return await startBarnabas(options);
  const broker = await startApacheKafka({ ...options, port: freePorts(2, 21600, 21649) });
  return {
    name: broker.name,
    hostname: broker.hostname,
    port: broker.port,
    bootstrap: `${broker.hostname}:${broker.port}`,
    async stop() {
      await broker[Symbol.asyncDispose]();
      return 0;
    },
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

/** Starts Barnabas and waits until its banner says where it listens. */
export async function startBarnabas(options: BarnabasOptions): Promise<BarnabasProcess> {
  const { folder, properties, settings = {}, port = 0, executable } = options;
  const flags = Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const process = new Deno.Command(executable ?? `${ROOT}your_program.sh`, {
    args: [...(properties === undefined ? [] : [properties]), "--port", String(port), "--data-dir", folder, ...flags],
    // A compiled broker needs nothing of its surroundings; the script finds Deno by this variable.
    clearEnv: executable !== undefined,
    env: executable === undefined ? { DENO: Deno.execPath() } : {},
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  try {
    return new ChildBroker(process, await portInBanner(process));
  } catch (error) {
    send(process, "SIGKILL");
    await process.status;
    throw error;
  }
}

/** Runs a verb of the command line, such as `format`, from the sources. */
export async function runBarnabas(...args: readonly string[]): Promise<string> {
  const command = new Deno.Command(`${ROOT}your_program.sh`, { args: [...args], env: { DENO: Deno.execPath() } });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`barnabas ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

class ChildBroker implements BarnabasProcess {
  readonly name = "Barnabas";
  readonly hostname = "127.0.0.1";
  readonly bootstrap: string;
  readonly #process: Deno.ChildProcess;
  #stopped: Promise<number> | null = null;

  constructor(process: Deno.ChildProcess, readonly port: number) {
    this.#process = process;
    this.bootstrap = `${this.hostname}:${port}`;
  }

  stop(): Promise<number> {
    return this.#stopped ??= this.#stop();
  }

  async kill(): Promise<void> {
    send(this.#process, "SIGKILL");
    this.#stopped = this.#process.status.then(({ code }) => code);
    await this.#stopped;
  }

  async #stop(): Promise<number> {
    send(this.#process, "SIGTERM");
    const timer = setTimeout(() => send(this.#process, "SIGKILL"), STOP_TIMEOUT_MS);
    const { code } = await this.#process.status;
    clearTimeout(timer);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function send(process: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    process.kill(signal);
  } catch (error) {
    // It has ended by itself; its exit code tells the rest.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Reads the banner up to the address, and lets the rest of the output pass. */
async function portInBanner(process: Deno.ChildProcess): Promise<number> {
  const timer = setTimeout(() => send(process, "SIGKILL"), READY_TIMEOUT_MS);
  const output = process.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  let seen = "";
  try {
    for (;;) {
      const { value, done } = await output.next();
      if (done) throw new Error(`Barnabas ended before it served: ${seen}`);
      seen += value;
      const address = /127\.0\.0\.1:(\d+)/.exec(seen);
      if (address !== null) return Number(address[1]);
    }
  } finally {
    clearTimeout(timer);
    output.return?.();
  }
}
