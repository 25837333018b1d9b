/**
 * Reading a log from its files, while the cleaner and retention may take some of them away, and the disk may fail.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import { DiskError } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { ReadLimits } from "./batch_extent.ts";
import type { LogContext } from "./log_context.ts";
import type { LogFolder } from "./log_folder.ts";
import type { LogSegments } from "./log_segments.ts";
import { type Segment, SegmentGoneError } from "./segment.ts";

/** The log as its readers see it. */
export interface ReadLog {
  readonly folder: LogFolder;
  readonly logStartOffset: number;
  readonly isEnded: boolean;
}

/** Batches from the files; null where there are none behind the offset. */
export type FileBatches = { readonly bytes: Uint8Array; readonly nextOffset: number } | null;

/** The readers of one log, who have in common what was told of them last. */
export class LogReader {
  readonly #context: LogContext;
  readonly #log: ReadLog;
  readonly #segments: LogSegments;
  /** So that one who asks again and again is not heard of each time. */
  #lastError = "";

  constructor(context: LogContext, log: ReadLog, segments: LogSegments) {
    this.#context = context;
    this.#log = log;
    this.#segments = segments;
  }

  /**
   * Whole batches from the one that contains `offset` on; or an error code.
   *
   * @throws {SegmentGoneError} where the segments that there are now are to be read, or the offset is gone
   */
  async read(offset: number, limits: ReadLimits): Promise<FileBatches | ErrorCode> {
    try {
      for (const segment of this.#segments.from(offset)) {
        const found = await segment.read(offset, limits);
        if (found !== null) return found;
      }
      return null;
    } catch (error) {
      if (!(error instanceof DiskError || error instanceof DecodeError)) throw error;
      if (offset < this.#log.logStartOffset) return ErrorCode.OFFSET_OUT_OF_RANGE;
      this.#warnOf(error);
      // A consumer asks for a damaged batch again and again: with CORRUPT_MESSAGE Kafka's clients give up and say where.
      return error instanceof DecodeError ? ErrorCode.CORRUPT_MESSAGE : ErrorCode.KAFKA_STORAGE_ERROR;
    }
  }

  /** Looks for something, anew where the cleaner or retention takes segments away meanwhile. */
  async search<T>(look: (segments: readonly Segment[]) => Promise<T>): Promise<T> {
    for (;;) {
      const segments = this.#segments.all;
      try {
        return await look(segments);
      } catch (error) {
        if (error instanceof DiskError || error instanceof DecodeError) this.#warnOf(error);
        if (!(error instanceof SegmentGoneError) || this.#segments.all === segments) throw error;
      }
    }
  }

  #warnOf(error: DiskError | DecodeError): void {
    const line = `Cannot read a record of ${this.#log.folder.path}: ${error.message}`;
    if (!this.#log.isEnded && line !== this.#lastError) this.#context.logger.warn(line);
    this.#lastError = line;
  }
}
