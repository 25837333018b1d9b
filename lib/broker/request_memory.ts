/**
 * The bytes of all requests under way, bounded in total (`queued.max.request.bytes`, KIP-72): above the bound nothing more
 * is read from any connection until some are answered.
 *
 * As many bytes, up to 128 MiB, may be taken by requests that are still arriving. Where all of that is taken, new large ones
 * wait for it, one at a time may have more so that it can end, and one that takes long is given up: whoever sends half of a
 * request, and then nothing, must not hold up the others.
 *
 * As many bytes again may be in answers that are being made, or that their clients do not read. Above that, a fetch is
 * answered by one batch: those who read go on. At twice as much nothing is begun for anybody until some have read, and who has
 * read nothing for long is let go: those who do not read can neither fill the memory nor hold up the others.
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
/** So much may be had by requests that have begun to arrive, whatever else is allowed. */
const MAX_ARRIVING_BYTES = 128 << 20;
/** How long a large request may take to arrive, where others wait for its memory. */
export const ARRIVAL_PATIENCE_MS = 10_000;

/** How long a client may read nothing of its answer, where others wait for the memory. */
export const READER_PATIENCE_MS = 5_000;
/** How much more than the limit answers may have before nothing is begun. */
const MOST_OVER_LIMIT = 2;

export class RequestMemory implements FrameMemory {
  readonly #limitBytes: number;
  /** Of the answers. */
  readonly answers: AnswerBytes;
  /** Where large requests are read into. */
  readonly buffers = new BufferPool(FRAME_BUFFER_BYTES, MAX_FREE_FRAME_BYTES);
  #takenBytes = 0;
  /** Of requests that are still arriving, without what one of them may have beyond the limit. */
  #arrivingBytes = 0;
  #isOverdrawn = false;
  /** The large requests that are arriving, in the order in which they began, and what gives them up. */
  readonly #arriving = new Map<object, Arrival>();
  #waiting: (() => void)[] = [];
  #waitingToArrive: (() => void)[] = [];

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
    if (this.#arrivingBytes + bytes > Math.min(MAX_ARRIVING_BYTES, this.#limitBytes)) return false;
    this.#arrivingBytes += bytes;
    return true;
  }

  overdraw(): boolean {
    if (this.#isOverdrawn) return false;
    return this.#isOverdrawn = true;
  }

  unreserve(bytes: number, isOverdrawn: boolean): void {
    this.#arrivingBytes -= bytes;
    if (isOverdrawn) this.#isOverdrawn = false;
    const waiting = this.#waitingToArrive;
    this.#waitingToArrive = [];
    for (const wake of waiting) wake();
  }

  /** A large request begins to arrive by that connection, or goes on to; `giveUp` ends it. */
  arrives(by: object, nowMs: number, giveUp: () => void): void {
    if (!this.#arriving.has(by)) this.#arriving.set(by, { beganMs: nowMs, giveUp });
  }

  /** It has arrived, or never will. */
  arrived(by: object): void {
    this.#arriving.delete(by);
  }

  /**
   * Resolves when there may be room again for requests to arrive. Those that take too long are given up; for them to be
   * found, it is to be asked again after a while.
   */
  roomToArrive(nowMs: number): Promise<void> {
    const room = new Promise<void>((resolve) => this.#waitingToArrive.push(resolve));
    for (const { beganMs, giveUp } of [...this.#arriving.values()]) {
      if (nowMs - beganMs < ARRIVAL_PATIENCE_MS) break;
      giveUp();
    }
    return room;
  }

  /** Resolves when there may be room again for requests. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

interface Arrival {
  readonly beganMs: number;
  readonly giveUp: () => void;
}

class AnswerBytes implements AnswerMemory {
  readonly #limitBytes: number;
  /** The answers that clients are being sent, the one first that has made no progress for longest. */
  readonly #sending = new Map<AnswerReader, number>();
  #takenBytes = 0;
  #waiting: (() => void)[] = [];

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get bytesLeft(): number {
    return Math.max(0, this.#limitBytes - this.#takenBytes);
  }

  /** Whether nothing may be begun that would be answered. */
  get isExhausted(): boolean {
    return this.#takenBytes >= this.#limitBytes * MOST_OVER_LIMIT;
  }

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

  /** A client is sent something, or has taken some of it and is sent more. */
  progresses(to: AnswerReader, nowMs: number): void {
    this.#sending.delete(to);
    this.#sending.set(to, nowMs);
  }

  /** It has taken all. */
  ends(to: AnswerReader): void {
    this.#sending.delete(to);
  }

  /**
   * Calls `wake` when something may be begun again. Who takes too long to read is let go; for them to be found, {@linkcode giveUpSlow} is
   * to be called after a while.
   */
  whenRoom(wake: () => void): void {
    this.#waiting.push(wake);
  }

  giveUpSlow(nowMs: number): void {
    for (const [reader, sinceMs] of [...this.#sending]) {
      if (nowMs - sinceMs < READER_PATIENCE_MS || this.#takenBytes < this.#limitBytes) return;
      reader.giveUpReader();
    }
  }
}

/** A client that is sent answers. */
export interface AnswerReader {
  /** Ends it: others wait for the memory. */
  giveUpReader(): void;
}
