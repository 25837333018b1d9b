/**
 * The order of UUIDs in Apache Kafka: as two signed integers of 64 bits.
 *
 * @module
 */
import { type Uuid, uuidToBytes } from "../../../../bytes/mod.ts";

/** Negative where `one` comes first. */
export function compareUuids(one: Uuid, other: Uuid): number {
  const [oneHigh, oneLow] = halves(one);
  const [otherHigh, otherLow] = halves(other);
  if (oneHigh !== otherHigh) return oneHigh < otherHigh ? -1 : 1;
  return oneLow === otherLow ? 0 : oneLow < otherLow ? -1 : 1;
}

function halves(uuid: Uuid): [bigint, bigint] {
  const bytes = new DataView(new ArrayBuffer(16));
  uuidToBytes(uuid, new Uint8Array(bytes.buffer));
  return [bytes.getBigInt64(0), bytes.getBigInt64(8)];
}
