/**
 * What the tests of the metadata share: folders that Apache Kafka 4.3.1 wrote, a seeded source of chance, and rules
 * for configs.
 *
 * @module
 */
import type { ConfigRules } from "../../lib/metadata/config_rules.ts";
import { bootstrapRecords, defaultFeatureRecords } from "../../lib/metadata/bootstrap.ts";
import { type DecisionContext } from "../../lib/metadata/decide/decision.ts";
import { MetadataImage } from "../../lib/metadata/image/image.ts";
import { metadataRecord } from "../../lib/metadata/record.ts";
import type { CreateTopicResult, NewTopic } from "../../lib/metadata/decide/topics.ts";
import type { Metadata, MetadataOptions } from "../../lib/metadata/metadata.ts";
import type { Clock, Disk, Logger, Random, Timers } from "../../lib/ports.ts";
import type { MetadataRecord } from "../../lib/protocol/records/logs.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { MemoryDisk } from "../../lib/shell/memory_disk.ts";

/** The folders under `fixtures`. */
export type Fixture = "static" | "static-formatted" | "dynamic" | "dynamic-formatted" | "dynamic-killed";

export const NOW_MS = 1_795_520_000_000;

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  nowMs = NOW_MS;
  now(): number {
    return this.nowMs;
  }
}

/** A disk in memory. */
export function memoryDisk(): MemoryDisk {
  return new MemoryDisk(new TestClock());
}

/** Copies a folder that Apache Kafka wrote onto a disk. */
export function copyFixture(name: Fixture, disk: Disk, folder: string): void {
  copyFolder(new URL(`fixtures/${name}/`, import.meta.url), disk, folder);
}

/** The bytes of a file of a fixture. */
export function readFixture(path: string): Uint8Array {
  return Deno.readFileSync(new URL(`fixtures/${path}`, import.meta.url));
}

function copyFolder(from: URL, disk: Disk, folder: string): void {
  disk.makeFolderSync(folder);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyFolder(new URL(`${name}/`, from), disk, `${folder}/${name}`);
    else writeFile(disk, `${folder}/${name}`, Deno.readFileSync(new URL(name, from)));
  }
}

/** Writes a file, whatever was there. */
export function writeFile(disk: Disk, path: string, content: string | Uint8Array): void {
  const file = disk.openSync(path, "truncate");
  file.writeSync(0, typeof content === "string" ? new TextEncoder().encode(content) : content);
  file.close();
}

/** The text of a file. */
export function readText(disk: Disk, path: string): string {
  const file = disk.openSync(path, "read");
  const bytes = new Uint8Array(file.sizeSync());
  file.readSync(0, bytes);
  file.close();
  return new TextDecoder().decode(bytes);
}

/** The same random bytes for the same seed. */
export function seededRandom(seed = 1): Random {
  let state = seed;
  return {
    fill(bytes) {
      for (let index = 0; index < bytes.length; index++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bytes[index] = state >>> 24;
      }
      return bytes;
    },
  };
}

/** A logger that keeps its lines. */
export class TestLogger implements Logger {
  readonly infos: string[] = [];
  readonly warnings: string[] = [];
  info(line: string): void {
    this.infos.push(line);
  }
  warn(line: string): void {
    this.warnings.push(line);
  }
  error(line: string): void {
    this.warnings.push(line);
  }
}

/** A few configs: `cleanup.policy` is a list whose default is `delete`, `retention.ms` a number; no others. */
export const TEST_RULES: ConfigRules = {
  validateConfig(resourceType, name, value) {
    if (name === "cleanup.policy") return null;
    if (name !== "retention.ms") return `Unknown ${resourceType === 2 ? "topic" : "group"} config name: ${name}`;
    return /^-?\d+$/.test(value) ? null : `Invalid value ${value} for configuration ${name}: Not a number of type LONG`;
  },
  isListConfig: (_, name) => name === "cleanup.policy",
  defaultConfig: (_, name) => name === "cleanup.policy" ? "delete" : null,
};

/** What decisions need, for node 1 with one data folder, with ids that count. */
export function decisionContext(changes: Partial<DecisionContext> = {}): DecisionContext {
  let count = 0;
  return {
    nodeId: 1,
    directoryIds: ["DIRECTORYaaaaaaaaaaaaA"],
    configRules: TEST_RULES,
    defaultPartitions: 1,
    defaultReplicationFactor: 1,
    newUuid: () => `TOPIC${String(++count).padStart(16, "0")}A`,
    ...changes,
  };
}

/** An image with the features of a new cluster and broker 1, and what these records add. */
export function imageOf(...records: readonly MetadataRecord[]): MetadataImage {
  const image = new MetadataImage();
  for (const record of bootstrapRecords(defaultFeatureRecords(), image)) image.replay(record);
  image.replay(metadataRecord("RegisterBrokerRecord", { brokerId: 1, brokerEpoch: 10n, fenced: false }, 4));
  for (const record of records) image.replay(record);
  return image;
}

/** Replays what was decided. */
export function apply(image: MetadataImage, { records }: { readonly records: readonly MetadataRecord[] }): void {
  for (const record of records) image.replay(record);
}

/** Timers that fire at once, each in a turn of its own. */
export const TEST_TIMERS: Timers = {
  after(_, callback) {
    let isCancelled = false;
    Promise.resolve().then(() => isCancelled || callback());
    return { cancel: () => isCancelled = true };
  },
};

/** Where the tests of {@linkcode Metadata} keep their data. */
export const DATA_DIR = "data";

/** What {@linkcode Metadata.open} needs, over a disk. */
export function metadataOptions(disk: Disk, changes: Partial<MetadataOptions> = {}): MetadataOptions {
  return {
    disk,
    clock: new TestClock(),
    timers: TEST_TIMERS,
    random: seededRandom(),
    logger: new TestLogger(),
    compressor: runtimeCompressor,
    dataDirs: [DATA_DIR],
    endpoints: [{ name: "PLAINTEXT", host: "localhost", port: 9092, securityProtocol: 0 }],
    configRules: TEST_RULES,
    ...changes,
  };
}

/** A request for a topic of so many partitions. */
export function newTopic(name: string, numPartitions = 1): NewTopic {
  return { name, numPartitions, replicationFactor: 1, assignments: [], configs: [] };
}

/** Creates topics of one partition. */
export function createTopics(metadata: Metadata, ...names: string[]): Promise<CreateTopicResult[]> {
  return metadata.createTopics({ topics: names.map((name) => newTopic(name)), validateOnly: false });
}

/** All records of an image as text, whatever the order of what has none. */
export function imageText(image: MetadataImage): string[] {
  const plain = (_: string, part: unknown) =>
    typeof part === "bigint"
      ? String(part)
      : Array.isArray(part)
      ? part.map((each) => JSON.stringify(each)).sort()
      : part;
  return [...image.records()].map(({ name, value }) => name + JSON.stringify(value, plain)).sort();
}

/** The names in a folder. */
export function names(disk: Disk, folder: string): string[] {
  return disk.listSync(folder).map(({ name }) => name);
}
