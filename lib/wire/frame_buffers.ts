/**
 * The memory of large frames, used again and again: a producer at full speed would else leave a megabyte for the garbage collector with
 * every request, and each new one must be filled with zeros first.
 *
 * @module
 */

/** The size of a buffer: the batches of most clients are limited to a megabyte. */
export const FRAME_BUFFER_BYTES = 1024 * 1024;
/** So many are kept when nobody uses them: about what one busy producer has under way. */
const MAX_FREE = 8;

export class FrameBuffers {
  readonly #free: ArrayBuffer[] = [];

  /** Memory for `length` bytes, at most {@linkcode FRAME_BUFFER_BYTES}. What it holds is of no meaning. */
  take(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#free.pop() ?? new ArrayBuffer(FRAME_BUFFER_BYTES), 0, length);
  }

  /** Takes back a frame that nobody looks at any more; what is not of the size of a buffer is not kept. */
  giveBack({ buffer }: Uint8Array): void {
    if (buffer.byteLength !== FRAME_BUFFER_BYTES || !(buffer instanceof ArrayBuffer)) return;
    if (this.#free.length < MAX_FREE) this.#free.push(buffer);
  }
}
