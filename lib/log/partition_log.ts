/**
 * What a partition's log offers, whatever keeps it: files today, an object store one day. Nothing here speaks of files.
 *
 * @module
 */
import type { MaybePromise } from "../at_once.ts";
import type { Uuid } from "../bytes/mod.ts";
import type { ErrorCode } from "../protocol/error_code.ts";

/** A topic's name and a partition's index. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** How a fetch treats open and aborted transactions (KIP-98). */
export type IsolationLevel = "read-uncommitted" | "read-committed";

/** Who appends. It decides what is validated and what may be changed. */
export type AppendOrigin =
  /** A client's Produce request: everything is validated. */
  | "client"
  /** The group, transaction or share coordinator of this broker. */
  | "coordinator"
  /** The metadata log: the batches carry their offsets and epoch already. */
  | "raft";

/** When an append is answered. */
export type AppendAcks =
  /**
   * Once the operating system has it: it outlives the broker, and a power cut may take it back. Readers see it when the
   * high watermark has passed it, a moment later.
   */
  | "written"
  /** Once it survives a power cut (the broker's `barnabas.flush.on.ack=false` makes it the same as "written"). */
  | "durable";

/** One record that was refused, by its index in the batch. */
export interface RecordError {
  readonly index: number;
  readonly message: string;
}

/** What became of an append. Offsets are -1 where `errorCode` is not NONE. */
export interface AppendResult {
  readonly errorCode: ErrorCode;
  /** For a person; null without an error. */
  readonly errorMessage: string | null;
  /** The records that caused the error, where it is theirs. */
  readonly recordErrors: readonly RecordError[];
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** Milliseconds since the epoch where the topic has `message.timestamp.type=LogAppendTime`, else -1. */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  /** True where an idempotent producer sent the batch before: the offsets are those of the first time. */
  readonly isDuplicate: boolean;
}

/** A transaction that a reader of committed records must leave out: its records from `firstOffset` on. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** What a read found. */
export interface ReadResult {
  /** NONE, OFFSET_OUT_OF_RANGE, KAFKA_STORAGE_ERROR, or CORRUPT_MESSAGE where the batch with the offset is damaged. */
  readonly errorCode: ErrorCode;
  /**
   * Whole batches, the first of which contains the offset asked for; empty at the end of the log. Must not be changed, and
   * not be kept beyond an answer that they are sent in: then their memory is used again.
   */
  readonly records: Uint8Array;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** Null for a reader of uncommitted records. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
}

/** Limits of a read. */
export interface ReadOptions {
  readonly maxBytes: number;
  /** Return the first batch even where it alone exceeds `maxBytes`, so that a reader never starves (KIP-74). */
  readonly atLeastOneBatch: boolean;
  readonly isolationLevel: IsolationLevel;
}

/** A record found by its timestamp; -1 in all fields where there is none. */
export interface TimestampOffset {
  readonly timestamp: number;
  readonly offset: number;
  readonly leaderEpoch: number;
}

/** The header fields of a batch by which it is known again. */
export interface RefusedBatch {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

/** What is known of a producer that writes to the partition. */
export interface ProducerSummary {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  /** -1 where no transaction is open. */
  readonly currentTxnStartOffset: number;
}

/**
 * The configuration that a log obeys: the topic's, with the broker's in its place where the topic has none. Times are
 * milliseconds, sizes bytes.
 */
export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly segmentJitterMs: number;
  readonly segmentIndexBytes: number;
  readonly indexIntervalBytes: number;
  readonly maxMessageBytes: number;
  /** -1 for no limit. */
  readonly retentionBytes: number;
  /** -1 for no limit. */
  readonly retentionMs: number;
  readonly cleanupPolicy: ReadonlySet<"delete" | "compact">;
  /** A compacted log is cleaned when this part of it is dirty, from 0 to 1. */
  readonly minCleanableDirtyRatio: number;
  /** Records younger than this are left as they are. */
  readonly minCompactionLagMs: number;
  /** A compacted log is cleaned, however little of it is dirty, when that has something older than this. */
  readonly maxCompactionLagMs: number;
  /** How long the cleaner keeps tombstones and transaction markers, from when it first comes by. */
  readonly deleteRetentionMs: number;
  readonly compressionType: "producer" | "uncompressed" | "gzip" | "snappy" | "lz4" | "zstd";
  /** The level of the codec that `compressionType` names; undefined for its default. */
  readonly compressionLevel: number | undefined;
  readonly messageTimestampType: "CreateTime" | "LogAppendTime";
  readonly messageTimestampBeforeMaxMs: number;
  readonly messageTimestampAfterMaxMs: number;
  readonly flushMessages: number;
  readonly flushMs: number;
  readonly fileDeleteDelayMs: number;
}

/**
 * One partition. Methods take effect in the order in which they are called, before the call returns; the promises
 * resolve when the result is known. Offsets are `number`s; times are milliseconds since the epoch.
 */
export interface PartitionLog {
  readonly topicPartition: TopicPartition;
  readonly topicId: Uuid;
  /** The first offset that can be read. */
  readonly logStartOffset: number;
  /** The offset up to which records may be shown: all before it survive a power cut. */
  readonly highWatermark: number;
  /** The offset up to which no transaction is open, at most the high watermark. */
  readonly lastStableOffset: number;
  /** The offset that the next record gets. */
  readonly logEndOffset: number;
  /** The leader epoch that appended batches carry. */
  readonly leaderEpoch: number;
  /** Bytes of all segments. */
  readonly sizeInBytes: number;
  readonly config: LogConfig;
  /** True once nothing is appended or read any more: it was closed or deleted, or its device has failed. */
  readonly isEnded: boolean;

  /**
   * Appends the batches in `records`, which must be whole and is written as it stands but for base offset and leader
   * epoch, set in place. All of it or nothing of it is appended, before the call returns; only the answer may wait.
   */
  append(records: Uint8Array, options: { origin: AppendOrigin; acks: AppendAcks }): MaybePromise<AppendResult>;
  /** Reads from the batch that contains `offset` on, up to the bound of the isolation level. */
  read(offset: number, options: ReadOptions): Promise<ReadResult>;
  /**
   * The first record whose timestamp is `timestamp` or later, up to the end of the log; the caller compares it with
   * what may be shown. Rejects with a `DiskError`, a `DecodeError` or an `UnsupportedCompressionError` where the
   * records cannot be looked at.
   */
  offsetForTimestamp(timestamp: number): Promise<TimestampOffset>;
  /** The first record with the greatest timestamp (KIP-734), otherwise as {@linkcode offsetForTimestamp}. */
  offsetOfMaxTimestamp(): Promise<TimestampOffset>;
  /**
   * The end of an epoch: the largest epoch that is not above the one asked for, and the offset where the next began; -1
   * and -1 where there is none (KIP-101).
   */
  endOffsetForEpoch(leaderEpoch: number): { leaderEpoch: number; endOffset: number };
  /** The leader epoch of the record at `offset`; -1 where none is known. */
  epochForOffset(offset: number): number;
  /**
   * Moves the log start offset; the records before it are gone for readers at once. Returns the new log start offset,
   * or OFFSET_OUT_OF_RANGE.
   */
  deleteRecordsBefore(offset: number): Promise<{ errorCode: ErrorCode; logStartOffset: number }>;
  /** Starts a new leader epoch: batches appended from now on carry it. */
  beginLeaderEpoch(leaderEpoch: number): void;
  /** Applies a changed configuration from the next append on. */
  configure(config: LogConfig): void;
  /** The producers that are known now. */
  producers(): ProducerSummary[];
  /**
   * Takes note of a producer's batch that is refused before it is appended: what follows it must not take its place,
   * though the producer is not known yet, and might begin anywhere.
   */
  noteRefused(batch: RefusedBatch): void;
  /** What is known of one producer; undefined where it has not written, or is forgotten. */
  producer(producerId: bigint): ProducerSummary | undefined;
  /**
   * Calls `listener` whenever the high watermark, the last stable offset or the log start offset has moved, or the log
   * has gone, until `stop` is called.
   */
  watch(listener: () => void): { stop(): void };
}
