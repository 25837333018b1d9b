/**
 * The bytes of all requests under way, bounded in total (`queued.max.request.bytes`, KIP-72): above the bound nothing more
 * is read from any connection until some are answered.
 *
 * @module
 */
export class RequestMemory {
  readonly #limitBytes: number;
  #takenBytes = 0;
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

  /** Resolves when there is room again. */
  async untilAvailable(): Promise<void> {
    while (this.isExhausted) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
