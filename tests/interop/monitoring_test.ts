/**
 * Debian's Prometheus scrapes a broker under load, and has an answer to every question of the dashboard in docs/monitoring; its
 * promtool believes the alerts there, and sees them fire when they should.
 */
import { assert, assertEquals } from "@std/assert";
import { Broker } from "../../lib/mod.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../lib/protocol/messages/offset_commit.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { freePorts } from "./support/apache_kafka.ts";
import { RawClient } from "./support/raw_client.ts";
import { batch } from "./support/record_batch.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const DOCS = `${ROOT}docs/monitoring`;
/** Grafana's `$__rate_interval`, for a scrape a second. */
const RATE_INTERVAL_SECONDS = 4;
const TIMEOUT_MS = 60_000;
/** An offset that no log here comes to. */
const BEYOND = 1n << 40n;

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly description?: string;
  /** In a grid of 24 columns. */
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

const DASHBOARD_TEXT = Deno.readTextFileSync(`${DOCS}/grafana-dashboard.json`);
const DASHBOARD: Dashboard = JSON.parse(DASHBOARD_TEXT);
const missing = runs("prometheus") && runs("promtool") ? null : "Prometheus is not installed";

Deno.test({
  name: named("Prometheus scrapes a broker under load, and answers every question of the dashboard"),
  ignore: missing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-monitoring-" });
    try {
      await using broker = await Broker.start({
        set: { "log.dir": `${folder}/data`, "barnabas.metrics.listener": "127.0.0.1:0" },
      });
      await using prometheus = await Prometheus.start(folder, broker.metricsAddress!.port);
      await using _load = Load.on(broker);
      const open = new Set(questions());
      const deadline = performance.now() + TIMEOUT_MS;
      while (open.size > 0 && performance.now() < deadline) {
        for (const expr of open) if (await prometheus.ask(expr) > 0) open.delete(expr);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      assertEquals([...open], [], "questions without an answer");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: named("promtool believes the settings and the alerts, and sees them fire for what is wrong alone"),
  ignore: missing !== null,
  async fn() {
    for (
      const args of [
        ["check", "config", `${DOCS}/prometheus.yml`],
        ["check", "rules", `${DOCS}/alerts.yml`],
        ["test", "rules", `${ROOT}tests/interop/alerts.test.yml`],
      ]
    ) {
      const { success, stdout, stderr } = await new Deno.Command("promtool", { args }).output();
      const decoder = new TextDecoder();
      assert(success, `promtool ${args.join(" ")}: ${decoder.decode(stdout)}${decoder.decode(stderr)}`);
    }
  },
});

Deno.test("every metric of the dashboard and the alerts is told of in docs/MONITORING.md", () => {
  const alerts = Deno.readTextFileSync(`${DOCS}/alerts.yml`).replaceAll(/^.*(?:summary|action):.*$/gm, "");
  const told = metricsIn(Deno.readTextFileSync(`${ROOT}docs/MONITORING.md`).split("\n").map(spelledOut).join("\n"));
  const used = metricsIn(DASHBOARD_TEXT + alerts);
  assertEquals([...used].filter((name) => !told.has(name)), []);
});

Deno.test("each panel of the dashboard has an id and a place of its own, and says what it shows", () => {
  assertEquals(new Set(DASHBOARD.panels.map(({ id }) => id)).size, DASHBOARD.panels.length);
  const cells = DASHBOARD.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + cell % w} ${y + Math.floor(cell / w)}`)
  );
  assertEquals(new Set(cells).size, cells.length, "panels that lie on each other");
  assertEquals(DASHBOARD.panels.filter(({ type, description }) => type !== "row" && !description), []);
});

/** What the dashboard asks, with what Grafana would put in. */
function questions(): string[] {
  const exprs = [...DASHBOARD.panels.flatMap(({ targets = [] }) => targets), ...DASHBOARD.annotations.list];
  return exprs.map(({ expr }) =>
    expr.replaceAll("$__rate_interval", `${RATE_INTERVAL_SECONDS}s`).replaceAll("$job", "barnabas")
      .replaceAll("$instance", ".*")
  );
}

/** A line in which each name that begins with `…` has the beginning of the first one. */
function spelledOut(line: string): string {
  const first = /`(\w+)`/.exec(line)?.[1].split("_") ?? [];
  return line.replaceAll(/`…_(\w+)`/g, (_, end) => `\`${first.slice(0, -end.split("_").length).join("_")}_${end}\``);
}

/** Names of metrics, those of a histogram's parts as its own. */
function metricsIn(text: string): Set<string> {
  const names = text.match(/\b(?:kafka|barnabas|process)_[a-z_]+[a-z]\b/g) ?? [];
  return new Set(names.map((name) => name.replace(/_(?:bucket|sum|count)$/, "")));
}

/** Clients at work: they produce more than their group commits, and some of what they ask is refused. */
class Load implements AsyncDisposable {
  #isOver = false;
  readonly #work: Promise<void>;

  private constructor(broker: Broker) {
    this.#work = this.#run(broker);
  }

  static on(broker: Broker): Load {
    return new Load(broker);
  }

  async #run(broker: Broker): Promise<void> {
    using client = await RawClient.connect({ hostname: broker.address.host, port: broker.address.port });
    const topics = [{ name: "orders", numPartitions: 1, replicationFactor: 1 }];
    await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, { topics });
    const records = batch(["one", "two", "three"]);
    const damaged = records.with(-1, ~records[records.length - 1]);
    for (let committed = 1n; !this.#isOver; committed += 2n) {
      for (const sent of [records, damaged]) {
        const topicData = [{ name: "orders", partitionData: [{ index: 0, records: sent }] }];
        await client.ask(ProduceRequest, ProduceResponse, 9, { acks: -1, topicData });
      }
      for (const fetchOffset of [committed - 1n, BEYOND]) {
        const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }];
        const topics = [{ topic: "orders", partitions }];
        await client.ask(FetchRequest, FetchResponse, 11, { maxWaitMs: 10, maxBytes: 1 << 20, topics });
      }
      await client.ask(OffsetCommitRequest, OffsetCommitResponse, 8, {
        groupId: "billing",
        topics: [{ name: "orders", partitions: [{ partitionIndex: 0, committedOffset: committed }] }],
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }
}

/** Prometheus with the settings of docs/monitoring, but for the address and a scrape a second. */
class Prometheus implements AsyncDisposable {
  private constructor(readonly port: number, readonly process: Deno.ChildProcess) {}

  static async start(folder: string, metricsPort: number): Promise<Prometheus> {
    const port = freePorts(1);
    const settings = Deno.readTextFileSync(`${DOCS}/prometheus.yml`);
    Deno.writeTextFileSync(
      `${folder}/prometheus.yml`,
      settings.replaceAll("127.0.0.1:9404", `127.0.0.1:${metricsPort}`).replace(
        "scrape_interval: 5s",
        "scrape_interval: 1s",
      ),
    );
    Deno.copyFileSync(`${DOCS}/alerts.yml`, `${folder}/alerts.yml`);
    const process = new Deno.Command("prometheus", {
      args: [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/prometheus`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--web.user-assets=${DOCS}`,
        "--log.level=error",
      ],
      stdin: "null",
    }).spawn();
    const prometheus = new Prometheus(port, process);
    await prometheus.#ready();
    return prometheus;
  }

  /** How many series the answer has; figures that are no numbers do not count. */
  async ask(query: string): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/query?${new URLSearchParams({ query })}`);
    const { status, error, data } = await response.json();
    assertEquals([status, error], ["success", undefined], query);
    return data.result.filter(({ value }: { value: [number, string] }) => value[1] !== "NaN").length;
  }

  async #ready(): Promise<void> {
    const deadline = performance.now() + TIMEOUT_MS;
    for (;;) {
      try {
        const response = await fetch(`http://127.0.0.1:${this.port}/-/ready`);
        await response.body?.cancel();
        if (response.ok) return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill("SIGTERM");
    await this.process.status;
  }
}

function named(behaviour: string): string {
  return missing === null ? behaviour : `${behaviour} (ignored: ${missing})`;
}

function runs(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
