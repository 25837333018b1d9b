/**
 * Makes answers of two brokers comparable, and says where they differ.
 *
 * @module
 */
import { REGISTRY } from "../../../lib/api/registry.ts";
import { type Json, stringifyJson } from "../../../lib/protocol/json.ts";
import type { PurposefulDifference, Step } from "./case.ts";
import { NOW_MS } from "./record_batch.ts";

type Struct = Readonly<Record<string, Json>>;

/** What differs between two brokers by its nature, and what stands in its place. The path is `Api.field.list[].field`. */
interface NaturalDifference {
  readonly path: RegExp;
  readonly reason: string;
  /** The value as both brokers must show it; undefined where it is left out. */
  readonly show: (value: Json, struct: Struct) => Json | undefined;
}

const NATURAL_DIFFERENCES: readonly NaturalDifference[] = [
  {
    path: /\.throttleTimeMs$/,
    reason: "how long it is depends on how long everything took",
    show: (throttleTimeMs) => Number(throttleTimeMs) > 0,
  },
  {
    path: /\.clusterId$/,
    reason: "each cluster has its own",
    show: (id) => id === "" || id === null ? id : "<cluster>",
  },
  { path: /\.port$/, reason: "each broker has its own", show: () => "<port>" },
  {
    path: /\.(errorMessage|batchIndexErrorMessage)$/,
    reason: "errors are worded by each broker, or not at all; without an error, both say the same nothing",
    show: (text, struct) => struct.errorCode === 0 ? text : "<wording>",
  },
  {
    path:
      /\.(logAppendTimeMs|timestamp|baseTimestamp|maxTimestamp|lastTimestamp|lastFetchTimestamp|lastCaughtUpTimestamp)$/,
    reason: "each broker has its own clock",
    show: (time) => isClock(time) ? "<clock>" : time,
  },
  {
    path: /\.transactionStartTimeMs$/,
    reason: "each broker has its own clock",
    show: (time) => isClock(time) ? "<clock>" : time,
  },
  {
    path: /^(Create|Renew|Expire|Describe)DelegationToken\..*Timestamp(Ms)?$/,
    reason: "each broker has its own clock, by which its tokens expire",
    show: (time) => isNear(time) ? `<now and ${minutesFromNow(time)} minutes>` : time,
  },
  {
    path: /\.records\[\]\.crc$/,
    reason: "it covers the time of the append, by the broker's clock",
    show: (crc, batch) => isClock(batch.maxTimestamp) ? "<crc>" : crc,
  },
  {
    path: /^Fetch\..*\.records$/,
    reason:
      "Apache Kafka fills an answer up with a part of a batch, which every client drops; Barnabas sends whole ones",
    show: (batches) => batches === null ? null : (batches as Struct[]).filter((batch) => !("hex" in batch)),
  },
  {
    path: /^StreamsGroupHeartbeat\.partitionsByUserEndpoint\[\]\.(active|standby)Partitions$/,
    reason: "Apache Kafka lists topics by an order that it draws at its start",
    show: (topics) => (topics as Struct[]).toSorted((a, b) => String(a.topic) < String(b.topic) ? -1 : 1),
  },
  {
    path: /^DescribeLogDirs\.results\[\]\.(totalBytes|usableBytes)$/,
    reason: "disks fill while a test runs",
    show: (bytes) => Number(bytes) > 0 ? "<bytes>" : bytes,
  },
  {
    path: /^ApiVersions\.finalizedFeaturesEpoch$/,
    reason: "it is an offset of the metadata log",
    show: (offset) => Number(offset) >= 0 ? "<offset>" : offset,
  },
  {
    path: /^ApiVersions\.apiKeys$/,
    reason: "an API that Barnabas does not serve is not announced by it",
    show: (keys) => (keys as { apiKey: number }[]).filter(({ apiKey }) => SERVED.has(apiKey)) as unknown as Json,
  },
  {
    path: /^DescribeQuorum\..*\.(highWatermark|logEndOffset)$/,
    reason: "it is an offset of the metadata log",
    show: (offset) => Number(offset) > 0 ? "<offset>" : offset,
  },
  {
    path: /^DescribeQuorum\..*\.leaderEpoch$/,
    reason: "it counts the starts of a broker, and its elections",
    show: (epoch) => Number(epoch) > 0 ? "<epoch>" : epoch,
  },
  {
    path: /^DescribeQuorum\.nodes\[\]\.listeners\[\]\.host$/,
    reason: "nobody can reach the controller of Barnabas, which has no socket",
    show: () => "<host>",
  },
  {
    path: /^DescribeQuorum\..*\.replicaDirectoryId$/,
    reason: "each folder has its own",
    show: () => "<directory>",
  },
];

const SERVED: ReadonlySet<number> = new Set(REGISTRY.map(({ key }) => key));

/** Lists whose order is that of a hash table, or none, in Apache Kafka. */
const UNORDERED: readonly RegExp[] = [
  /^ConsumerGroupHeartbeat\.assignment\.topicPartitions$/,
  /^(Consumer|Streams)GroupDescribe\.groups$/,
  /^ConsumerGroupDescribe\.groups\[\]\.members$/,
  /^ConsumerGroupDescribe\..*ssignment\.topicPartitions$/,
  /^ConsumerGroup(?:Heartbeat|Describe)\..*ssignment\.topicPartitions\[\]\.partitions$/,
  /^ApiVersions\.(supportedFeatures|finalizedFeatures)$/,
  /^Metadata\.topics$/,
  /^Produce\.responses$/,
  /^Produce\.responses\[\]\.partitionResponses$/,
  /^Fetch\.responses$/,
  /^ListOffsets\.topics$/,
  /^ListOffsets\.topics\[\]\.partitions$/,
  /^OffsetForLeaderEpoch\.topics$/,
  /^OffsetForLeaderEpoch\.topics\[\]\.partitions$/,
  /^DeleteRecords\.topics$/,
  /^CreateTopics\.topics$/,
  /^DeleteTopics\.responses$/,
  /^CreatePartitions\.results$/,
  /^DescribeConfigs\.results\[\]\.configs$/,
  /^(IncrementalAlterConfigs|AlterConfigs)\.responses$/,
  /^ListConfigResources\.configResources$/,
  /^DescribeLogDirs\.results\[\]\.topics$/,
  /^AlterReplicaLogDirs\.results$/,
  /^AlterReplicaLogDirs\.results\[\]\.partitions$/,
  /^ElectLeaders\.replicaElectionResults$/,
  /^ListGroups\.groups$/,
  /^DescribeGroups\.groups\[\]\.members$/,
  /^JoinGroup\.members$/,
  /^DeleteGroups\.results$/,
  /^ShareGroupDescribe\.groups$/,
  /^(DescribeShareGroupOffsets\.groups\[\]\.topics|(Alter|Delete)ShareGroupOffsets\.responses)$/,
  /^(DescribeShareGroupOffsets\.groups\[\]\.topics|AlterShareGroupOffsets\.responses)\[\]\.partitions$/,
  /^AddPartitionsToTxn\.(resultsByTopicV3AndBelow|resultsByTransaction)$/,
  /^AddPartitionsToTxn\.resultsByTransaction\[\]\.topicResults$/,
  /^AddPartitionsToTxn\..*\.resultsByPartition$/,
  /^WriteTxnMarkers\.markers$/,
  /^WriteTxnMarkers\.markers\[\]\.topics$/,
  /^WriteTxnMarkers\.markers\[\]\.topics\[\]\.partitions$/,
  /^DescribeTransactions\.transactionStates\[\]\.topics$/,
  /^DescribeTransactions\.transactionStates\[\]\.topics\[\]\.partitions$/,
  /^ListTransactions\.(transactionStates|unknownStateFilters)$/,
  /^DescribeProducers\.topics\[\]\.partitions\[\]\.activeProducers$/,
  /^TxnOffsetCommit\.topics$/,
  /^TxnOffsetCommit\.topics\[\]\.partitions$/,
  /^OffsetCommit\.topics$/,
  /^OffsetCommit\.topics\[\]\.partitions$/,
  /^OffsetDelete\.topics$/,
  /^OffsetDelete\.topics\[\]\.partitions$/,
  /^OffsetFetch\.(groups\[\]\.)?topics$/,
  /^OffsetFetch\.(groups\[\]\.)?topics\[\]\.partitions$/,
  /^DescribeAcls\.resources$/,
  /^DescribeAcls\.resources\[\]\.acls$/,
  /^DeleteAcls\.filterResults\[\]\.matchingAcls$/,
  /^DescribeTopicPartitions\.topics$/,
  /^(DescribeUserScramCredentials|AlterUserScramCredentials)\.results$/,
  /^SaslHandshake\.mechanisms$/,
  /^DescribeDelegationToken\.tokens$/,
  /^(DescribeClientQuotas|AlterClientQuotas)\.entries$/,
  /^(DescribeClientQuotas|AlterClientQuotas)\.entries\[\]\.(entity|values)$/,
];

/** A time that is not from a request: those lie before {@linkcode NOW_MS}, or far from now. */
function isClock(time: Json): boolean {
  return Number(time) > NOW_MS + 1000 && Number(time) <= Date.now() + 1000;
}

/** A time within a year of now. */
function isNear(time: Json): boolean {
  return Math.abs(Number(time) - Date.now()) < 365 * 24 * 3_600_000;
}

function minutesFromNow(time: Json): number {
  return Math.round((Number(time) - Date.now()) / 60_000);
}

/** Where the answers to a step differ though they should not, one line each; none where all is well. */
export function differences(step: Step, apacheKafka: Json, barnabas: Json): string[] {
  const expected = comparable(step, apacheKafka);
  const actual = comparable(step, barnabas);
  const found = diff("", expected, actual);
  const declared = step.options.differs;
  if (declared === undefined) return found;
  return declared.flatMap((difference) => checkDeclared(difference, expected, actual)).concat(
    found.filter((line) => !declared.some(({ at }) => line.startsWith(at))),
  );
}

function checkDeclared({ at, barnabas, reason }: PurposefulDifference, expected: Json, actual: Json): string[] {
  const theirs = valueAt(expected, at);
  const ours = valueAt(actual, at);
  const unexpected = barnabas === undefined ? [] : diff(at, barnabas, ours);
  if (unexpected.length > 0) {
    return [`${at}: Barnabas should say ${text(barnabas)}, but says ${text(ours)} (${reason})`];
  }
  return diff(at, theirs, ours).length > 0 ? [] : [`${at}: no longer differs, though it is said to: ${reason}`];
}

function comparable(step: Step, answer: Json): Json {
  const names = step.answers.map(({ request }) => request?.name.replace(/Request$/, "") ?? "");
  if (step.answers.length !== 1) {
    return (answer as Json[]).map((part, index) => normalized(names[index], part, {}) as Json);
  }
  if (step.options.waitsMs !== undefined) {
    const { waited, outcome } = answer as { waited: boolean; outcome: Json };
    return { waited, outcome: normalized(names[0], outcome, {}) as Json };
  }
  return normalized(names[0], answer, {}) as Json;
}

function normalized(path: string, value: Json, struct: Struct): Json | undefined {
  let shown: Json | undefined = value;
  for (const difference of NATURAL_DIFFERENCES) {
    if (difference.path.test(path)) shown = difference.show(value, struct);
  }
  if (shown === undefined || shown === null || typeof shown !== "object") return shown;
  if (!Array.isArray(shown)) return normalizedStruct(path, shown as Struct);
  const elements = shown.map((element) => normalized(`${path}[]`, element, {}) as Json);
  return UNORDERED.some((list) => list.test(path)) ? elements.toSorted(byText) : elements;
}

function normalizedStruct(path: string, struct: Struct): Json {
  const fields = Object.entries(struct).map(([name, value]) => [name, normalized(`${path}.${name}`, value, struct)]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function byText(left: Json, right: Json): number {
  return stringifyJson(left) < stringifyJson(right) ? -1 : 1;
}

/** Lines of the form `path: Apache Kafka says …, Barnabas says …`. */
function diff(path: string, expected: Json | undefined, actual: Json | undefined): string[] {
  if (isStruct(expected) && isStruct(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...names].flatMap((name) => diff(path === "" ? name : `${path}.${name}`, expected[name], actual[name]));
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((element, index) => diff(`${path}[${index}]`, element, actual[index]));
  }
  const [theirs, ours] = [text(expected), text(actual)];
  return theirs === ours ? [] : [`${path || "the answer"}: Apache Kafka says ${theirs}, Barnabas says ${ours}`];
}

function isStruct(value: Json | undefined): value is Struct {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: Json | undefined): string {
  return value === undefined ? "nothing" : stringifyJson(value);
}

function valueAt(answer: Json, path: string): Json | undefined {
  const parts = path.split(/[.[\]]+/).filter((part) => part !== "");
  return parts.reduce<Json | undefined>((value, part) => (value as Struct | undefined)?.[part], answer);
}
