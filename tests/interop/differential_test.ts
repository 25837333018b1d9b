/**
 * The same requests, good and bad, go to Apache Kafka and to Barnabas, and their answers are compared, whole but for what
 * differs by its nature (see `support/compare.ts`) or on purpose (`differs` of a step, with its reason).
 *
 * @module
 */
import { fail } from "@std/assert";
import { Broker } from "../../lib/mod.ts";
import { THEMES } from "./differential/mod.ts";
import { apacheKafkaIsMissing, freePorts, type RunningBroker, startApacheKafka } from "./support/apache_kafka.ts";
import type { Case } from "./support/case.ts";
import { differences } from "./support/compare.ts";
import { Player } from "./support/play.ts";

const missing = apacheKafkaIsMissing();

Deno.test({
  name: `Barnabas answers as Apache Kafka does${missing === null ? "" : ` (not tested: ${missing})`}`,
  ignore: missing !== null,
  async fn(test) {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-differential-" });
    try {
      await using apacheKafka = await startApacheKafka({
        folder: `${folder}/apache-kafka`,
        port: freePorts(2),
        quorum: "dynamic",
      });
      await using broker = await Broker.start({
        dataDir: `${folder}/barnabas`,
        set: { "node.id": "1" },
        logger: SILENT,
      });
      const barnabas = { hostname: broker.address.host, port: broker.address.port };
      for (const [theme, cases] of Object.entries(THEMES)) {
        await test.step(theme, async (inTheme) => {
          for (const one of cases) await inTheme.step(one.name, () => compare(one, apacheKafka, barnabas));
        });
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

/** The warnings of bad requests are expected here. */
const SILENT = { info() {}, warn() {} };

type Address = Pick<RunningBroker, "hostname" | "port">;

async function compare(one: Case, apacheKafka: Address, barnabas: Address): Promise<void> {
  using theirs = new Player(apacheKafka);
  using ours = new Player(barnabas);
  const found: string[] = [];
  for (const step of one.steps) {
    const [expected, actual] = await Promise.all([theirs.play(step), ours.play(step)]);
    found.push(...differences(step, expected, actual).map((line) => `${step.label}: ${line}`));
  }
  if (found.length > 0) fail(`they differ:\n${found.join("\n")}`);
}
