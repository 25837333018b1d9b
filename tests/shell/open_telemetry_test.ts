/** With `OTEL_DENO`, Deno's own exporter sends what the broker does, to a receiver on loopback here. */
import { assert, assertEquals } from "@std/assert";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../lib/protocol/messages/api_versions.ts";
import { allObservers } from "../../lib/shell/observers.ts";
import type { Observer } from "../../lib/ports.ts";
import { RawClient } from "../interop/support/raw_client.ts";

const ROOT = new URL("../../", import.meta.url);

/** What OTLP as JSON has in it, as far as it is looked at. */
interface Exported {
  readonly resourceSpans?: { scopeSpans: { spans: { name: string; attributes: Attribute[] }[] }[] }[];
  readonly resourceMetrics?: { scopeMetrics: { metrics: { name: string }[] }[] }[];
  readonly resourceLogs?: { scopeLogs: { logRecords: { body: { stringValue: string } }[] }[] }[];
}
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

/** Takes what is exported, and tells when all that is waited for has come. */
class Receiver implements AsyncDisposable {
  readonly #spans: { name: string; attributes: Attribute[] }[] = [];
  readonly #metrics = new Set<string>();
  readonly #logs: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #wake = () => {};

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      this.#take(await request.json());
      this.#wake();
      return Response.json({});
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async until(
    isEnough: (
      received: { spans: { name: string; attributes: Attribute[] }[]; metrics: Set<string>; logs: string[] },
    ) => boolean,
  ): Promise<void> {
    while (!isEnough({ spans: this.#spans, metrics: this.#metrics, logs: this.#logs })) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #take({ resourceSpans = [], resourceMetrics = [], resourceLogs = [] }: Exported): void {
    this.#spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
    for (const { scopeMetrics } of resourceMetrics) {
      for (const { name } of scopeMetrics.flatMap(({ metrics }) => metrics)) this.#metrics.add(name);
    }
    this.#logs.push(
      ...resourceLogs.flatMap(({ scopeLogs }) =>
        scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body.stringValue))
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("with OTEL_DENO, spans and metrics of requests and the log are exported", async () => {
  await using receiver = new Receiver();
  const script = new URL("your_program.sh", ROOT).pathname;
  const settings = ["--port", "0", "--data-dir", "memory", "--set", "barnabas.log.level=DEBUG"];
  const process = new Deno.Command(script, {
    args: settings,
    stdout: "piped",
    stderr: "null",
    env: {
      DENO: Deno.execPath(),
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
      OTEL_BSP_SCHEDULE_DELAY: "200",
      OTEL_BLRP_SCHEDULE_DELAY: "200",
    },
  }).spawn();
  const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let banner = "";
    while (!/listening on \S+:(\d+)/.test(banner)) {
      const { value, done } = await output.read();
      assert(!done, `the broker has ended: ${banner}`);
      banner += value;
    }
    const port = Number(/listening on \S+:(\d+)/.exec(banner)![1]);
    using client = await RawClient.connect({ hostname: "127.0.0.1", port });
    await client.ask(ApiVersionsRequest, ApiVersionsResponse, 3, {
      clientSoftwareName: "test",
      clientSoftwareVersion: "1",
    });
    await receiver.until(({ spans, metrics, logs }) =>
      spans.some(({ name, attributes }) =>
        name === "ApiVersions" &&
        attributes.some(({ key, value }) => key === "rpc.system.name" && value.stringValue === "kafka")
      ) &&
      metrics.has("rpc.server.call.duration") && metrics.has("rpc.server.response.size") &&
      logs.some((line) => line.includes("kafka.network: Connection of 127.0.0.1:"))
    );
  } finally {
    process.kill("SIGTERM");
    while (!(await output.read()).done);
    await process.status;
  }
});

Deno.test("several observers are told as one", () => {
  const told: string[] = [];
  const observer = (name: string): Observer => {
    const tell = (what: string) => (...args: unknown[]) => void told.push(`${name} ${what} ${args.join(" ")}`);
    return {
      requestBegan: (...args) => {
        tell("began")(...args);
        return tell("ended");
      },
      produced: tell("produced"),
      produceFailed: tell("produceFailed"),
      fetched: tell("fetched"),
      fetchFailed: tell("fetchFailed"),
      throttled: tell("throttled"),
      connectionThrottled: tell("connectionThrottled"),
      syncBegan: () => tell("synced"),
    };
  };
  assertEquals(allObservers([]), undefined);
  const both = allObservers([observer("a"), observer("b")])!;
  both.requestBegan("Fetch", 7)(8);
  both.produced("t", 1, 2);
  both.produceFailed("t");
  both.fetched("t", 3);
  both.fetchFailed("t");
  both.throttled("Fetch", 4);
  both.connectionThrottled("PLAINTEXT", "ip", 5);
  both.syncBegan()();
  const once = [
    "began Fetch 7",
    "ended 8",
    "produced t 1 2",
    "produceFailed t",
    "fetched t 3",
    "fetchFailed t",
    "throttled Fetch 4",
    "connectionThrottled PLAINTEXT ip 5",
    "synced ",
  ];
  assertEquals(told, once.flatMap((what) => [`a ${what}`, `b ${what}`]));
});
