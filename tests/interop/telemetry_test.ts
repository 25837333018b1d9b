/**
 * Real clients push their own metrics (KIP-714), as Apache Kafka's own tool has asked them to, and these are shown.
 * `tests/interop/install.sh` brings the clients.
 */
import { assert } from "@std/assert";
import { apacheKafkaIsMissing, freePorts, runJava } from "./support/apache_kafka.ts";
import { startBroker } from "./support/barnabas.ts";
import { client, run } from "./support/clients.ts";

/** What a producer is shown by, as its library names it. */
const PRODUCERS: readonly { readonly name: string; readonly software: string; readonly metric: string }[] = [
  { name: "Java client", software: "apache-kafka-java", metric: "kafka_client_producer_record_send_total" },
  {
    name: "confluent-kafka",
    software: "confluent-kafka-python",
    metric: "kafka_client_producer_connection_creation_total",
  },
];

for (const { name, software, metric } of PRODUCERS) {
  const pushing = client(name);
  const missing = pushing.missing ?? apacheKafkaIsMissing();
  Deno.test({
    name: `${name} pushes its metrics, and they are shown${missing === null ? "" : ` (ignored: ${missing})`}`,
    ignore: missing !== null,
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "barnabas-telemetry-" });
      const lines = `${folder}/lines.txt`;
      // So many that the client lives long enough to be asked, and to push.
      Deno.writeTextFileSync(lines, "a line of some length\n".repeat(300_000));
      const metrics = `127.0.0.1:${freePorts(1)}`;
      try {
        await using broker = await startBroker({
          folder: `${folder}/data`,
          settings: { "barnabas.metrics.listener": metrics },
        });
        const { bootstrap } = broker;
        await runJava("org.apache.kafka.tools.ClientMetricsCommand", [
          ...["--bootstrap-server", bootstrap, "--alter", "--name", "all", "--metrics", "*", "--interval", "100"],
        ]);
        await run(pushing, "produce", bootstrap, "letters", "none", lines);
        const text = await (await fetch(`http://${metrics}/metrics`)).text();
        const shown = text.split("\n").filter((line) => line.startsWith("kafka_client_"));
        const found = shown.some((line) => line.startsWith(`${metric}{`) && line.includes(`_name="${software}"`));
        assert(found, `no ${metric} of ${software} in:\n${shown.join("\n")}`);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}
