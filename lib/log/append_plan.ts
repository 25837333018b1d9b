/**
 * Deciding about an append before anything is written: what is refused and why, and what exactly will be written.
 *
 * @module
 */
import type { Compressor } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { batchesOf, RecordBatch } from "../records/mod.ts";
import { validateAppend } from "../records/validate.ts";
import type { AppendOrigin, LogConfig, RecordError, TopicPartition } from "./partition_log.ts";
import type { BatchMetadata, ProducerFailure } from "./producer_entry.ts";
import { markerOf } from "./producer_replay.ts";
import type { ProducerState, ProducerUpdate } from "./producer_state.ts";

/** Where and when the append happens. */
export interface AppendPlace {
  readonly topicPartition: TopicPartition;
  /** The offset that the first record gets. */
  readonly nextOffset: number;
  readonly leaderEpoch: number;
  readonly nowMs: number;
  readonly config: LogConfig;
  readonly compressor: Compressor;
}

/** What will be written. */
export interface AppendPlan {
  readonly refusal: null;
  /** The batches, one after the other. */
  readonly bytes: Uint8Array;
  /** Views of the same bytes, with their final offsets and epoch; at least one. */
  readonly batches: readonly RecordBatch[];
  readonly lastOffset: number;
  /** The greatest of all records; -1 where none has one. */
  readonly maxTimestamp: number;
  /** -1 unless the topic has LogAppendTime. */
  readonly logAppendTimeMs: number;
}

/** Why nothing will be, as the fields of the answer. */
export interface AppendRefusal {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
  readonly recordErrors: readonly RecordError[];
}

/**
 * Plans an append. A client's records are validated, and changed as the topic is configured; what this broker made
 * itself is not. Base offset and leader epoch are set in place, but in the metadata log, whose batches have them
 * already.
 *
 * @throws {Error} where this broker itself is at fault: batches of the metadata log that do not follow the last one, or
 *   no batch at all
 */
export function planAppend(
  records: Uint8Array,
  origin: AppendOrigin,
  place: AppendPlace,
): AppendPlan | { readonly refusal: AppendRefusal } {
  switch (origin) {
    case "client":
      return planForClient(records, place);
    case "coordinator": {
      const batches = ownBatches(records);
      const refusal = refusalForSize(records, batches, place.config);
      return refusal === null ? assignOffsets(records, batches, place, -1) : { refusal };
    }
    case "raft":
      return planAsIs(records, place);
  }
}

/**
 * What an append does to the producers; or the batch that it repeats; or why it must not be.
 *
 * @throws {DecodeError} where a control batch is no transaction marker
 */
export function checkProducers(
  batches: readonly RecordBatch[],
  origin: AppendOrigin,
  producers: ProducerState,
  compressor: Compressor,
): { readonly update: ProducerUpdate } | { readonly duplicate: BatchMetadata } | { readonly failure: ProducerFailure } {
  const update = producers.stage();
  const isClient = origin === "client";
  for (const batch of batches) {
    if (!batch.hasProducer) continue;
    const duplicate = isClient ? producers.findDuplicate(batch) : undefined;
    if (duplicate !== undefined) return { duplicate };
    const gap = isClient ? producers.findGap(batch) : null;
    if (gap !== null) return { failure: gap };
    const failure = batch.isControl
      ? update.addMarker(batch, markerOf(batch, compressor), false)
      : update.addData(batch, false, isClient);
    if (failure !== null) return { failure };
  }
  return { update };
}

function planForClient(records: Uint8Array, place: AppendPlace): AppendPlan | { readonly refusal: AppendRefusal } {
  const validated = validateAppend(records, place);
  if (validated.rejection !== null) return { refusal: validated.rejection };
  const { batch, logAppendTimeMs } = validated;
  return assignOffsets(batch.bytes, [batch], place, logAppendTimeMs);
}

function ownBatches(records: Uint8Array): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (const batch of batchesOf(records)) {
    if (!(batch instanceof RecordBatch)) {
      throw new Error("Cannot append a batch of an old format that this broker made");
    }
    batches.push(batch);
  }
  if (batches.length === 0) throw new Error("Cannot append: there is no batch");
  return batches;
}

function refusalForSize(
  records: Uint8Array,
  batches: readonly RecordBatch[],
  { maxMessageBytes, segmentBytes }: LogConfig,
): AppendRefusal | null {
  const tooLarge = batches.find((batch) => batch.sizeInBytes > maxMessageBytes);
  if (tooLarge !== undefined) {
    const errorMessage = `A batch of ${tooLarge.sizeInBytes} bytes exceeds the maximum of ${maxMessageBytes}`;
    return { errorCode: ErrorCode.MESSAGE_TOO_LARGE, errorMessage, recordErrors: [] };
  }
  if (records.length <= segmentBytes) return null;
  const errorMessage = `Batches of ${records.length} bytes exceed the maximum segment size of ${segmentBytes}`;
  return { errorCode: ErrorCode.RECORD_LIST_TOO_LARGE, errorMessage, recordErrors: [] };
}

function assignOffsets(
  bytes: Uint8Array,
  batches: readonly RecordBatch[],
  { nextOffset, leaderEpoch }: AppendPlace,
  logAppendTimeMs: number,
): AppendPlan {
  let offset = nextOffset;
  for (const batch of batches) {
    batch.baseOffset = offset;
    batch.partitionLeaderEpoch = leaderEpoch;
    offset += batch.lastOffsetDelta + 1;
  }
  return planOf(bytes, batches, logAppendTimeMs);
}

function planAsIs(records: Uint8Array, { topicPartition, nextOffset }: AppendPlace): AppendPlan {
  const batches = ownBatches(records);
  let offset = nextOffset;
  for (const batch of batches) {
    if (batch.baseOffset !== offset) {
      const { topic, partition } = topicPartition;
      throw new Error(
        `Cannot append to ${topic}-${partition}: offset ${offset} is next, the batch has ${batch.baseOffset}`,
      );
    }
    offset = batch.nextOffset;
  }
  return planOf(records, batches, -1);
}

function planOf(bytes: Uint8Array, batches: readonly RecordBatch[], logAppendTimeMs: number): AppendPlan {
  const maxTimestamp = batches.length === 1
    ? batches[0].maxTimestamp
    : Math.max(...batches.map((batch) => batch.maxTimestamp));
  const { lastOffset } = batches[batches.length - 1];
  return { refusal: null, bytes, batches, lastOffset, maxTimestamp, logAppendTimeMs };
}
