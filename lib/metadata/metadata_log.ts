/**
 * The metadata log of a single node: `__cluster_metadata-0`, with its snapshots and its `quorum-state`.
 *
 * A node alone is its own majority: it leads from its start, in an epoch of its own, and what is on its disk is
 * committed (KIP-595).
 *
 * In: a folder as Apache Kafka or this broker left it. Out: the image that it adds up to, and appends that are
 * durable when they are answered.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { METADATA_TOPIC_ID, type Uuid, ZERO_UUID } from "../bytes/mod.ts";
import {
  formatPartitionMetadata,
  PARTITION_METADATA_FILE,
  readTextSync,
  replaceFile,
} from "../log/checkpoint_files.ts";
import type { FileLog } from "../log/file_log.ts";
import type { Clock, Compressor, Disk, Logger, Random, Timers } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { MetadataRecord } from "../protocol/records/logs.ts";
import { type BatchPlace, encodeBatches, encodeControlBatch, LOG_BATCH_LIMITS } from "./batch.ts";
import type { ControlRecord, Voters } from "./control_record.ts";
import { KRAFT_VERSION, SUPPORTED_FEATURES } from "./features.ts";
import type { MetadataImage } from "./image/image.ts";
import { type LoadedMetadata, loadMetadata } from "./metadata_loader.ts";
import { formatQuorumState, parseQuorumState, QUORUM_STATE, type QuorumState } from "./quorum_state.ts";
import { metadataRecord } from "./record.ts";
import { type Quorum, quorumRecords } from "./snapshot.ts";
import { type SnapshotSettings, SnapshotWriter } from "./snapshot_writer.ts";

/** The world that the metadata log sees. */
export interface MetadataLogPorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly compressor: Compressor;
}

/** The settings of the log. */
export interface MetadataLogSettings extends SnapshotSettings {
  /** `metadata.log.segment.bytes` */
  readonly segmentBytes: number;
}

/** Apache Kafka's settings, but for smaller segments: only whole ones can be deleted. */
export const DEFAULT_LOG_SETTINGS: MetadataLogSettings = {
  maxBytesBetweenSnapshots: 20 * 1024 * 1024,
  retentionBytes: 100 * 1024 * 1024,
  retentionMs: 7 * 86_400_000,
  segmentBytes: 20 * 1024 * 1024,
};

/** What {@linkcode MetadataLog.open} needs. */
export interface MetadataLogOptions extends MetadataLogPorts {
  /** The folder `__cluster_metadata-0`. */
  readonly folder: string;
  readonly nodeId: number;
  /** The id of the folder above, by which a dynamic quorum knows its voter. */
  readonly directoryId: Uuid;
  readonly settings?: Partial<MetadataLogSettings>;
}

/** The log, opened and led by this node. One append at a time: the next may begin when the one before is answered. */
export class MetadataLog {
  readonly #options: MetadataLogOptions;
  readonly #log: FileLog;
  readonly #snapshots: SnapshotWriter;
  /** What the log adds up to; whoever appends replays. */
  readonly image: MetadataImage;
  /** The epoch in which this node leads. */
  readonly epoch: number;
  #quorum: Quorum;
  #lastTimestamp: number;

  private constructor(options: MetadataLogOptions, loaded: LoadedMetadata, epoch: number) {
    this.#options = options;
    this.#log = loaded.log;
    this.image = loaded.image;
    this.epoch = epoch;
    this.#quorum = loaded.quorum ?? STATIC_QUORUM;
    this.#lastTimestamp = loaded.lastTimestamp;
    const settings = { ...DEFAULT_LOG_SETTINGS, ...options.settings };
    this.#snapshots = new SnapshotWriter(options, loaded.log, settings, loaded.snapshots, loaded.bytesSinceSnapshot);
  }

  /**
   * Opens the log, adds it up to an image, and begins a new epoch.
   *
   * @throws {Error} where the log is damaged, where a newer broker has written it, or where it belongs to a quorum of
   *   more nodes
   * @throws {DiskError}
   */
  static async open(options: MetadataLogOptions): Promise<MetadataLog> {
    const { disk, folder, settings } = options;
    disk.makeFolderSync(folder);
    const statePath = `${folder}/${QUORUM_STATE}`;
    const stateText = readTextSync(disk, statePath);
    const state = stateText === null ? null : parseQuorumState(stateText, statePath);
    const segmentBytes = settings?.segmentBytes ?? DEFAULT_LOG_SETTINGS.segmentBytes;
    const loaded = await loadMetadata({ ...options, segmentBytes });
    checkQuorum(options, state, loaded.quorum ?? STATIC_QUORUM);
    const log = new MetadataLog(options, loaded, Math.max(loaded.epoch, state?.leaderEpoch ?? 0) + 1);
    await log.#beginEpoch(loaded);
    return log;
  }

  /** The offset that the next record gets. */
  get endOffset(): number {
    return this.#log.logEndOffset;
  }

  /** The first offset that the log still has. */
  get startOffset(): number {
    return this.#log.logStartOffset;
  }

  /** How the quorum keeps its one voter. */
  get quorum(): Quorum {
    return this.#quorum;
  }

  /**
   * Appends records, which take effect together: in one batch where the limits of batches allow, else in a
   * transaction, where metadata.version allows that. Resolves when they would survive a power cut.
   *
   * @throws {MetadataStorageError} with nothing in effect
   */
  async append(records: readonly MetadataRecord[], { transactions }: { transactions: boolean }): Promise<void> {
    this.#options.logger.debug?.(`Appends to the metadata log: ${records.map(({ name }) => name).join(", ")}`);
    const batches = this.#encode(records);
    await this.#appendBatches(
      batches.length <= 1 || !transactions
        ? batches
        : this.#encode([metadataRecord("BeginTransactionRecord", {}), ...records, END_TRANSACTION]),
    );
  }

  /**
   * Writes a snapshot in the background where one is due, and deletes what it replaces. All that was appended must
   * have been replayed.
   */
  maybeSnapshot(): void {
    const { image, endOffset, epoch, quorum } = this;
    this.#snapshots.maybeStart({ image, quorum, endOffset, epoch, lastTimestamp: this.#lastTimestamp });
  }

  /** Resolves when no snapshot is being written any more, and the files are as after a clean stop. */
  async close(): Promise<void> {
    await this.#snapshots.close();
    this.#cutForeignBytes();
    await this.#log.close();
  }

  /**
   * What a new leader does: it notes its epoch first, so that it never leads the same one twice, and tells of it in
   * the log. The voters of a dynamic quorum follow where the log does not have them yet, or not as they are.
   */
  async #beginEpoch({ hasLoggedVoters, hasOpenTransaction }: LoadedMetadata): Promise<void> {
    const { disk, folder, nodeId } = this.#options;
    const voters = this.#currentVoters();
    const staticVoters = voters === null ? [nodeId] : null;
    const state: QuorumState = { leaderEpoch: this.epoch, leaderId: nodeId, staticVoters };
    await replaceFile(disk, `${folder}/${QUORUM_STATE}`, formatQuorumState(state));
    if (disk.statSync(`${folder}/${PARTITION_METADATA_FILE}`) === null) {
      await replaceFile(disk, `${folder}/${PARTITION_METADATA_FILE}`, formatPartitionMetadata(METADATA_TOPIC_ID));
    }
    const records: ControlRecord[] = [leaderChange(nodeId)];
    if (voters !== this.#quorum.voters || (voters !== null && !hasLoggedVoters)) {
      this.#quorum = { ...this.#quorum, voters };
      records.push(...quorumRecords(this.#quorum));
    }
    this.#log.beginLeaderEpoch(this.epoch);
    await this.#appendBatches([encodeControlBatch(records, this.#place())]);
    if (hasOpenTransaction) {
      await this.append([metadataRecord("AbortTransactionRecord", {})], { transactions: false });
    }
    // The segment may be new: its name must survive, too.
    await disk.syncFolder(folder);
  }

  /** The voters, with the id that this node's folder has now. */
  #currentVoters(): Voters | null {
    const { voters } = this.#quorum;
    const { directoryId } = this.#options;
    if (voters === null || voters[0].voterDirectoryId === directoryId) return voters;
    const { min, max } = SUPPORTED_FEATURES[KRAFT_VERSION];
    const kRaftVersionFeature = { minSupportedVersion: min, maxSupportedVersion: max };
    return [{ ...voters[0], voterDirectoryId: directoryId, kRaftVersionFeature }];
  }

  #place(): BatchPlace {
    return { baseOffset: this.endOffset, epoch: this.epoch, nowMs: this.#options.clock.now() };
  }

  #encode(records: readonly MetadataRecord[]): Uint8Array[] {
    return [...encodeBatches(records, this.#place(), LOG_BATCH_LIMITS)].map(({ bytes }) => bytes);
  }

  /** All of the batches or none: in one write. */
  async #appendBatches(batches: readonly Uint8Array[]): Promise<void> {
    const bytes = concat(batches);
    this.#lastTimestamp = this.#options.clock.now();
    this.#cutForeignBytes();
    const { errorCode, errorMessage } = await this.#log.append(bytes, { origin: "raft", acks: "durable" });
    if (errorCode !== ErrorCode.NONE) {
      throw new MetadataStorageError(
        `Cannot append to the metadata log in ${this.#options.folder}: ${errorMessage}`,
      );
    }
    this.#snapshots.noteAppend(bytes.length);
  }

  /** Apache Kafka opens and leads the metadata log before it finds that another broker has locked the folder. */
  #cutForeignBytes(): void {
    const { folder, logger } = this.#options;
    const count = this.#log.cutForeignBytes();
    if (count === 0) return;
    logger.warn(
      `Cut ${count} bytes off the metadata log in ${folder}, which another process has written. ` +
        "Was Apache Kafka started on the folder, too?",
    );
  }
}

/**
 * The metadata log did not take an append: nothing of it is in effect. On a full disk the next may succeed; on one that has failed
 * none will.
 */
export class MetadataStorageError extends Error {
  override name = "MetadataStorageError";
}

const STATIC_QUORUM: Quorum = { kraftVersion: 0, voters: null };
const END_TRANSACTION = metadataRecord("EndTransactionRecord", {});

/** Apache Kafka writes version 0, in which voters have no directory ids, for dynamic quorums too. */
function leaderChange(nodeId: number): ControlRecord {
  const voters = [{ voterId: nodeId, voterDirectoryId: ZERO_UUID }];
  return { name: "LEADER_CHANGE", value: { version: 0, leaderId: nodeId, voters, grantingVoters: voters } };
}

/** Refuses a log that other nodes have a say in: they would go on without this one, and the logs would part ways. */
function checkQuorum(
  { folder, nodeId }: MetadataLogOptions,
  state: QuorumState | null,
  { kraftVersion, voters }: Quorum,
): void {
  const { max } = SUPPORTED_FEATURES[KRAFT_VERSION];
  if (kraftVersion > max) {
    throw new Error(`Cannot use ${folder}: its ${KRAFT_VERSION} is ${kraftVersion}, this broker knows 0 to ${max}`);
  }
  const ids = voters?.map(({ voterId }) => voterId) ?? state?.staticVoters ?? [];
  if (ids.length === 0 || (ids.length === 1 && ids[0] === nodeId)) return;
  throw new Error(
    `Cannot use ${folder}: its quorum has the voter${ids.length > 1 ? "s" : ""} ${
      ids.join(", ")
    }, this node is ${nodeId}. ` +
      "Only the folder of a node that is alone in its quorum can be taken over",
  );
}
