/**
 * Control records of partitions, and the file that keeps the state of their producers (KIP-98).
 *
 * @module
 */
import { crc32c, DecodeError } from "../../bytes/mod.ts";
import { array, data, type Infer, type Init, int16, int32, int64, uint32 } from "../schema.ts";
import { decodeVersioned, encodeVersioned } from "./framing.ts";

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

/** The file `.snapshot`: the producers that a partition knows at an offset. */
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

/** One producer of a {@linkcode ProducerSnapshot}. */
export type ProducerEntry = ProducerSnapshot["producerEntries"][number];

/** The bytes of a file `.snapshot`. */
export function encodeProducerSnapshot(producerEntries: readonly Init<ProducerEntry>[]): Uint8Array {
  const bytes = encodeVersioned(ProducerSnapshot, 1, { producerEntries });
  const checksum = crc32c(bytes.subarray(CHECKED_FROM));
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(CRC_POSITION, checksum);
  return bytes;
}

/**
 * The producers in a file `.snapshot`.
 *
 * @throws {DecodeError} where the file is damaged, or of a version that is not known.
 */
export function decodeProducerSnapshot(bytes: Uint8Array): readonly ProducerEntry[] {
  const { crc, producerEntries } = decodeVersioned(ProducerSnapshot, bytes).value;
  const checksum = crc32c(bytes.subarray(CHECKED_FROM));
  if (crc !== checksum) {
    throw new DecodeError(`producer snapshot has the checksum ${crc}, its bytes have ${checksum}`, CRC_POSITION);
  }
  return producerEntries;
}

/** The version, an int16, stands in front of the checksum; what follows it is checked. */
const CRC_POSITION = 2;
const CHECKED_FROM = CRC_POSITION + 4;
