/**
 * Appending in tests: a topic's configuration with Kafka's defaults, and the answers of `validateAppend()`.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { LogConfig } from "../../lib/log/partition_log.ts";
import type { ErrorCode } from "../../lib/protocol/error_code.ts";
import { RecordBatch, type Rejection, validateAppend } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { CONFIG, HOUR } from "../log/support.ts";

/** The time of every append here. */
export const NOW = 1_700_000_000_000;
export { HOUR };

/** Appends to partition 3 of the topic `orders`. */
export function validate(records: Uint8Array, config: Partial<LogConfig> = {}, compressor = runtimeCompressor) {
  const topicPartition = { topic: "orders", partition: 3 };
  return validateAppend(records, { topicPartition, config: { ...CONFIG, ...config }, nowMs: NOW, compressor });
}

/** The batch that an append makes, which must be sound. */
export function accepted(
  records: Uint8Array,
  config: Partial<LogConfig> = {},
  compressor = runtimeCompressor,
): RecordBatch {
  const result = validate(records, config, compressor);
  assertEquals(result.rejection, null);
  const { batch } = result as { batch: RecordBatch };
  assert(batch.checksumOk());
  assertEquals(batch.baseOffset, 0);
  return batch;
}

/** Why an append is refused. */
export function rejected(records: Uint8Array, config: Partial<LogConfig> = {}): Rejection {
  const { rejection } = validate(records, config);
  assert(rejection !== null, "was accepted");
  return rejection;
}

/** An append is refused with that code, for a reason in which those words occur. */
export function assertRejected(
  records: Uint8Array,
  code: ErrorCode,
  words: RegExp,
  config: Partial<LogConfig> = {},
): void {
  const rejection = rejected(records, config);
  assertEquals(rejection.errorCode, code, rejection.errorMessage);
  assertMatch(rejection.errorMessage, words);
}
