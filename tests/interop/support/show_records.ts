/**
 * Record batches as JSON, so that a difference between two of them can be read.
 *
 * @module
 */
import { Reader } from "../../../lib/bytes/mod.ts";
import type { Json } from "../../../lib/protocol/json.ts";
import { toHex } from "../../conformance/message_vector.ts";

const BATCH_HEADER_BYTES = 61;
const LOG_OVERHEAD_BYTES = 12;
const MAGIC_AT = 16;

/** An answer with the field `records` of each partition, base64 until then, as a list of batches. */
export function showRecords(answer: Json): Json {
  if (Array.isArray(answer)) return answer.map(showRecords);
  if (typeof answer !== "object" || answer === null) return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([name, part]) => [
      name,
      name === "records" && typeof part === "string"
        ? showBatches(Uint8Array.from(atob(part), (char) => char.charCodeAt(0)))
        : showRecords(part),
    ]),
  );
}

/** The header and the bytes of each batch; what is no whole batch is shown as hex. */
export function showBatches(bytes: Uint8Array): Json {
  const batches: Json[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const size = sizeInBytes(rest);
    if (size === null || size > rest.length || rest[MAGIC_AT] !== 2) {
      return [...batches, { bytes: rest.length, hex: toHex(rest) }];
    }
    batches.push(showBatch(rest.subarray(0, size)));
    rest = rest.subarray(size);
  }
  return batches;
}

function sizeInBytes(bytes: Uint8Array): number | null {
  if (bytes.length < BATCH_HEADER_BYTES) return null;
  return new Reader(bytes, 8).int32() + LOG_OVERHEAD_BYTES;
}

function showBatch(bytes: Uint8Array): Json {
  const reader = new Reader(bytes);
  return {
    baseOffset: reader.int64(),
    length: reader.int32(),
    partitionLeaderEpoch: reader.int32(),
    magic: reader.int8(),
    crc: reader.uint32(),
    attributes: reader.int16(),
    lastOffsetDelta: reader.int32(),
    baseTimestamp: reader.int64(),
    maxTimestamp: reader.int64(),
    producerId: reader.int64(),
    producerEpoch: reader.int16(),
    baseSequence: reader.int32(),
    recordCount: reader.int32(),
    // A long run of the same byte would drown the rest.
    payload: toHex(reader.view(reader.remaining)).replace(/(..)\1{40,}/g, (run, byte) => `${byte}×${run.length / 2}`),
  };
}
