/**
 * The `.snapshot` file: what a partition knew of its producers at the offset that names the file.
 *
 * Version (int16, 1), CRC32C (uint32) of all that follows it, the count (int32), and for each producer: id (int64),
 * epoch (int16), the last batch's last sequence (int32), last offset (int64), offset delta (int32) and timestamp
 * (int64), coordinator epoch (int32), first offset of the open transaction (int64, -1: none). Only the last batch of a
 * producer survives a restart.
 *
 * @module
 */
import { crc32c, Reader, Writer } from "../bytes/mod.ts";
import { ProducerEntry } from "./producer_entry.ts";

const VERSION = 1;
const CRC_AT = 2;
const CONTENT_AT = 6;
const ENTRY_BYTES = 46;

/** The content of the file. */
export function encodeProducerSnapshot(producers: Iterable<ProducerEntry>): Uint8Array {
  const entries = [...producers];
  const writer = new Writer(CONTENT_AT + 4 + entries.length * ENTRY_BYTES);
  writer.int16(VERSION);
  writer.uint32(0);
  writer.int32(entries.length);
  for (const entry of entries) {
    const last = entry.batches.at(-1);
    writer.int64(entry.producerId);
    writer.int16(entry.producerEpoch);
    writer.int32(last?.lastSequence ?? -1);
    writer.safeInt64(last?.lastOffset ?? -1);
    writer.int32(last?.offsetDelta ?? 0);
    writer.safeInt64(entry.lastTimestamp);
    writer.int32(entry.coordinatorEpoch);
    writer.safeInt64(entry.currentTxnFirstOffset);
  }
  const bytes = writer.finish();
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(CRC_AT, crc32c(bytes.subarray(CONTENT_AT)));
  return bytes;
}

/** @throws {DecodeError} where the bytes are no snapshot, or a damaged one. */
export function decodeProducerSnapshot(bytes: Uint8Array): ProducerEntry[] {
  const reader = new Reader(bytes);
  const version = reader.int16();
  if (version !== VERSION) reader.fail(`snapshot version ${version} is not ${VERSION}`);
  const crc = reader.uint32();
  if (crc !== crc32c(bytes.subarray(CONTENT_AT))) reader.fail("the checksum of the snapshot is wrong");
  const entries: ProducerEntry[] = [];
  for (let count = reader.checkCount(reader.int32(), ENTRY_BYTES); count > 0; count--) entries.push(readEntry(reader));
  reader.end();
  return entries;
}

function readEntry(reader: Reader): ProducerEntry {
  const entry = new ProducerEntry(reader.int64());
  entry.producerEpoch = reader.int16();
  const lastSequence = reader.int32();
  const lastOffset = reader.safeInt64();
  const offsetDelta = reader.int32();
  entry.lastTimestamp = reader.safeInt64();
  entry.coordinatorEpoch = reader.int32();
  entry.currentTxnFirstOffset = reader.safeInt64();
  if (lastOffset >= 0) entry.batches.push({ lastSequence, lastOffset, offsetDelta, timestamp: entry.lastTimestamp });
  return entry;
}
