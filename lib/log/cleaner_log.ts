/**
 * A log as the cleaner sees it.
 *
 * @module
 */
import { DiskError } from "../ports.ts";
import type { ProducerEnd } from "./cleaner_filter.ts";
import type { CleanedSegment } from "./cleaner_segment.ts";
import type { LogContext } from "./log_context.ts";
import type { LogFolder } from "./log_folder.ts";
import type { LogConfig, TopicPartition } from "./partition_log.ts";
import type { Segment } from "./segment.ts";
import type { AbortedTxn } from "./transaction_index.ts";

/** What is to be cleaned cannot be read. */
export class UnreadableLogError extends Error {
  override name = "UnreadableLogError";
}

/**
 * Tells a failure to read from one to write: after the first the files are what they were, and may be read another time.
 *
 * @throws {UnreadableLogError} in the place of a `DiskError`
 */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unreadable(error);
  }
}

/** The error to throw for one that was met while reading. */
export function unreadable(error: unknown): unknown {
  return error instanceof DiskError ? new UnreadableLogError(error.message, { cause: error }) : error;
}

/** Implemented by `FileLog`. */
export interface CleanableLog {
  readonly topicPartition: TopicPartition;
  readonly config: LogConfig;
  readonly context: LogContext;
  readonly folder: LogFolder;
  /** In order, the last one active. */
  readonly segments: readonly Segment[];
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  /** Nothing from here on may be cleaned: it is not stable yet, or a crash could ask for it as it was written. */
  readonly cleanableEndOffset: number;
  /** True where the log is closed, deleted or failed. */
  readonly isEnded: boolean;

  /** The device has failed, and what it has is not known: the log and its directory are offline from now on. */
  failDevice(error: DiskError): void;
  /** The end of each producer that is known now. */
  producerEnds(): Map<bigint, ProducerEnd>;
  /** The aborted transactions with records from `startOffset` up to `endOffset`. */
  abortedTransactions(startOffset: number, endOffset: number): AbortedTxn[];
  /**
   * Puts a cleaned segment in the place of others, which follow one another and the first of which begins with the same offset. Resolves to
   * false where the log no longer has them, and nothing was changed.
   */
  replaceSegments(replaced: readonly Segment[], cleaned: CleanedSegment): Promise<boolean>;
}
