/**
 * How much load the scenarios put on a broker: all of it, or a small part (`--small`), which shows within minutes that each of them runs
 * to its end. What that measures says little, and is kept nowhere.
 *
 * @module
 */

export const SMALL = "--small";

export const isSmall = Deno.args.includes(SMALL);

const SMALL_SHARE = 1 / 20;

/** So many records, requests, seconds … of what a scenario puts on a broker. */
export function sized(count: number): number {
  return isSmall ? Math.ceil(count * SMALL_SHARE) : count;
}
