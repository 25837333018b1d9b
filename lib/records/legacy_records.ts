/**
 * The records of messages of magic 0 and 1: one, or those in the message set that a compressed wrapper holds.
 *
 * Magic 0 gives the messages inside a wrapper their absolute offsets. Magic 1 counts them from that of the first, and
 * the wrapper's offset is that of the last; where the broker stamps the time of appending, it does so in the wrapper
 * alone (KIP-31, KIP-32).
 *
 * @module
 */
import { Reader } from "../bytes/mod.ts";
import { LOG_OVERHEAD_BYTES } from "./attributes.ts";
import { CorruptBatchError } from "./corrupt.ts";
import { repairLz4HeaderChecksum } from "./compression/mod.ts";
import { LEAST_LEGACY_LENGTH, LegacyBatch, MAGIC_AT } from "./legacy_batch.ts";
import { LogRecord } from "./record.ts";

/**
 * The records of a message.
 *
 * @param decompress decompresses the value of a wrapper
 * @throws {DecodeError} where the message, or the message set inside, is malformed
 */
export function* legacyRecordsOf(
  batch: LegacyBatch,
  decompress: (bytes: Uint8Array) => Uint8Array,
): Generator<LogRecord> {
  if (batch.compressionType === "none") {
    yield messageRecord(batch, batch.lastOffset, batch.maxTimestamp);
    return;
  }
  const messages = messageSetOf(batch, decompress);
  const firstOffset = firstInnerOffset(batch, messages);
  const logAppendTime = batch.timestampType === "LogAppendTime" ? batch.maxTimestamp : null;
  for (const inner of innerMessages(messages)) {
    if (!inner.checksumOk()) {
      throw new CorruptBatchError("batch", "The CRC of a message inside a compressed one is wrong", 0);
    }
    if (inner.compressionType !== "none") {
      throw new CorruptBatchError("records", "A message inside a compressed one is compressed itself", 0);
    }
    const timestamp = inner.magic === 1 && logAppendTime !== null ? logAppendTime : inner.maxTimestamp;
    yield messageRecord(inner, firstOffset + inner.lastOffset, timestamp);
  }
}

/** The message set inside a wrapper. */
function messageSetOf(wrapper: LegacyBatch, decompress: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  if (wrapper.compressionType === "zstd") {
    throw new CorruptBatchError("records", `Messages of magic ${wrapper.magic} cannot be compressed with zstd`, 0);
  }
  const { value } = readKeyAndValue(wrapper);
  if (value === null) throw new CorruptBatchError("records", "A compressed message has no value", 0);
  const isOldLz4 = wrapper.magic === 0 && wrapper.compressionType === "lz4";
  return decompress(isOldLz4 ? repairLz4HeaderChecksum(value) : value);
}

/** The messages of a message set. As in Kafka, one that is cut short at its end is left out. */
function* innerMessages(messages: Uint8Array): Generator<LegacyBatch> {
  const reader = new Reader(messages);
  while (reader.remaining >= LOG_OVERHEAD_BYTES) {
    const start = reader.offset;
    reader.skip(8);
    const length = reader.int32();
    if (length < LEAST_LEGACY_LENGTH) reader.fail(`message cannot have the length ${length}`);
    if (length > reader.remaining) return;
    reader.skip(length);
    const message = new LegacyBatch(messages.subarray(start, reader.offset));
    if (message.bytes[MAGIC_AT] > 1) {
      reader.fail(`message inside a compressed one has the magic ${message.bytes[MAGIC_AT]}`);
    }
    yield message;
  }
}

/** What the offsets of the messages inside count from. */
function firstInnerOffset(wrapper: LegacyBatch, messages: Uint8Array): number {
  let lastInnerOffset = -1;
  for (const inner of innerMessages(messages)) lastInnerOffset = inner.lastOffset;
  if (lastInnerOffset === -1) throw new CorruptBatchError("records", "A compressed message has none inside", 0);
  // Some producers leave the wrapper's offset at 0 and count the inner ones from 0 too (librdkafka, in its day).
  if (wrapper.magic === 0 || wrapper.lastOffset === 0) return 0;
  if (wrapper.lastOffset < lastInnerOffset) {
    throw new CorruptBatchError(
      "records",
      `A wrapper has the offset ${wrapper.lastOffset}, below that of its last message, ${lastInnerOffset}`,
      0,
    );
  }
  return wrapper.lastOffset - lastInnerOffset;
}

function messageRecord(message: LegacyBatch, offset: number, timestamp: number): LogRecord {
  const { key, value } = readKeyAndValue(message);
  return new LogRecord(offset, timestamp, -1, key, value);
}

function readKeyAndValue(message: LegacyBatch): { key: Uint8Array | null; value: Uint8Array | null } {
  const reader = new Reader(message.keyAndValue);
  const key = readNullable(reader, "key");
  return { key, value: readNullable(reader, "value") };
}

function readNullable(reader: Reader, what: string): Uint8Array | null {
  const length = reader.int32();
  return length < 0 ? null : reader.view(length, what);
}
