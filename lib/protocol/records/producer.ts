/**
 * Control records of partitions, and the file that keeps the state of their producers (KIP-98).
 *
 * @module
 */
import { array, data, type Infer, int16, int32, int64, uint32 } from "../schema.ts";

/** What a control record says. */
export const ControlRecordType = {
  ABORT: 0,
  COMMIT: 1,
  LEADER_CHANGE: 2,
  SNAPSHOT_HEADER: 3,
  SNAPSHOT_FOOTER: 4,
  KRAFT_VERSION: 5,
  KRAFT_VOTERS: 6,
} as const;
export type ControlRecordType = typeof ControlRecordType[keyof typeof ControlRecordType];

/** The key of a control record, a {@linkcode ControlRecordType}, with its version in front. */
export const ControlRecordTypeSchema = data({ name: "ControlRecordTypeSchema", versions: [0, 0], flexible: null }, {
  type: int16,
});
export type ControlRecordTypeSchema = Infer<typeof ControlRecordTypeSchema>;

/** The value of a marker that commits or aborts a transaction, with its version in front. */
export const EndTxnMarker = data({ name: "EndTxnMarker", versions: [0, 0], flexible: null }, {
  coordinatorEpoch: int32,
});
export type EndTxnMarker = Infer<typeof EndTxnMarker>;

/**
 * The file `.snapshot`: the producers that a partition knows at an offset, with its version in front. The checksum is the CRC32C
 * of all that follows it.
 */
export const ProducerSnapshot = data({ name: "ProducerSnapshot", versions: [1, 1], flexible: null }, {
  crc: uint32,
  producerEntries: array({
    producerId: int64,
    epoch: int16,
    lastSequence: int32,
    lastOffset: int64,
    offsetDelta: int32,
    timestamp: int64,
    coordinatorEpoch: int32,
    currentTxnFirstOffset: int64,
  }),
});
export type ProducerSnapshot = Infer<typeof ProducerSnapshot>;
