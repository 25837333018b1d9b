/**
 * Producer ids: unique for ever, taken from the metadata log in blocks, so that most requests cost no write (KIP-730).
 *
 * @module
 */

/** A block of ids that nobody else will get. */
export interface ProducerIdBlock {
  readonly firstProducerId: bigint;
  readonly size: number;
}

export class ProducerIds {
  readonly #allocate: () => Promise<ProducerIdBlock>;
  #next = 0n;
  #end = 0n;
  #refill: Promise<void> | null = null;

  /** @param allocate takes the next block from the metadata log, durably */
  constructor(allocate: () => Promise<ProducerIdBlock>) {
    this.#allocate = allocate;
  }

  /** A producer id that was never given before. */
  async next(): Promise<bigint> {
    while (this.#next >= this.#end) await (this.#refill ??= this.#takeBlock());
    return this.#next++;
  }

  async #takeBlock(): Promise<void> {
    try {
      const block = await this.#allocate();
      this.#next = block.firstProducerId;
      this.#end = block.firstProducerId + BigInt(block.size);
    } finally {
      this.#refill = null;
    }
  }
}
