/**
 * What a log answers to appends and reads, where that is not the records themselves.
 *
 * @module
 */
import { ErrorCode } from "../protocol/error_code.ts";
import type { AppendRefusal } from "./append_plan.ts";
import type { AppendResult, ReadResult } from "./partition_log.ts";

export const NO_RECORDS = new Uint8Array(0);

/** An answer without an error but for what `fields` say. */
export function appendResult(logStartOffset: number, fields: Partial<AppendResult>): AppendResult {
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    recordErrors: [],
    baseOffset: -1,
    lastOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset,
    isDuplicate: false,
    ...fields,
  };
}

/** Errors for which Apache Kafka's answers lack the log start offset. */
const WITHOUT_LOG_START: ReadonlySet<ErrorCode> = new Set([
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.KAFKA_STORAGE_ERROR,
]);

/** The answer to an append that was refused. */
export function refusedAppend(logStartOffset: number, refusal: AppendRefusal): AppendResult {
  return appendResult(WITHOUT_LOG_START.has(refusal.errorCode) ? -1 : logStartOffset, refusal);
}

/** Why nothing is appended while the disk fails. */
export function storageFailure(errorMessage: string): AppendRefusal {
  return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, errorMessage, recordErrors: [] };
}

/** The answer to a read that found nothing to give. */
export function failedRead(errorCode: ErrorCode): ReadResult {
  return {
    errorCode,
    records: NO_RECORDS,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: null,
  };
}
