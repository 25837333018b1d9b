/**
 * Records: batches as producers send them, logs keep them and consumers fetch them.
 *
 * In: bytes of a request or a segment. Out: views of batches ({@linkcode batchesOf}), which give header fields without
 * decoding and let the broker set base offset and leader epoch in place; their records ({@linkcode recordsOf}) where a
 * feature needs them; what may be appended ({@linkcode validateAppend}); new batches ({@linkcode RecordBatchBuilder}).
 * Damage causes a `DecodeError`, of which {@linkcode CorruptBatchError} is one, and nothing else.
 *
 * @module
 */
export * from "./attributes.ts";
export * from "./corrupt.ts";
export * from "./batch.ts";
export * from "./batches.ts";
export * from "./legacy_batch.ts";
export * from "./record.ts";
export * from "./record_cursor.ts";
export * from "./records_of.ts";
export * from "./builder.ts";
export * from "./control_record.ts";
export * from "./validate.ts";
