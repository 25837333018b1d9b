/**
 * The bytes of all requests under way, bounded in total (`queued.max.request.bytes`, KIP-72): above the bound nothing more
 * is read from any connection until some are answered.
 *
 * As many bytes may wait as answers that their clients do not read. Above that, a fetch is answered by one batch: those
 * who read go on, and those who do not cannot fill the memory.
 *
 * @module
 */
export class RequestMemory {
  readonly #limitBytes: number;
  #takenBytes = 0;
  #answerBytes = 0;
  #waiting: (() => void)[] = [];

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
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

  /** How many bytes of answers may be made beyond those that wait to be read. */
  get answerBytesLeft(): number {
    return Math.max(0, this.#limitBytes - this.#answerBytes);
  }

  /** Counts an answer that is ready. */
  takeForAnswers(bytes: number): void {
    this.#answerBytes += bytes;
  }

  /** What has been sent, or never will be. */
  releaseForAnswers(bytes: number): void {
    this.#answerBytes -= bytes;
  }

  /** Resolves when there may be room again for requests. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
