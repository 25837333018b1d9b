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
import type { Json } from "../../lib/protocol/json.ts";
import type { Case, Step } from "./support/case.ts";
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

/** What playing a case on both has shown. */
interface Comparison {
  /** Where they differ, a line each. */
  readonly found: string[];
  /** What Barnabas has answered, step by step. */
  readonly ours: { readonly step: Step; readonly answer: Json }[];
}

/**
 * Apache Kafka answers some requests before all its parts know what they have changed. So where a difference does not come again
 * between two fresh brokers, and Barnabas has answered the same both times, it was Apache Kafka that was late: that is told.
 */
async function compare(one: Case, apacheKafka: Address, barnabas: Address): Promise<void> {
  const once = await play(one, apacheKafka, barnabas);
  if (once.found.length === 0) return;
  const again = await withBothBrokers((apacheKafka, barnabas) => play(one, apacheKafka, barnabas));
  if (again.found.length > 0) fail(`they differ:\n${again.found.join("\n")}`);
  const changed = once.ours.flatMap(({ step, answer }, index) => {
    const plain = { ...step, options: { ...step.options, differs: undefined } };
    return differences(plain, again.ours[index].answer, answer).map((line) => `${step.label}: ${line}`);
  });
  if (changed.length > 0) fail(`Barnabas has answered otherwise the first time:\n${changed.join("\n")}`);
  console.log(`"${one.name}": Apache Kafka was late once:\n${once.found.join("\n")}`);
}

async function play(one: Case, apacheKafka: Address, barnabas: Address): Promise<Comparison> {
  using theirs = new Player(apacheKafka);
  using ourPlayer = new Player(barnabas);
  const found: string[] = [];
  const ours: Comparison["ours"] = [];
  for (const step of one.steps) {
    const expecting = theirs.play(step).catch((error: Error) => error);
    // Where it is Barnabas that never answers as it should, there is no second chance.
    const answer = await ourPlayer.play(step);
    const expected = await expecting;
    if (expected instanceof Error) return { found: [...found, `Apache Kafka: ${expected.message}`], ours };
    ours.push({ step, answer });
    found.push(...differences(step, expected, answer).map((line) => `${step.label}: ${line}`));
  }
  return { found, ours };
}
