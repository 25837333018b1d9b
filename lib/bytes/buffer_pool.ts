/**
 * Memory that is used again and again: what is allocated for every request would be filled with zeros first, and left for the garbage
 * collector after.
 *
 * @module
 */

export class BufferPool {
  readonly #bufferBytes: number;
  readonly #maxFree: number;
  readonly #free: ArrayBuffer[] = [];
  /** What somebody has now, and may give back. Whoever does not leaves it to the garbage collector. */
  readonly #taken = new WeakSet<ArrayBufferLike>();

  /**
   * @param bufferBytes the size of all buffers
   * @param maxFree so many are kept when nobody uses them
   */
  constructor(bufferBytes: number, maxFree: number) {
    this.#bufferBytes = bufferBytes;
    this.#maxFree = maxFree;
  }

  /** Memory for `length` bytes, which hold anything. More than the size of a buffer is no memory of the pool. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.#bufferBytes) return new Uint8Array(length);
    const buffer = this.#free.pop() ?? new ArrayBuffer(this.#bufferBytes);
    this.#taken.add(buffer);
    return new Uint8Array(buffer, 0, length);
  }

  /** Takes back what nobody looks at any more, by any part of it; what is not of the pool stays as it is. */
  giveBack({ buffer }: Uint8Array): void {
    if (!this.#taken.delete(buffer) || this.#free.length >= this.#maxFree) return;
    this.#free.push(buffer as ArrayBuffer);
  }
}
