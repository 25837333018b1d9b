/**
 * Data folders: whose they are, and how an empty one becomes a cluster's.
 *
 * A new folder gets the form of a dynamic quorum of one (KIP-853): Apache Kafka takes that over both with
 * `controller.quorum.voters` and with `controller.quorum.bootstrap.servers` in its configuration, while the form of a
 * static quorum serves the first alone.
 *
 * In: the folders of `log.dirs`. Out: their {@linkcode FolderIdentity}; all of them carry `meta.properties` then.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import { readTextSync, replaceFile } from "../log/checkpoint_files.ts";
import { type Disk, DiskError, type Random } from "../ports.ts";
import type { MetadataRecord } from "../protocol/records/logs.ts";
import type { Voters } from "./control_record.ts";
import { BOOTSTRAP_CHECKPOINT, encodeBootstrap, encodeSnapshot } from "./snapshot.ts";
import { SUPPORTED_FEATURES } from "./features.ts";
import { defaultFeatureRecords } from "./bootstrap.ts";
import {
  formatMetaProperties,
  META_PROPERTIES,
  type MetaProperties,
  MetaPropertiesError,
  parseMetaProperties,
} from "./meta_properties.ts";
import { randomUuid } from "./random_uuid.ts";
import { snapshotFileName } from "./snapshot_files.ts";

/** The folder of the metadata log, in the first folder of `log.dirs`, or in `metadata.log.dir`. */
export const METADATA_LOG_FOLDER = "__cluster_metadata-0";

/** What {@linkcode prepareFolders} needs. */
export interface FolderOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** `log.dirs`, one or more. */
  readonly dataDirs: readonly string[];
  /** `metadata.log.dir`; by default the first of `dataDirs`. */
  readonly metadataDir?: string;
  /** What the folders must belong to, and what a new one is given; by default whatever they say, and a random one. */
  readonly clusterId?: string;
  /** Likewise; by default 1 for a new folder. */
  readonly nodeId?: number;
  /** What the metadata log of a new cluster begins with, beside the levels of its features. */
  readonly records?: readonly MetadataRecord[];
}

/** Whose the folders are. */
export interface FolderIdentity {
  readonly clusterId: string;
  readonly nodeId: number;
  /** The id of each folder of `dataDirs`, in their order. */
  readonly directoryIds: readonly Uuid[];
  /** The id of the folder that has the metadata log. */
  readonly metadataDirectoryId: Uuid;
  /** True where the metadata log's folder was empty before. */
  readonly isNew: boolean;
}

/**
 * Where Apache Kafka's own controller would listen. Nobody asks there; it writes its own address when it takes the
 * folder over.
 */
const CONTROLLER_ENDPOINT = { name: "CONTROLLER", host: "localhost", port: 9093 };

/**
 * Makes sure that all folders are there and belong to one node of one cluster, formatting what is empty. A crash
 * midway leaves a folder either not formatted or formatted: `meta.properties` is what says so, and is put in its
 * place last.
 *
 * @throws {MetaPropertiesError} where the folders cannot be used together, or not by this node
 * @throws {DiskError} where a folder cannot be read or written
 */
export async function prepareFolders(options: FolderOptions): Promise<FolderIdentity> {
  const { disk, dataDirs, metadataDir = dataDirs[0] } = options;
  const folders = [...new Set([metadataDir, ...dataDirs])];
  const found = new Map<string, Partial<MetaProperties>>();
  for (const folder of folders) {
    disk.makeFolderSync(folder);
    const path = `${folder}/${META_PROPERTIES}`;
    const text = readTextSync(disk, path);
    if (text !== null) found.set(folder, parseMetaProperties(text, path));
  }
  const isNew = !found.has(metadataDir);
  if (isNew) checkEmpty(disk, metadataDir, [...found.keys()]);
  const clusterId = agree("cluster.id", "clusterId", found, options.clusterId) ?? randomUuid(options.random);
  const nodeId = agree("node.id", "nodeId", found, options.nodeId) ?? 1;
  checkDirectoryIds(found);
  const ids = new Map<string, Uuid>();
  for (const folder of folders) {
    const directoryId = found.get(folder)?.directoryId ?? randomUuid(options.random);
    ids.set(folder, directoryId);
    const identity = { clusterId, nodeId, directoryId };
    if (isNew && folder === metadataDir) await writeMetadata(options, metadataDir, identity);
    if (isComplete(found.get(folder))) continue;
    await syncAncestors(disk, folder);
    await replaceFile(disk, `${folder}/${META_PROPERTIES}`, formatMetaProperties(identity));
  }
  return {
    clusterId,
    nodeId,
    directoryIds: dataDirs.map((folder) => ids.get(folder)!),
    metadataDirectoryId: ids.get(metadataDir)!,
    isNew,
  };
}

/**
 * A folder that is formatted now may have been made just now, and those above it as well: without their names a power
 * cut takes all that will be in it. One that this process may not read is none that it has made.
 */
async function syncAncestors(disk: Disk, folder: string): Promise<void> {
  for (let path = folder; path !== parentOf(path); path = parentOf(path)) {
    try {
      await disk.syncFolder(parentOf(path));
    } catch (error) {
      if (error instanceof DiskError && error.kind === "permission") return;
      throw error;
    }
  }
}

function parentOf(path: string): string {
  const parent = path.replace(/\/+[^/]*\/*$/, "");
  if (parent !== path) return parent === "" ? "/" : parent;
  return path.startsWith("/") ? "/" : ".";
}

/** The first snapshot of the quorum, with its one voter, and the records that its first leader is to append. */
async function writeMetadata(
  { disk, nowMs, records = [] }: FolderOptions,
  metadataDir: string,
  { nodeId, directoryId }: MetaProperties,
): Promise<void> {
  const { min, max } = SUPPORTED_FEATURES["kraft.version"];
  const voters: Voters = [{
    voterId: nodeId,
    voterDirectoryId: directoryId,
    endpoints: [CONTROLLER_ENDPOINT],
    kRaftVersionFeature: { minSupportedVersion: min, maxSupportedVersion: max },
  }];
  const end = { endOffset: 0, epoch: 0 };
  const snapshot = encodeSnapshot({
    ...end,
    lastContainedLogTimestamp: nowMs,
    quorum: { kraftVersion: 1, voters },
    records: [],
    nowMs,
  });
  const folder = `${metadataDir}/${METADATA_LOG_FOLDER}`;
  disk.makeFolderSync(folder);
  await replaceFile(disk, `${folder}/${snapshotFileName(end)}`, snapshot);
  const bootstrap = encodeBootstrap([...defaultFeatureRecords(), ...records], nowMs);
  await replaceFile(disk, `${metadataDir}/${BOOTSTRAP_CHECKPOINT}`, bootstrap);
}

/** Refuses to take a folder for new that has somebody's data in it. */
function checkEmpty(disk: Disk, metadataDir: string, formatted: readonly string[]): void {
  const elsewhere = formatted.find((folder) => disk.statSync(`${folder}/${METADATA_LOG_FOLDER}`) !== null);
  if (elsewhere !== undefined) {
    throw new MetaPropertiesError(
      `Cannot use ${metadataDir} for the metadata log, which is in ${elsewhere}: name that folder first in log.dirs, ` +
        "or in metadata.log.dir",
    );
  }
  if (formatted.length > 0) {
    throw new MetaPropertiesError(
      `Cannot use ${metadataDir}: it is empty, while ${formatted[0]} belongs to a cluster. Is the disk missing?`,
    );
  }
  const data = disk.listSync(metadataDir).find(({ name, isFolder }) =>
    isFolder && (name === METADATA_LOG_FOLDER ? hasLog(disk, `${metadataDir}/${name}`) : /.-\d+$/.test(name))
  );
  if (data !== undefined) {
    throw new MetaPropertiesError(
      `Cannot use ${metadataDir}: it has the data folder ${data.name} and no ${META_PROPERTIES} that says whose it is` +
        ". Restore that file, or name an empty folder",
    );
  }
}

function hasLog(disk: Disk, folder: string): boolean {
  return disk.listSync(folder).some(({ name }) =>
    name.endsWith(".log") && disk.statSync(`${folder}/${name}`)!.size > 0
  );
}

/** What all folders and the configuration say, or undefined where they say nothing. */
function agree<K extends "clusterId" | "nodeId">(
  property: string,
  key: K,
  found: ReadonlyMap<string, Partial<MetaProperties>>,
  configured: MetaProperties[K] | undefined,
): MetaProperties[K] | undefined {
  let agreed: { value: MetaProperties[K]; folder: string } | undefined;
  for (const [folder, properties] of found) {
    const value = properties[key];
    if (value === undefined) continue;
    if (agreed !== undefined && agreed.value !== value) {
      throw new MetaPropertiesError(
        `Cannot use ${folder} with ${agreed.folder}: ${property} is ${value} in one and ${agreed.value} in the other`,
      );
    }
    agreed = { value, folder };
  }
  if (agreed !== undefined && configured !== undefined && configured !== agreed.value) {
    throw new MetaPropertiesError(
      `Cannot use ${agreed.folder}: its ${property} is ${agreed.value}, configured is ${configured}. ` +
        `Leave ${property} out of the configuration, or name another folder`,
    );
  }
  return agreed?.value ?? configured;
}

function checkDirectoryIds(found: ReadonlyMap<string, Partial<MetaProperties>>): void {
  const folders = new Map<Uuid, string>();
  for (const [folder, { directoryId }] of found) {
    if (directoryId === undefined) continue;
    const other = folders.get(directoryId);
    if (other !== undefined) {
      throw new MetaPropertiesError(
        `Cannot use ${folder} with ${other}: both have the directory.id ${directoryId}, so one is a copy of the other`,
      );
    }
    folders.set(directoryId, folder);
  }
}

function isComplete(properties: Partial<MetaProperties> | undefined): boolean {
  return properties?.clusterId !== undefined && properties.nodeId !== undefined && properties.directoryId !== undefined;
}
