/**
 * What Apache Kafka and Barnabas write into `__consumer_offsets` for the same heartbeats of streams groups is the same,
 * record for record.
 */
import { assert, assertEquals } from "@std/assert";
import { Broker } from "../../lib/mod.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { MetadataRequest, MetadataResponse } from "../../lib/protocol/messages/metadata.ts";
import { decodeGroupRecord } from "../../lib/protocol/records/mod.ts";
import { batchesOf, recordsOf } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/mod.ts";
import { streamsGroupCases } from "./differential/streams_groups.ts";
import { apacheKafkaIsMissing, freePorts, type RunningBroker, startApacheKafka } from "./support/apache_kafka.ts";
import { Player } from "./support/play.ts";
import { RawClient } from "./support/raw_client.ts";

const OFFSETS_TOPIC = "__consumer_offsets";
const MAX_BYTES = 10_000_000;

const missing = apacheKafkaIsMissing();

Deno.test({
  name: `the records of streams groups are those of Apache Kafka${missing === null ? "" : ` (not tested: ${missing})`}`,
  ignore: missing !== null,
  async fn() {
    for (let attempt = 1;; attempt++) {
      const { theirs, ours } = await playBoth();
      // Its coordinator learns of a topic a little after who has made it: then the group begins otherwise, and there is
      // nothing to compare.
      const wasLate = theirs === null ||
        theirs.some((line) => line.includes(TOPICS_UNKNOWN) && !line.includes(MISSING));
      if (wasLate && attempt < MAX_ATTEMPTS) continue;
      assert(theirs !== null && theirs.length > 100, `Apache Kafka was late in ${attempt} attempts`);
      assertEquals(ours, theirs);
      return;
    }
  },
});

const MAX_ATTEMPTS = 8;
/** In the record of a group some of whose topics are not there. */
const TOPICS_UNKNOWN = '"validatedTopologyEpoch":-1';
/** The group in whose case they are not there on purpose. */
const MISSING = '"groupId":"missing"';

/** The records of both; null where Apache Kafka never came to what a case waits for. */
async function playBoth(): Promise<{ theirs: string[] | null; ours: string[] }> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-streams-records-" });
  try {
    await using apacheKafka = await startApacheKafka({
      folder: `${folder}/apache-kafka`,
      port: freePorts(2),
      // As here: the configs of a group may come too late for its first member.
      settings: { "group.streams.initial.rebalance.delay.ms": "0" },
    });
    await using broker = await Broker.start({ dataDir: `${folder}/barnabas`, logger: { info() {}, warn() {} } });
    const barnabas = { hostname: broker.address.host, port: broker.address.port };
    const [isPlayed] = await Promise.all([
      play(apacheKafka).then(() => true, (error) => {
        console.log(`Apache Kafka: ${error.message}`);
        return false;
      }),
      play(barnabas),
    ]);
    return { theirs: isPlayed ? await recordsIn(apacheKafka) : null, ours: await recordsIn(barnabas) };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Which heartbeat sees first that a topic is gone, and so what is written when, is a matter of time. */
const STEADY_CASES = streamsGroupCases.filter(({ name }) => !name.includes("a source topic is deleted"));

type Address = Pick<RunningBroker, "hostname" | "port">;

async function play(broker: Address): Promise<void> {
  for (const { steps } of STEADY_CASES) {
    using player = new Player(broker);
    for (const step of steps) await player.play(step);
  }
}

/** All records of streams groups, as lines, partition by partition. */
async function recordsIn(broker: Address): Promise<string[]> {
  using client = await RawClient.connect(broker);
  const { topics } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [{ name: OFFSETS_TOPIC }] });
  const lines: string[] = [];
  for (let partition = 0; partition < topics[0].partitions.length; partition++) {
    const newest = new Map<string, string>();
    for (const { key, line } of await recordsOfPartition(client, partition)) {
      if (newest.get(key) !== line) lines.push(line);
      newest.set(key, line);
    }
  }
  return lines;
}

async function recordsOfPartition(client: RawClient, partition: number): Promise<{ key: string; line: string }[]> {
  const { responses } = await client.ask(FetchRequest, FetchResponse, 12, {
    maxBytes: MAX_BYTES,
    topics: [{
      topic: OFFSETS_TOPIC,
      partitions: [{ partition, currentLeaderEpoch: -1, fetchOffset: 0n, partitionMaxBytes: MAX_BYTES }],
    }],
  });
  const batches = batchesOf(responses[0]?.partitions[0]?.records ?? new Uint8Array(0));
  const records = [...batches].flatMap((batch) => [...recordsOf(batch, runtimeCompressor)]);
  return records.map(({ key, value }) => decodeGroupRecord({ key: key!, value }))
    .filter(({ name }) => name?.startsWith("StreamsGroup"))
    .map((record) => ({
      key: JSON.stringify(record.name === null ? null : [record.name, record.key]),
      line: `${partition} ${JSON.stringify(record, shown)}`,
    }));
}

/** A value as both brokers must show it. */
function shown(name: string, value: unknown): unknown {
  switch (name) {
    case "assignmentTimestamp":
    case "metadataHash":
      // The one is of the broker's clock, the other of ids that it drew for topics.
      return value === 0n ? 0 : "<other>";
    case "previousMemberEpoch":
      // Apache Kafka forgets it where a member stays in its epoch, and writes the same record again.
      return "<other>";
    default:
      return typeof value === "bigint" ? String(value) : value;
  }
}
