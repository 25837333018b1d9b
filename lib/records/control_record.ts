/**
 * Control records: what a log says to its readers, in batches with the control flag, in the midst of what producers
 * wrote.
 *
 * The key names the type. The values are messages: `EndTxnMarker` for the markers that end a transaction (KIP-98), and
 * those of `protocol/records/raft.ts` for the metadata log (KIP-595, KIP-630, KIP-853).
 *
 * @module
 */
import { Reader } from "../bytes/mod.ts";
import { encodeVersioned } from "../protocol/records/framing.ts";
import { ControlRecordType, ControlRecordTypeSchema, EndTxnMarker } from "../protocol/records/producer.ts";
import { type BatchOptions, RecordBatchBuilder } from "./builder.ts";
import type { LogRecord } from "./record.ts";

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(ControlRecordType));

/**
 * What a control record is for; null where it is of a type that this version does not know, to be passed over.
 *
 * @throws {DecodeError} where the record has no key, or one that is too short
 */
export function controlRecordTypeOf(record: LogRecord): ControlRecordType | null {
  const reader = new Reader(record.key ?? NO_BYTES);
  readVersion(reader);
  const type = reader.int16();
  return KNOWN_TYPES.has(type) ? type as ControlRecordType : null;
}

/** A batch of one control record. */
export function controlBatch(
  type: ControlRecordType,
  value: Uint8Array,
  timestampMs: number,
  options: BatchOptions = {},
): Uint8Array {
  const builder = new RecordBatchBuilder({ ...options, isControl: true });
  builder.append({ timestamp: timestampMs, key: encodeVersioned(ControlRecordTypeSchema, 0, { type }), value });
  return builder.build();
}

/** What a transaction marker says. */
export interface TransactionMarker {
  readonly type: typeof ControlRecordType.ABORT | typeof ControlRecordType.COMMIT;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** The epoch of the transaction coordinator, so that markers of one that was replaced can be refused. */
  readonly coordinatorEpoch: number;
}

/** The batch that ends a transaction in a partition, at the base offset 0. */
export function transactionMarkerBatch(marker: TransactionMarker, timestampMs: number): Uint8Array {
  const value = encodeVersioned(EndTxnMarker, 0, { coordinatorEpoch: marker.coordinatorEpoch });
  return controlBatch(marker.type, value, timestampMs, {
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    isTransactional: true,
  });
}

/**
 * The coordinator epoch in a transaction marker.
 *
 * @throws {DecodeError} where the value is malformed
 */
export function coordinatorEpochOf(record: LogRecord): number {
  const reader = new Reader(record.value ?? NO_BYTES);
  readVersion(reader);
  return reader.int32();
}

/** As in Kafka, newer versions are taken to begin with the fields of the newest that is known. */
function readVersion(reader: Reader): void {
  const version = reader.int16();
  if (version < 0) reader.fail(`control record cannot have the version ${version}`);
}

const NO_BYTES = new Uint8Array(0);
