/**
 * Durations as Java prints and parses them (ISO 8601, days at most): `P1DT2H3M4.5S`.
 *
 * @module
 */

/** Its groups: days, hours, minutes, seconds. */
export const DURATION = /^[+-]?P(?=.)([+-]?\d+D)?(T(?=.)([+-]?\d+H)?([+-]?\d+M)?([+-]?\d+([.,]\d{0,9})?S)?)?$/i;

const HOUR_MS = 3_600_000;

/** Milliseconds of a duration that {@linkcode DURATION} matches. */
export function durationMs(text: string): number {
  const [, days, , hours, minutes, seconds] = DURATION.exec(text)!;
  const count = (part: string | undefined) => Number.parseFloat((part ?? "0").replace(",", "."));
  return count(days) * 24 * HOUR_MS + count(hours) * HOUR_MS + count(minutes) * 60_000 + count(seconds) * 1000;
}
