/**
 * What the start of a broker appends to the metadata log: what a new log begins with, its registration, and the lead
 * of its partitions.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import { CLEAN_SHUTDOWN_FILE, folderNameOf, readFileSync, readTextSync } from "../log/checkpoint_files.ts";
import type { Compressor, Disk, Random } from "../ports.ts";
import type { MetadataRecord } from "../protocol/records/logs.ts";
import { bootstrapRecords, defaultFeatureRecords } from "./bootstrap.ts";
import { type Endpoint, leadPartitions, registerBroker } from "./decide/brokers.ts";
import { assignDirectories } from "./decide/directories.ts";
import { METADATA_VERSION, SUPPORTED_FEATURES } from "./features.ts";
import type { FolderIdentity } from "./format.ts";
import type { MetadataImage } from "./image/image.ts";
import type { MetadataLog } from "./metadata_log.ts";
import { randomUuid } from "./random_uuid.ts";
import { BOOTSTRAP_CHECKPOINT, decodeSnapshot } from "./snapshot.ts";

/** What the start needs to know beside the log. */
export interface StartOptions {
  readonly disk: Disk;
  readonly random: Random;
  readonly compressor: Compressor;
  readonly dataDirs: readonly string[];
  readonly metadataDir: string;
  readonly endpoints: readonly Endpoint[];
  readonly rack?: string | null;
}

/**
 * The changes of a start, each decided when the one before it is in effect.
 *
 * @throws {Error} with one line for a person where the log has a feature at a level that this broker does not know
 */
export function* startRecords(
  log: MetadataLog,
  identity: FolderIdentity,
  options: StartOptions,
): Generator<readonly MetadataRecord[]> {
  const { image } = log;
  checkFeatures(image, options.metadataDir);
  if (image.metadataVersion === 0) {
    yield bootstrapRecords(formattedRecords(options), image);
    checkFeatures(image, options.metadataDir);
  }
  const wasClean = stoppedCleanly(image, identity.nodeId, options);
  const brokerEpoch = BigInt(log.endOffset);
  yield [
    registerBroker(image, {
      nodeId: identity.nodeId,
      incarnationId: randomUuid(options.random),
      brokerEpoch,
      endpoints: options.endpoints,
      rack: options.rack ?? null,
      directoryIds: identity.directoryIds,
    }),
    ...leadPartitions(image, identity.nodeId, { wasClean }),
  ];
  yield [...assignDirectories(image, identity, (topic, partition) => locate(topic, partition, identity, options))];
}

/** What formatting has left for the first leader; the defaults where it has left nothing. */
function formattedRecords({ disk, compressor, metadataDir }: StartOptions): readonly MetadataRecord[] {
  const path = `${metadataDir}/${BOOTSTRAP_CHECKPOINT}`;
  const bytes = readFileSync(disk, path);
  if (bytes === null) return defaultFeatureRecords();
  try {
    return decodeSnapshot(bytes, compressor).records;
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function checkFeatures(image: MetadataImage, metadataDir: string): void {
  for (const [name, level] of image.features) {
    const range = SUPPORTED_FEATURES[name];
    if (range !== undefined && level >= range.min && level <= range.max) continue;
    const known = range === undefined ? "not this feature" : `levels ${range.min} to ${range.max}`;
    const advice = name === METADATA_VERSION && level < range.min
      ? "upgrade it with Apache Kafka 3.3 or newer first"
      : "a newer version of Kafka has written it";
    throw new Error(`Cannot use ${metadataDir}: its ${name} is ${level}, and this broker knows ${known}; ${advice}`);
  }
}

/**
 * True where no record can have been lost since the broker's last registration: every data folder says that the one
 * of that epoch was stopped cleanly. A broker that has never registered has not lost anything either.
 */
function stoppedCleanly(image: MetadataImage, nodeId: number, { disk, dataDirs }: StartOptions): boolean {
  const broker = image.brokers.get(nodeId);
  if (broker === undefined) return true;
  return dataDirs.every((folder) => {
    const text = readTextSync(disk, `${folder}/${CLEAN_SHUTDOWN_FILE}`) ?? "";
    const epoch = /"brokerEpoch"\s*:\s*(-?\d+)/.exec(text)?.[1];
    return epoch !== undefined && BigInt(epoch) === broker.brokerEpoch;
  });
}

/** The id of the data folder that has a partition's folder; null where none has. */
function locate(
  topic: string,
  partition: number,
  { directoryIds }: FolderIdentity,
  { disk, dataDirs }: StartOptions,
): Uuid | null {
  const name = folderNameOf({ topic, partition });
  const index = dataDirs.findIndex((folder) => disk.statSync(`${folder}/${name}`) !== null);
  return index === -1 ? null : directoryIds[index];
}
