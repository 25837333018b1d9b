/**
 * Offsets: `bigint` on the wire, `number` inside. This is the one place where they change, with a range check.
 *
 * @module
 */
import { DecodeError } from "./reader.ts";

/**
 * An int64 of the wire as a `number`.
 *
 * @throws {DecodeError} beyond ±(2^53 − 1), where a `number` would lose digits.
 */
export function toNumber(value: bigint, what = "int64"): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new DecodeError(`Cannot use ${what} ${value}: it lies beyond 2^53`, 0);
  }
  return number;
}

/** An int64 of the wire as a `number`, brought to the nearest one that a `number` holds exactly. For limits and times. */
export function toNumberClamped(value: bigint | number): number {
  return Math.min(Math.max(-Number.MAX_SAFE_INTEGER, Number(value)), Number.MAX_SAFE_INTEGER);
}
