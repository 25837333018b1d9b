/**
 * Memory that is used again and again: what is allocated for every request would be filled with zeros first, and left for the garbage
 * collector after.
 *
 * @module
 */

export class BufferPool {
  readonly #smallestBytes: number;
  readonly #maxFreeBytes: number;
  /** What nobody uses; what was given back last is at the end. */
  readonly #free: ArrayBuffer[] = [];
  #freeBytes = 0;
  /** What somebody has now, and may give back. Whoever does not leaves it to the garbage collector. */
  readonly #taken = new WeakSet<ArrayBufferLike>();

  /**
   * @param smallestBytes the size of most buffers; larger ones have it doubled once or more
   * @param maxFreeBytes so much is kept when nobody uses it
   */
  constructor(smallestBytes: number, maxFreeBytes: number) {
    this.#smallestBytes = smallestBytes;
    this.#maxFreeBytes = maxFreeBytes;
  }

  /** Memory for `length` bytes, which hold anything. Pages of it that nobody has touched cost nothing. */
  take(length: number): Uint8Array<ArrayBuffer> {
    let size = this.#smallestBytes;
    while (size < length) size *= 2;
    const index = this.#free.findLastIndex(({ byteLength }) => byteLength === size);
    const buffer = index < 0 ? new ArrayBuffer(size) : this.#removeFree(index);
    this.#taken.add(buffer);
    return new Uint8Array(buffer, 0, length);
  }

  /** Takes back what nobody looks at any more, by any part of it; what is not of the pool stays as it is. */
  giveBack({ buffer }: Uint8Array): void {
    if (!this.#taken.delete(buffer)) return;
    this.#makeRoom(buffer.byteLength);
    if (this.#freeBytes + buffer.byteLength > this.#maxFreeBytes) return release(buffer as ArrayBuffer);
    this.#free.push(buffer as ArrayBuffer);
    this.#freeBytes += buffer.byteLength;
  }

  /** Buffers of a size that was in use last are worth more than those of others. */
  #makeRoom(size: number): void {
    while (this.#freeBytes + size > this.#maxFreeBytes) {
      const index = this.#free.findIndex(({ byteLength }) => byteLength !== size);
      if (index < 0) return;
      release(this.#removeFree(index));
    }
  }

  #removeFree(index: number): ArrayBuffer {
    const [buffer] = this.#free.splice(index, 1);
    this.#freeBytes -= buffer.byteLength;
    return buffer;
  }
}

/** Gives memory back to the system now, instead of when the garbage collector comes by: it has no idea how much that is. */
function release(buffer: ArrayBuffer): void {
  buffer.transfer(0);
}
