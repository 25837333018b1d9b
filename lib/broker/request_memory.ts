/**
 * The bytes of all requests under way, bounded in total (`queued.max.request.bytes`, KIP-72): above the bound nothing more
 * is read from any connection until some are answered.
 *
 * As many bytes again may be in answers that are being made, or that their clients do not read. Above that, a fetch is
 * answered by one batch: those who read go on, and those who do not cannot fill the memory.
 *
 * @module
 */
import type { AnswerMemory } from "../api/context.ts";
import { BufferPool } from "../bytes/mod.ts";
import type { FrameMemory } from "../wire/mod.ts";

/** What requests for one partition take at most, as most clients make them; others take a multiple. */
const FRAME_BUFFER_BYTES = 1 << 20;
/** So much is kept for the next requests: about what one busy producer has under way. */
const MAX_FREE_FRAME_BYTES = 32 << 20;
/** So much may be reserved for requests that have begun to arrive, whatever else is allowed. */
const MAX_RESERVED_BYTES = 128 << 20;

export class RequestMemory implements FrameMemory {
  readonly #limitBytes: number;
  /** Of the answers. */
  readonly answers: AnswerBytes;
  /** Where large requests are read into. */
  readonly buffers = new BufferPool(FRAME_BUFFER_BYTES, MAX_FREE_FRAME_BYTES);
  #takenBytes = 0;
  /** Of requests that are still arriving. They hold up nobody: who only announces much must not stop the others. */
  #reservedBytes = 0;
  #waiting: (() => void)[] = [];

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.answers = new AnswerBytes(limitBytes);
  }

  /** Bytes of requests under way. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  get isExhausted(): boolean {
    return this.#takenBytes >= this.#limitBytes;
  }

  /** Counts a request. One that is read already is never refused, so the total can pass the limit by one request a connection. */
  take(bytes: number): void {
    this.#takenBytes += bytes;
  }

  release(bytes: number): void {
    this.#takenBytes -= bytes;
    if (this.isExhausted || this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  reserve(bytes: number): boolean {
    const reservedBytes = this.#reservedBytes + bytes;
    if (reservedBytes > Math.min(MAX_RESERVED_BYTES, this.#limitBytes - this.#takenBytes)) return false;
    this.#reservedBytes = reservedBytes;
    return true;
  }

  unreserve(bytes: number): void {
    this.#reservedBytes -= bytes;
  }

  /** Resolves when there may be room again for requests. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

class AnswerBytes implements AnswerMemory {
  readonly #limitBytes: number;
  #takenBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get bytesLeft(): number {
    return Math.max(0, this.#limitBytes - this.#takenBytes);
  }

  take(bytes: number): void {
    this.#takenBytes += bytes;
  }

  release(bytes: number): void {
    this.#takenBytes -= bytes;
  }
}
