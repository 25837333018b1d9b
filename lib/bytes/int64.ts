/**
 * An int64 as a `number`, in two halves: unlike a `bigint`, it takes no memory.
 *
 * @module
 */

/**
 * The int64 at a position as a `number`: the very one where that is a safe integer, else one near it that is none.
 */
export function int64At(view: DataView, at: number): number {
  return view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);
}

/** Writes a safe integer as an int64. */
export function setInt64At(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value >>> 0);
}
