/**
 * Large requests in slices: what takes long for one client lets the others have their turn in between.
 *
 * @module
 */
import type { Clock, Timers } from "../ports.ts";

/** How long one request may hold the loop in one go. */
const SLICE_MS = 4;

/** What `work` makes of each item, in order. */
export async function mapInSlices<T, R>(
  items: readonly T[],
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  work: (item: T) => R,
): Promise<R[]> {
  const results: R[] = [];
  let sliceEndMs = clock.now() + SLICE_MS;
  for (const item of items) {
    results.push(work(item));
    if (clock.now() < sliceEndMs) continue;
    await new Promise<void>((resolve) => timers.after(0, resolve));
    sliceEndMs = clock.now() + SLICE_MS;
  }
  return results;
}
