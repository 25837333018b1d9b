/**
 * Durable produce beside Apache Kafka with `log.flush.interval.messages=1`, on the same machine and disk, by the same clients, in turn.
 *
 * ```sh
 * tests/interop/install.sh
 * ./your_program.sh compile
 * ./your_program.sh deno run -A bench/durable.ts [rounds]
 * ```
 *
 * Big batches: franz-go, records of 1 KB in batches of up to a megabyte. Small batches: Apache Kafka's ProducerPerformance with its
 * defaults, 16 KB. Both into one partition, with acks=all. Latency: franz-go, 500 records a second, from produce to acknowledgement.
 * Each round begins in an empty folder, with a run that does not count. Figures are medians; processor time is the broker's, of all
 * its threads.
 *
 * @module
 */
import { libsFolder } from "../tests/interop/support/apache_kafka.ts";
import { client, run } from "../tests/interop/support/clients.ts";
import { type BenchBroker, type Contender, contenders, median, printTable, type Settings } from "./contenders.ts";

const RECORD_BYTES = 1024;
const WARM_UP_RECORDS = 50_000;
const BIG_BATCH_RECORDS = 500_000;
const SMALL_BATCH_RECORDS = 100_000;
/** So many records of 1 KB fit into a batch of 16,384 bytes. */
const RECORDS_PER_SMALL_BATCH = 15;
const PACED_RECORDS_PER_SECOND = 500;
const PACED_SECONDS = 10;
const FLUSH_EVERY_MESSAGE: Settings = { "log.flush.interval.messages": "1" };

/** What one round has shown. */
interface Figures {
  readonly bigMegabytesPerSecond: number;
  readonly bigCpuSecondsPerGigabyte: number;
  readonly smallMegabytesPerSecond: number;
  readonly smallCpuMicrosecondsPerBatch: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly peakMegabytes: number;
}

if (import.meta.main) await main(Number(Deno.args[0] ?? 3));

async function main(rounds: number): Promise<void> {
  const franzGo = client("franz-go");
  if (franzGo.missing !== null) throw new Error(`${franzGo.missing}: run tests/interop/install.sh`);
  const results = contenders().map((contender) => ({ contender, figures: [] as Figures[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { contender, figures } of results) {
      figures.push(await measure(contender));
      console.log(`round ${round + 1} of ${rounds}, ${contender.name}: ${row(figures.slice(-1)).join(" ")}`);
    }
  }
  const head = ["MB/s big", "CPU s/GB", "MB/s small", "CPU µs/batch", "ack p50 ms", "p99", "p99.9", "peak MB"];
  printTable([
    ["", ...head],
    ...results.map(({ contender, figures }) => [contender.name, ...row(figures)]),
  ]);
}

function row(figures: readonly Figures[]): string[] {
  const of = (field: keyof Figures, digits: number) => median(figures.map((one) => one[field])).toFixed(digits);
  return [
    of("bigMegabytesPerSecond", 0),
    of("bigCpuSecondsPerGigabyte", 2),
    of("smallMegabytesPerSecond", 0),
    of("smallCpuMicrosecondsPerBatch", 0),
    of("p50Ms", 2),
    of("p99Ms", 2),
    of("p999Ms", 2),
    of("peakMegabytes", 0),
  ];
}

async function measure(contender: Contender): Promise<Figures> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-durable-" });
  await contender.format(folder, FLUSH_EVERY_MESSAGE);
  const broker = contender.start(folder, FLUSH_EVERY_MESSAGE);
  try {
    await broker.untilServing();
    const big = await bigBatches(broker);
    const small = await smallBatches(broker);
    const [p50Ms, p99Ms, p999Ms] = await latency(broker);
    const megabytes = (records: number) => records * RECORD_BYTES / 1e6;
    return {
      bigMegabytesPerSecond: megabytes(BIG_BATCH_RECORDS) / big.seconds,
      bigCpuSecondsPerGigabyte: big.cpuSeconds / megabytes(BIG_BATCH_RECORDS) * 1000,
      smallMegabytesPerSecond: megabytes(SMALL_BATCH_RECORDS) / small.seconds,
      smallCpuMicrosecondsPerBatch: small.cpuSeconds * 1e6 / (SMALL_BATCH_RECORDS / RECORDS_PER_SMALL_BATCH),
      p50Ms,
      p99Ms,
      p999Ms,
      peakMegabytes: broker.peakMemoryBytes / 1e6,
    };
  } finally {
    await broker.stop();
    Deno.removeSync(folder, { recursive: true });
  }
}

interface Effort {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function bigBatches(broker: BenchBroker): Promise<Effort> {
  const load = async (records: number) => {
    const printed = await run(
      client("franz-go"),
      "load",
      broker.bootstrap,
      "big",
      String(records),
      String(RECORD_BYTES),
    );
    return Number(new TextDecoder().decode(printed)) / 1000;
  };
  await load(WARM_UP_RECORDS);
  const before = broker.cpuSeconds;
  const seconds = await load(BIG_BATCH_RECORDS);
  return { seconds, cpuSeconds: broker.cpuSeconds - before };
}

async function smallBatches(broker: BenchBroker): Promise<Effort> {
  await producerPerformance(broker, WARM_UP_RECORDS);
  const before = broker.cpuSeconds;
  const seconds = await producerPerformance(broker, SMALL_BATCH_RECORDS);
  return { seconds, cpuSeconds: broker.cpuSeconds - before };
}

/** Resolves to the seconds that it took by its own account, the start of its JVM left out. */
async function producerPerformance(broker: BenchBroker, records: number): Promise<number> {
  const args = [
    ...["-cp", `${libsFolder()}/*`, "org.apache.kafka.tools.ProducerPerformance", "--topic", "small"],
    ...["--num-records", String(records), "--record-size", String(RECORD_BYTES), "--throughput", "-1"],
    ...["--producer-props", `bootstrap.servers=${broker.bootstrap}`, "acks=all"],
  ];
  const { stdout, stderr } = await new Deno.Command("java", { args }).output();
  const decoder = new TextDecoder();
  const perSecond = [...decoder.decode(stdout).matchAll(/, ([\d.]+) records\/sec/g)].at(-1)?.[1];
  if (perSecond === undefined) throw new Error(`ProducerPerformance failed: ${decoder.decode(stderr)}`);
  return records / Number(perSecond);
}

/** The milliseconds within which half, 99% and 99.9% of the records are acknowledged. */
async function latency(broker: BenchBroker): Promise<[p50: number, p99: number, p999: number]> {
  const count = PACED_RECORDS_PER_SECOND * PACED_SECONDS;
  const paced = (records: number) =>
    run(client("franz-go"), "paced", broker.bootstrap, "paced", String(records), String(PACED_RECORDS_PER_SECOND));
  await paced(PACED_RECORDS_PER_SECOND);
  const printed = new TextDecoder().decode(await paced(count)).trim().split("\n");
  const sorted = printed.map((microseconds) => Number(microseconds) / 1000).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return [at(0.5), at(0.99), at(0.999)];
}
