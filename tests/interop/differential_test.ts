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
    await withBothBrokers(async (apacheKafka, barnabas) => {
      for (const [theme, cases] of Object.entries(THEMES)) {
        await test.step(theme, async (inTheme) => {
          for (const one of cases) await inTheme.step(one.name, () => compare(one, apacheKafka, barnabas));
        });
      }
    });
  },
});

async function withBothBrokers<T>(use: (apacheKafka: Address, barnabas: Address) => Promise<T>): Promise<T> {
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
    return await use(apacheKafka, { hostname: broker.address.host, port: broker.address.port });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The warnings of bad requests are expected here. */
const SILENT = { info() {}, warn() {} };

type Address = Pick<RunningBroker, "hostname" | "port">;

/**
 * Apache Kafka answers some requests before all its parts know what they have changed. So a difference must come again, between
 * two fresh brokers; one that does not is told.
 */
async function compare(one: Case, apacheKafka: Address, barnabas: Address): Promise<void> {
  const once = await differencesIn(one, apacheKafka, barnabas);
  if (once.length === 0) return;
  const again = await withBothBrokers((apacheKafka, barnabas) => differencesIn(one, apacheKafka, barnabas));
  if (again.length > 0) fail(`they differ:\n${again.join("\n")}`);
  console.log(`"${one.name}" differed once, and not again between fresh brokers:\n${once.join("\n")}`);
}

async function differencesIn(one: Case, apacheKafka: Address, barnabas: Address): Promise<string[]> {
  using theirs = new Player(apacheKafka);
  using ours = new Player(barnabas);
  const found: string[] = [];
  for (const step of one.steps) {
    const [expected, actual] = await Promise.allSettled([theirs.play(step), ours.play(step)]);
    if (expected.status === "rejected") return [...found, `Apache Kafka: ${expected.reason}`];
    if (actual.status === "rejected") return [...found, `Barnabas: ${actual.reason}`];
    found.push(...differences(step, expected.value, actual.value).map((line) => `${step.label}: ${line}`));
  }
  return found;
}
