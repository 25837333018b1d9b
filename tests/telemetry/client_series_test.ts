import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ClientSeries } from "../../lib/telemetry/mod.ts";
import { readMetrics } from "../../lib/telemetry/otlp.ts";
import { metricsData, type TestPoint } from "./otlp_support.ts";

const CLIENT = {
  clientInstanceId: "BBBBBBBBBBBBBBBBBBBBBA",
  clientId: "writer",
  clientSoftware: { name: "apache-kafka-java", version: "4.3.1" },
};
const LABELS = 'client_instance_id="BBBBBBBBBBBBBBBBBBBBBA",client_id="writer",' +
  'client_software_name="apache-kafka-java",client_software_version="4.3.1"';

function record(
  series: ClientSeries,
  points: readonly TestPoint[],
  client = CLIENT,
  resource = {},
  expiresAtMs = 1000,
) {
  series.record(client, readMetrics(metricsData(points, resource), 1_000_000), expiresAtMs);
}

/** The lines of clients, without those of the broker. */
function linesOf(series: ClientSeries, nowMs = 0): string[] {
  return series.print(nowMs).split("\n").filter((line) => line.includes("kafka_client_"));
}

Deno.test("metrics of clients have names and labels by which they are found", () => {
  const series = new ClientSeries();
  record(
    series,
    [
      { name: "org.apache.kafka.producer.record.queue.time.avg", value: 1.5, attributes: { "node.id": "1" } },
      { name: "my.own", value: 2n, kind: "counter" },
    ],
    CLIENT,
    { group_id: "readers" },
  );
  assertEquals(linesOf(series), [
    "# TYPE kafka_client_producer_record_queue_time_avg gauge",
    `kafka_client_producer_record_queue_time_avg{${LABELS},group_id="readers",node_id="1"} 1.5`,
    "# TYPE kafka_client_my_own_total counter",
    `kafka_client_my_own_total{${LABELS},group_id="readers"} 2`,
  ]);
});

Deno.test("what counts since the last push is added up, all else takes the place of what was said before", () => {
  const series = new ClientSeries();
  for (const value of [3n, 4n]) {
    record(series, [
      { name: "delta", value, kind: "delta" },
      { name: "sum", value, kind: "counter" },
      { name: "gauge", value },
    ]);
  }
  assertEquals(linesOf(series).filter((line) => !line.startsWith("#")).map((line) => line.split("} ")[1]), [
    "7",
    "4",
    "4",
  ]);
});

Deno.test("a client that has been silent for too long is forgotten", () => {
  const series = new ClientSeries();
  record(series, [{ name: "m", value: 1 }], CLIENT, {}, 500);
  assertEquals(linesOf(series, 499).length, 2);
  assertEquals(linesOf(series, 500), []);
});

Deno.test("nobody can say that it is another one, write a line of its own, or a name of the broker's", () => {
  const series = new ClientSeries();
  record(series, [{
    name: 'up{x="1"} 1\n# TYPE process_start_time_seconds gauge',
    value: 1,
    attributes: { "client_id": "root", "client.id": "root", "__name__": "up", "9x": 'a"b\\c\nd', "": "e" },
  }]);
  const lines = linesOf(series);
  assertEquals(lines.length, 2);
  assertMatch(lines[0], /^# TYPE kafka_client_[a-zA-Z0-9_]+ gauge$/);
  const labels = lines[1].slice(lines[1].indexOf("{") + 1, lines[1].lastIndexOf("}"));
  assertEquals(labels, `${LABELS},label___name__="up",label_9x="a\\"b\\\\c\\nd",label_="e"`);
});

Deno.test("two clients that call a gauge and a counter alike do not make a name with two types", () => {
  const series = new ClientSeries();
  record(series, [{ name: "x.total", value: 1 }]);
  record(series, [{ name: "x", value: 1, kind: "counter" }], { ...CLIENT, clientInstanceId: "CCCCCCCCCCCCCCCCCCCCCA" });
  assertEquals(linesOf(series).filter((line) => line.startsWith("#")), ["# TYPE kafka_client_x_total gauge"]);
});

Deno.test("however much clients push, what is kept is bounded", () => {
  const series = new ClientSeries();
  const points = Array.from({ length: 3_000 }, (_, index): TestPoint => ({
    name: `m${index}`,
    value: 1,
    attributes: Object.fromEntries(Array.from({ length: 20 }, (_, label) => [`l${label}`, "v".repeat(1000)])),
  }));
  record(series, points);
  const [, line] = linesOf(series);
  assert(line.length < 3_000, `${line.length} characters`);
  assertEquals(linesOf(series).length, 4_000);
  assertStringIncludes(series.print(0), "barnabas_client_telemetry_passed_over_total 1000");
  for (let client = 0; client < 30; client++) {
    const few = Array.from({ length: 2_000 }, (_, index): TestPoint => ({ name: `m${index}`, value: 1 }));
    record(series, few, { ...CLIENT, clientInstanceId: `client ${client}` });
  }
  assertEquals(linesOf(series).filter((line) => !line.startsWith("#")).length, 50_000);
});

Deno.test("numbers that are none are printed as Prometheus reads them", () => {
  const series = new ClientSeries();
  record(series, [NaN, Infinity, -Infinity].map((value, index) => ({ name: `m${index}`, value })));
  assertEquals(linesOf(series).filter((line) => !line.startsWith("#")).map((line) => line.split("} ")[1]), [
    "NaN",
    "+Inf",
    "-Inf",
  ]);
});
