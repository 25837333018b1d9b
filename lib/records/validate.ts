/**
 * What a log checks before it appends what a client sent, and what it changes: Kafka's `LogValidator`.
 *
 * Nearly every batch is judged by its header, its checksum and the configuration alone. Its records are decoded where
 * one of these needs them: a compacted topic wants keys, timestamps may be out of range, the topic wants another
 * compression, or the format is an old one. Kafka decodes always, and so finds records that are malformed though the
 * checksum is right; here that is left to the readers.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import type { LogConfig, RecordError, TopicPartition } from "../log/partition_log.ts";
import type { Compressor } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { CompressionType } from "./attributes.ts";
import { BATCH_HEADER_BYTES, RecordBatch } from "./batch.ts";
import { type Batch, batchAt, batchesOf } from "./batches.ts";
import { type BatchOptions, RecordBatchBuilder } from "./builder.ts";
import { CorruptBatchError } from "./corrupt.ts";
import type { LogRecord } from "./record.ts";
import { LEAST_RECORD_BYTES } from "./record_cursor.ts";
import { decompressedPayload, recordsIn, recordsOf, UnsupportedCompressionError } from "./records_of.ts";

/** Where and when something is appended. */
export interface AppendContext {
  readonly topicPartition: TopicPartition;
  readonly config: LogConfig;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly compressor: Compressor;
}

/** What is to be appended. */
export interface ValidAppend {
  readonly rejection: null;
  /** One batch of magic 2 at base offset 0. It is a view of what the client sent wherever that could be kept. */
  readonly batch: RecordBatch;
  /** The time that was stamped on the batch, milliseconds since the epoch; -1 where the topic has CreateTime. */
  readonly logAppendTimeMs: number;
}

/** Why nothing is appended, as the fields of the answer. */
export interface Rejection {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
  /** The records that are at fault, {@linkcode MAX_RECORD_ERRORS} of them at most. */
  readonly recordErrors: readonly RecordError[];
}

/**
 * The most records that are named in an answer. Kafka names them all, which can make an answer of many times the
 * request.
 */
export const MAX_RECORD_ERRORS = 1000;

/**
 * Checks what a client wants to append, and makes of it what the topic's configuration asks for. `records` is changed
 * in place where the time of appending is stamped. Messages of magic 0 and 1 are converted to one batch of magic 2.
 *
 * Faults of the client are returned, with Kafka's codes and words for them:
 *
 * | error | fault |
 * | --- | --- |
 * | CORRUPT_MESSAGE | length, magic or checksum wrong; bytes left over, which Kafka drops without a word |
 * | INVALID_RECORD | no batch, or several; a base offset other than 0; offsets and count at odds |
 * | INVALID_RECORD | the control flag; a producer id without sequence number; records that are malformed |
 * | INVALID_RECORD, with record errors | records without key in a compacted topic |
 * | INVALID_TIMESTAMP, with record errors | timestamps out of range, or LogAppendTime claimed |
 * | MESSAGE_TOO_LARGE | a batch above `max.message.bytes` |
 * | RECORD_LIST_TOO_LARGE | a batch above `segment.bytes` |
 * | UNSUPPORTED_COMPRESSION_TYPE | no such codec, or this runtime lacks it while records must be decoded |
 */
export function validateAppend(
  records: Uint8Array,
  context: AppendContext,
): ValidAppend | { readonly rejection: Rejection } {
  try {
    const batches = checkedBatches(records, context);
    const batch = batches[0].magic === 2 ? validateBatch(batches[0], context) : convert(batches, context);
    checkSegmentSize(batch, context);
    const isStamped = context.config.messageTimestampType === "LogAppendTime";
    return { rejection: null, batch, logAppendTimeMs: isStamped ? context.nowMs : -1 };
  } catch (error) {
    return { rejection: rejectionOf(error) };
  }
}

/** A fault of the client, on its way to the one place where faults become answers. */
class Rejected extends Error {
  constructor(readonly errorCode: ErrorCode, message: string, readonly recordErrors: readonly RecordError[] = []) {
    super(message);
  }
}

/** @throws whatever is no fault of the client */
function rejectionOf(error: unknown): Rejection {
  if (error instanceof Rejected) {
    return { errorCode: error.errorCode, errorMessage: error.message, recordErrors: error.recordErrors };
  }
  if (error instanceof UnsupportedCompressionError) {
    return { errorCode: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, errorMessage: error.message, recordErrors: [] };
  }
  if (error instanceof DecodeError) {
    const isCorrupt = error instanceof CorruptBatchError && error.kind !== "records";
    const errorCode = isCorrupt ? ErrorCode.CORRUPT_MESSAGE : ErrorCode.INVALID_RECORD;
    return { errorCode, errorMessage: error.message, recordErrors: [] };
  }
  throw error;
}

/**
 * Splits into batches, checks of each what can be checked of any format, and that there are as many as there may be.
 */
function checkedBatches(records: Uint8Array, context: AppendContext): [Batch, ...Batch[]] {
  const first = batchAt(records, 0);
  if (first === null) throw invalid("Record batch has no batches at all");
  const batches = first.sizeInBytes === records.length ? [first] : [...batchesOf(records)];
  for (const batch of batches) checkBatch(batch, context);
  const mayBeSeveral = first.magic !== 2 && batches.every((batch) => compressionOf(batch) === "none");
  if (batches.length > 1 && !mayBeSeveral) throw invalid("Compressed outer record has more than one batch");
  return batches as [Batch, ...Batch[]];
}

function checkBatch(batch: Batch, { topicPartition, config }: AppendContext): void {
  if (batch.magic === 2 && !batch.startsAtZero) {
    const found = `should be 0, but it is ${batch.baseOffset64}`;
    throw invalid(`The baseOffset of the record batch in the append to ${name(topicPartition)} ${found}`);
  }
  if (batch.sizeInBytes > config.maxMessageBytes) {
    throw new Rejected(
      ErrorCode.MESSAGE_TOO_LARGE,
      `The record batch size in the append to ${
        name(topicPartition)
      } is ${batch.sizeInBytes} bytes which exceeds the ` +
        `maximum configured value of ${config.maxMessageBytes}.`,
    );
  }
  if (!batch.checksumOk()) {
    const where = `in topic partition ${name(topicPartition)}`;
    throw new Rejected(ErrorCode.CORRUPT_MESSAGE, `Record is corrupt (stored crc = ${batch.crc}) ${where}.`);
  }
}

/** Checks a batch of magic 2 and gives it the form that the configuration asks for. */
function validateBatch(batch: RecordBatch, context: AppendContext): RecordBatch {
  const { config, nowMs } = context;
  const source = compressionOf(batch);
  checkHeader(batch, source, context.topicPartition);
  const target = targetCompression(source, config);
  let maxTimestamp = batch.maxTimestamp;
  if (source !== target || needsRecords(batch, context)) {
    const payload = decompressedPayload(batch, context.compressor);
    const findings = inspect(recordsIn(payload, batch), batch, context);
    if (source !== target || !findings.isConsecutive) {
      return rebuild(recordsIn(payload, batch), producerOptions(batch), target, context);
    }
    maxTimestamp = findings.maxTimestamp;
  }
  const isStamped = config.messageTimestampType === "LogAppendTime";
  batch.setMaxTimestamp(config.messageTimestampType, isStamped ? nowMs : maxTimestamp);
  return batch;
}

/** Checks that the header alone can fail. */
function checkHeader(batch: RecordBatch, source: CompressionType, topicPartition: TopicPartition): void {
  const fault = faultOfHeader(batch, source);
  if (fault !== null) throw invalid(`${fault} in topic partition ${name(topicPartition)}`);
}

function faultOfHeader(batch: RecordBatch, source: CompressionType): string | null {
  const { lastOffsetDelta, recordCount } = batch;
  if (lastOffsetDelta < 0) return `Batch has an invalid offset range: [0, ${lastOffsetDelta}]`;
  if (recordCount <= 0) return `Invalid reported count for record batch: ${recordCount}`;
  if (lastOffsetDelta + 1 !== recordCount) {
    return `Inconsistent batch offset range [0, ${lastOffsetDelta}] and count of records ${recordCount}`;
  }
  // Kafka finds this when it decodes. Here it keeps a batch of a few bytes from using up offsets by the billion.
  const payloadBytes = batch.sizeInBytes - BATCH_HEADER_BYTES;
  if (source === "none" && recordCount * LEAST_RECORD_BYTES > payloadBytes) {
    return `Record batch has ${payloadBytes} bytes for ${recordCount} records`;
  }
  if (batch.isControl) return "Clients are not allowed to write control records";
  if (!batch.hasProducer || batch.baseSequence >= 0) return null;
  return `Invalid sequence number ${batch.baseSequence} in record batch with producerId ${batch.producerId}`;
}

/** Whether the header does not suffice to say that all records are good. */
function needsRecords(batch: RecordBatch, { config, nowMs }: AppendContext): boolean {
  if (config.cleanupPolicy.has("compact") || batch.timestampType === "LogAppendTime") return true;
  if (config.messageTimestampType === "LogAppendTime") return false;
  // Some producers leave the greatest timestamp out (sarama did, for years), and Kafka puts it right.
  if (batch.maxTimestamp < batch.baseTimestamp) return true;
  // The header does not have the least timestamp: where that is limited, each must be seen.
  return batch.maxTimestamp - nowMs > config.messageTimestampAfterMaxMs || config.messageTimestampBeforeMaxMs < nowMs;
}

/** What the records of a batch have shown. */
interface Findings {
  readonly maxTimestamp: number;
  /** Whether the offsets are 0, 1, 2 and so on. Where they are not, the batch is built anew, as Kafka does. */
  readonly isConsecutive: boolean;
}

/**
 * Looks at every record.
 *
 * @throws {Rejected} with record errors
 */
function inspect(records: Iterable<LogRecord>, batch: Batch, context: AppendContext): Findings {
  const errors: RecordError[] = [];
  let errorCount = 0;
  let hasInvalidTimestamp = false;
  let maxTimestamp = -1;
  let isConsecutive = true;
  let index = 0;
  for (const record of records) {
    const fault = faultOf(record, batch, context);
    if (fault !== null) {
      if (errorCount++ < MAX_RECORD_ERRORS) errors.push({ index, message: fault.message });
      hasInvalidTimestamp ||= fault.isTimestamp;
    }
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp;
    if (record.offset !== index) isConsecutive = false;
    index++;
  }
  if (errorCount === 0) return { maxTimestamp, isConsecutive };
  if (hasInvalidTimestamp) {
    const message = "One or more records have been rejected due to invalid timestamp";
    throw new Rejected(ErrorCode.INVALID_TIMESTAMP, message, errors);
  }
  const shown = errors.slice(0, 3).map(({ index, message }) =>
    `RecordError(batchIndex=${index}, message='${message}')`
  );
  throw new Rejected(
    ErrorCode.INVALID_RECORD,
    `One or more records have been rejected due to ${errorCount} record errors in total, and only showing the first ` +
      `three errors at most: [${shown.join(", ")}]`,
    errors,
  );
}

/** What is wrong with a record; null for nothing. */
function faultOf(
  record: LogRecord,
  batch: Batch,
  { topicPartition, config, nowMs }: AppendContext,
): { message: string; isTimestamp: boolean } | null {
  if (record.key === null && config.cleanupPolicy.has("compact")) {
    const message = `Compacted topic cannot accept message without key in topic partition ${name(topicPartition)}`;
    return { message, isTimestamp: false };
  }
  if (config.messageTimestampType === "CreateTime" && record.timestamp !== NO_TIMESTAMP) {
    const { messageTimestampBeforeMaxMs: before, messageTimestampAfterMaxMs: after } = config;
    if (nowMs - record.timestamp <= before && record.timestamp - nowMs <= after) return null;
    const message = `Timestamp ${record.timestamp} of message with offset ${record.offset} is out of range. ` +
      `The timestamp should be within [${nowMs - before}, ${nowMs + after}]`;
    return { message, isTimestamp: true };
  }
  if (batch.timestampType !== "LogAppendTime") return null;
  const { offset, timestamp, key, value } = record;
  const sizes = `key=${key?.length ?? 0} bytes, value=${value?.length ?? 0} bytes`;
  const message =
    `Invalid timestamp type in message DefaultRecord(offset=${offset}, timestamp=${timestamp}, ${sizes}). ` +
    "Producer should not set timestamp type to LogAppendTime.";
  return { message, isTimestamp: true };
}

const NO_TIMESTAMP = -1;

/** One batch of magic 2 of messages of magic 0 or 1. */
function convert(messages: readonly Batch[], context: AppendContext): RecordBatch {
  const [first] = messages;
  for (const message of messages) {
    if (message.magic === first.magic) continue;
    throw invalid(
      `Batch magic ${message.magic} is not the same as the first batch's magic byte ${first.magic} ` +
        `in topic partition ${name(context.topicPartition)}`,
    );
  }
  inspect(recordsOfAll(messages, context), first, context);
  const target = targetCompression(compressionOf(first), context.config);
  return rebuild(recordsOfAll(messages, context), {}, target, context);
}

function* recordsOfAll(messages: readonly Batch[], { compressor }: AppendContext): Generator<LogRecord> {
  for (const message of messages) yield* recordsOf(message, compressor);
}

/** A new batch of records that were inspected, with offsets from 0 on. */
function rebuild(
  records: Iterable<LogRecord>,
  producer: BatchOptions,
  compressionType: CompressionType,
  { topicPartition, config, nowMs, compressor }: AppendContext,
): RecordBatch {
  if (compressionType !== "none" && !compressor.supports(compressionType)) {
    throw new UnsupportedCompressionError(compressionType);
  }
  const isConfigured = config.compressionType === compressionType;
  const builder = new RecordBatchBuilder({
    ...producer,
    compressionType,
    compressionLevel: isConfigured ? config.compressionLevel : undefined,
    logAppendTimeMs: config.messageTimestampType === "LogAppendTime" ? nowMs : undefined,
  }, compressor);
  for (const record of records) builder.appendRecord(record);
  const batch = new RecordBatch(builder.build());
  if (batch.sizeInBytes > config.maxMessageBytes) {
    throw new Rejected(
      ErrorCode.MESSAGE_TOO_LARGE,
      `Message batch size is ${batch.sizeInBytes} bytes in append to partition ${
        name(topicPartition)
      } which exceeds the ` +
        `maximum configured size of ${config.maxMessageBytes}.`,
    );
  }
  return batch;
}

/** What of a batch's header says who wrote it. */
function producerOptions(batch: RecordBatch): BatchOptions {
  const { producerId, producerEpoch, baseSequence, isTransactional } = batch;
  return { producerId, producerEpoch, baseSequence, isTransactional };
}

function checkSegmentSize(batch: RecordBatch, { topicPartition, config }: AppendContext): void {
  if (batch.sizeInBytes <= config.segmentBytes) return;
  throw new Rejected(
    ErrorCode.RECORD_LIST_TOO_LARGE,
    `Message batch size is ${batch.sizeInBytes} bytes in append to partition ${
      name(topicPartition)
    }, which exceeds the ` +
      `maximum configured segment size of ${config.segmentBytes}.`,
  );
}

/** How a topic keeps what arrives compressed as `source`. */
function targetCompression(source: CompressionType, config: LogConfig): CompressionType {
  if (config.compressionType === "producer") return source;
  return config.compressionType === "uncompressed" ? "none" : config.compressionType;
}

/** @throws {Rejected} where the attributes name no codec that there is */
function compressionOf(batch: Batch): CompressionType {
  try {
    return batch.compressionType;
  } catch (error) {
    throw new Rejected(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, (error as Error).message);
  }
}

function invalid(message: string): Rejected {
  return new Rejected(ErrorCode.INVALID_RECORD, message);
}

function name({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
