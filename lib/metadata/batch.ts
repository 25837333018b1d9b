/**
 * Batches of the metadata log and its snapshots: from records to bytes, and back.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import type { Compressor } from "../ports.ts";
import { decodeMetadataRecord, encodeMetadataRecord, type MetadataRecord } from "../protocol/records/logs.ts";
import type { Init, Message } from "../protocol/schema.ts";
import { type BatchOptions, RecordBatchBuilder } from "../records/builder.ts";
import { type RecordBatch, recordsOf } from "../records/mod.ts";
import { type ControlRecord, decodeControlRecord, encodeControlRecord } from "./control_record.ts";

/**
 * The most records of one batch, and the size in bytes beyond which it gets no more: Apache Kafka's controller keeps
 * to the same.
 */
export interface BatchLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** The limits of the metadata log. */
export const LOG_BATCH_LIMITS: BatchLimits = { maxRecords: 10_000, maxBytes: 8 * 1024 * 1024 };

/** Where a batch is to stand, and when it is written. */
export interface BatchPlace {
  readonly baseOffset: number;
  readonly epoch: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** A batch of control records. */
export function encodeControlBatch(
  records: readonly ControlRecord[],
  { baseOffset, epoch, nowMs }: BatchPlace,
): Uint8Array {
  const builder = new RecordBatchBuilder({ baseOffset, partitionLeaderEpoch: epoch, isControl: true });
  for (const record of records) builder.append({ timestamp: nowMs, ...encodeControlRecord(record) });
  return builder.build();
}

/** Batches of metadata records, one after the other, as few as the limits allow. */
export function* encodeBatches(
  records: Iterable<MetadataRecord>,
  place: BatchPlace,
  limits: BatchLimits,
): Generator<{ readonly bytes: Uint8Array; readonly recordCount: number }> {
  let { baseOffset } = place;
  const start = (): RecordBatchBuilder => {
    const options: BatchOptions = { baseOffset, partitionLeaderEpoch: place.epoch };
    return new RecordBatchBuilder(options);
  };
  let builder = start();
  const finish = () => {
    const { recordCount } = builder;
    baseOffset += recordCount;
    return { bytes: builder.build(), recordCount };
  };
  for (const record of records) {
    const value = encode(record);
    const isFull = builder.recordCount === limits.maxRecords || builder.sizeInBytes + value.length > limits.maxBytes;
    if (isFull && builder.recordCount > 0) {
      yield finish();
      builder = start();
    }
    builder.append({ timestamp: place.nowMs, value });
  }
  if (builder.recordCount > 0) yield finish();
}

/** What a batch holds: records of one of the two kinds. */
export type BatchEntries =
  | { readonly isControl: true; readonly records: readonly ControlRecord[] }
  | { readonly isControl: false; readonly records: readonly MetadataRecord[] };

/**
 * The records in a batch.
 *
 * @throws {DecodeError} where they do not decode, or where a newer version of Kafka has written them
 */
export function decodeBatch(batch: RecordBatch, compressor: Compressor): BatchEntries {
  const records = [...recordsOf(batch, compressor)];
  if (batch.isControl) {
    return { isControl: true, records: records.map(decodeControlRecord).filter((record) => record !== null) };
  }
  return {
    isControl: false,
    records: records.map(({ offset, value }) => {
      const record = decodeMetadataRecord(value ?? new Uint8Array(0));
      if (record.name !== null) return record;
      throw new DecodeError(
        `the record at offset ${offset} has type ${record.key} and version ${record.version}, which this version of ` +
          "the broker does not know: a newer one has written it",
        0,
      );
    }),
  };
}

function encode({ message, version, value }: MetadataRecord): Uint8Array {
  return encodeMetadataRecord(message as Message<unknown>, version, value as Init<unknown>);
}
