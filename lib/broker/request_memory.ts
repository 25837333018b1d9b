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
import { newFrameBuffers } from "../wire/mod.ts";

export class RequestMemory {
  readonly #limitBytes: number;
  /** Of the answers. */
  readonly answers: AnswerBytes;
  /** Where large requests are read into. */
  readonly frameBuffers = newFrameBuffers();
  #takenBytes = 0;
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
