/**
 * Kafka Connect, standalone: lines of a file become records, and records lines of another file. The lines that come out are
 * those that went in, over restarts of Connect, which finds where it was, and of the broker, which is killed.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { apacheKafkaIsMissing, freePorts, javaCommand, libsFolder } from "./support/apache_kafka.ts";
import { startBarnabas } from "./support/barnabas.ts";

/** How long lines may take from the one file to the other. */
const TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
const CONNECTORS_JAR = "connect-file-4.3.1.jar";

const missing = apacheKafkaIsMissing() ?? connectorsAreMissing();

Deno.test({
  name: `Kafka Connect brings lines from a file to a file, and goes on where it was${
    missing === null ? "" : ` (ignored: ${missing})`
  }`,
  ignore: missing !== null,
  async fn(test) {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-connect-" });
    try {
      const port = freePorts(2);
      const start = () => startBarnabas({ folder: `${folder}/data`, port, settings: { "num.partitions": "1" } });
      const files = new Files(folder);
      let broker = await start();
      try {
        writeConfigs(folder, port);
        await test.step("from the beginning", async () => {
          await using _connect = startConnect(folder);
          files.append(1_000);
          await files.untilAllCameOut();
        });
        await test.step("after a restart of Connect", async () => {
          files.append(500);
          await using _connect = startConnect(folder);
          await files.untilAllCameOut();
        });
        assertEquals(files.linesOut(), files.linesIn);
        await test.step("after the broker was killed and came back, while Connect waits", async () => {
          await using _connect = startConnect(folder);
          files.append(500);
          await files.untilAllCameOut();
          await broker.kill();
          files.append(500);
          broker = await start();
          await files.untilAllCameOut();
        });
        // What a sink wrote and had not yet committed when the broker went away, it writes again.
        assertEquals([...new Set(files.linesOut())], files.linesIn);
        assertEquals(await broker.stop(), 0, "exit code after SIGTERM");
      } finally {
        await broker.stop();
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

/** The file that Connect reads and the one that it writes. */
class Files {
  readonly linesIn: string[] = [];

  constructor(readonly folder: string) {
    Deno.writeTextFileSync(`${folder}/in.txt`, "");
    Deno.writeTextFileSync(`${folder}/out.txt`, "");
  }

  append(count: number): void {
    const lines = Array.from({ length: count }, (_, index) => `line ${this.linesIn.length + index}`);
    this.linesIn.push(...lines);
    Deno.writeTextFileSync(`${this.folder}/in.txt`, lines.map((line) => `${line}\n`).join(""), { append: true });
  }

  linesOut(): string[] {
    return Deno.readTextFileSync(`${this.folder}/out.txt`).split("\n").slice(0, -1);
  }

  async untilAllCameOut(): Promise<void> {
    const missing = () => {
      const out = new Set(this.linesOut());
      return this.linesIn.filter((line) => !out.has(line)).length;
    };
    const changes = Deno.watchFs(`${this.folder}/out.txt`);
    const timer = setTimeout(() => changes.close(), TIMEOUT_MS);
    try {
      if (missing() === 0) return;
      for await (const _change of changes) if (missing() === 0) return;
      throw new Error(`${missing()} lines did not come out:\n${Deno.readTextFileSync(`${this.folder}/connect.log`)}`);
    } finally {
      clearTimeout(timer);
      try {
        changes.close();
      } catch {
        // The time ran out, and it is closed.
      }
    }
  }
}

/** Starts Connect with both connectors. Disposing stops it as a service manager does, and its offsets are kept. */
function startConnect(folder: string): AsyncDisposable {
  const [java, ...args] = javaCommand("org.apache.kafka.connect.cli.ConnectStandalone");
  const configs = ["worker", "source", "sink"].map((name) => `${folder}/${name}.properties`);
  const process = new Deno.Command("sh", {
    args: ["-c", 'exec "$@" >> "$0" 2>&1', `${folder}/connect.log`, java, ...args, ...configs],
    stdin: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      const timer = setTimeout(() => process.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await process.status;
      clearTimeout(timer);
    },
  };
}

function writeConfigs(folder: string, port: number): void {
  const configs = {
    worker: {
      "bootstrap.servers": `127.0.0.1:${port}`,
      "key.converter": "org.apache.kafka.connect.storage.StringConverter",
      "value.converter": "org.apache.kafka.connect.storage.StringConverter",
      "offset.storage.file.filename": `${folder}/connect.offsets`,
      "offset.flush.interval.ms": "500",
      "listeners": `http://127.0.0.1:${port + 1}`,
      "plugin.discovery": "service_load",
      "plugin.path": libsFolder(),
    },
    source: {
      "name": "lines-in",
      "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
      "file": `${folder}/in.txt`,
      "topic": "lines",
    },
    sink: {
      "name": "lines-out",
      "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
      "file": `${folder}/out.txt`,
      "topics": "lines",
    },
  };
  for (const [name, config] of Object.entries(configs)) {
    const lines = Object.entries(config).map(([key, value]) => `${key}=${value}\n`);
    Deno.writeTextFileSync(`${folder}/${name}.properties`, lines.join(""));
  }
}

function connectorsAreMissing(): string | null {
  try {
    Deno.statSync(`${libsFolder()}/${CONNECTORS_JAR}`);
    return null;
  } catch {
    return "the connectors for files are not installed";
  }
}
