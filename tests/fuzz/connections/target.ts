/**
 * The broker that connections are thrown at: a process of its own, with a listener of each security protocol, and with lists of what
 * strangers may do. They may do much, but only with {@linkcode NAMES}: what they make stays the same few things, however
 * long it goes on, so that memory which grows is a leak.
 *
 * @module
 */
import { CertificateAuthority } from "../../../lib/shell/certificates.ts";

/** The protocols, each with a listener of its name. */
export const LISTENERS = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] as const;
export type ListenerName = typeof LISTENERS[number];

/** What strangers may name: topics, groups and transactions alike. */
export const NAMES: readonly string[] = ["orders", "payments", "compacted"];
/** The user that anybody may be. */
export const STRANGER = { name: "stranger", password: "stranger-secret" };
/** The user that may do everything. */
export const STEWARD = { name: "steward", password: "steward-secret" };

/** What {@linkcode startTarget} gives. */
export interface Target extends AsyncDisposable {
  readonly pid: number;
  readonly ports: Readonly<Record<ListenerName, number>>;
  readonly metricsUrl: string;
  /** The certificate of the authority that has signed the broker's. */
  readonly authority: string;
  /** With which the steward shows who it is. */
  readonly stewardCertificate: { readonly key: string; readonly certificate: string };
  /** The exit code, as soon as the process has ended. */
  readonly ended: Promise<number>;
  /** Warnings of the broker by what they have in common, and how often each was told. */
  readonly warnings: ReadonlyMap<string, number>;
  /** Lines of its log that no broker should write: stacks, uncaught errors. */
  readonly complaints: readonly string[];
  /** The last lines of its log that tell of the broker, and not of what a client has done. */
  readonly recent: readonly string[];
  /** Asks it to stop; the exit code. */
  stop(): Promise<number>;
}

const ROOT = new URL("../../../", import.meta.url).pathname;
const READY_TIMEOUT_MS = 60_000;
/** After this time the broker lets go of a connection that is silent. */
export const MAX_IDLE_MS = 20_000;
const STOP_TIMEOUT_MS = 30_000;
/** How a line of the log begins. */
const LOG_LINE = /^\d{4}-\d\d-\d\dT[\d:.]+Z [A-Z]+ [\w.]+: |^barnabas: warning: /;
/** What is told of each client that does something wrong. */
const OF_CLIENTS = / kafka\.(?:authorizer\.logger|network): /;
const MAX_RECENT = 100;
const MAX_KINDS = 1000;
const MAX_COMPLAINTS = 50;

/**
 * Starts it on a folder of its own, which goes with it.
 *
 * @param set settings that are wanted otherwise
 */
export async function startTarget(set: Readonly<Record<string, string>> = {}): Promise<Target> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-connections-" });
  const authority = await CertificateAuthority.create("Fuzz CA", 1);
  const server = await authority.issue({ name: "localhost", hosts: ["localhost"], validDays: 1 });
  const stewardCertificate = await authority.issue({ name: STEWARD.name, hosts: [], validDays: 1 });
  const settings = { ...settingsOf(server, authority.pem.certificate), ...set };
  const process = new Deno.Command(`${ROOT}your_program.sh`, {
    args: ["--data-dir", `${folder}/data`, ...Object.entries(settings).flatMap((entry) => ["--set", entry.join("=")])],
    env: { DENO: Deno.execPath() },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const log = new Log();
  const isRead = log.follow(process.stderr);
  const banner = await readBanner(process);
  const stop = async () => {
    tryToSend(process, "SIGTERM");
    const timer = setTimeout(() => tryToSend(process, "SIGKILL"), STOP_TIMEOUT_MS);
    const { code } = await process.status;
    clearTimeout(timer);
    await isRead;
    return code;
  };
  return {
    pid: process.pid,
    ...banner,
    authority: authority.pem.certificate,
    stewardCertificate,
    ended: process.status.then(({ code }) => code),
    warnings: log.warnings,
    complaints: log.complaints,
    recent: log.recent,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

function settingsOf(server: { key: string; certificate: string }, authority: string): Record<string, string> {
  const users = [STRANGER, STEWARD].map(({ name, password }) => `user_${name}="${password}"`).join(" ");
  return {
    "listeners": LISTENERS.map((name) => `${name}://127.0.0.1:0`).join(","),
    "barnabas.metrics.listener": "127.0.0.1:0",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
    ...Object.fromEntries(["sasl_plaintext", "sasl_ssl"].map((name) => [
      `listener.name.${name}.plain.sasl.jaas.config`,
      `org.apache.kafka.common.security.plain.PlainLoginModule required ${users};`,
    ])),
    // Who has asked so much that it is not read from is let go by this time.
    "connections.max.idle.ms": String(MAX_IDLE_MS),
    "connections.max.reauth.ms": "3000",
    "connection.failed.authentication.delay.ms": "50",
    "ssl.keystore.type": "PEM",
    "ssl.keystore.key": server.key,
    "ssl.keystore.certificate.chain": server.certificate,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.certificates": authority,
    "ssl.client.auth": "requested",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": `User:CN=${STEWARD.name};User:${STEWARD.name}`,
    // What comes in goes out again, so that the disk does not fill.
    "log.retention.bytes": "4194304",
    "log.segment.bytes": "1048576",
    "log.retention.check.interval.ms": "10000",
    "group.min.session.timeout.ms": "1",
    "offsets.retention.minutes": "1",
  };
}

async function readBanner(process: Deno.ChildProcess): Promise<Pick<Target, "ports" | "metricsUrl">> {
  const timer = setTimeout(() => tryToSend(process, "SIGKILL"), READY_TIMEOUT_MS);
  let seen = "";
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream()).values({ preventCancel: true })) {
    seen += text;
    const metrics = /metrics on (\S+)/.exec(seen);
    if (metrics === null) continue;
    clearTimeout(timer);
    const ports = [.../listening on (.*)/.exec(seen)![1].matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
    return {
      ports: Object.fromEntries(LISTENERS.map((name, index) => [name, ports[index]])) as Target["ports"],
      metricsUrl: metrics[1],
    };
  }
  throw new Error(`The broker ended before it served: ${seen}`);
}

/** What the broker tells, counted. */
class Log {
  readonly warnings = new Map<string, number>();
  readonly complaints: string[] = [];
  readonly recent: string[] = [];

  async follow(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(line);
    }
    if (rest !== "") this.#take(rest);
  }

  #take(line: string): void {
    if (!LOG_LINE.test(line)) {
      if (this.complaints.length < MAX_COMPLAINTS) this.complaints.push(line);
      return;
    }
    if (!OF_CLIENTS.test(line) && this.recent.push(line) > MAX_RECENT) this.recent.shift();
    const kind = kindOf(line);
    if (this.warnings.has(kind) || this.warnings.size < MAX_KINDS) {
      this.warnings.set(kind, (this.warnings.get(kind) ?? 0) + 1);
    }
  }
}

/** A line without what is different each time. */
function kindOf(line: string): string {
  return line.replace(LOG_LINE, "").replace(/[^\x20-\x7e].*/, "…").replace(/\d+/g, "#").slice(0, 100);
}

function tryToSend(process: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    process.kill(signal);
  } catch (error) {
    // It has ended by itself; its exit code tells the rest.
    if (!(error instanceof TypeError)) throw error;
  }
}
