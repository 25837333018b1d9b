/**
 * Recalling what a restart forgets of the producers: a client may have five batches under way, and Kafka's snapshots
 * remember of each producer the last one alone. The others are looked up in the tail of the log, once, when a producer
 * sends one of them again; a start does not wait for it.
 *
 * @module
 */
import { CorruptBatchError } from "../records/mod.ts";
import { ProducerEntry, REMEMBERED_BATCHES } from "./producer_entry.ts";
import type { ProducerState, SequencedBatch } from "./producer_state.ts";
import { type Segment, SegmentGoneError } from "./segment.ts";

/** How far back from its end the log is looked at: five batches of a megabyte each, and some of other producers. */
const RECALL_BYTES = 8 << 20;

/** What may be recalled of the producers of one log. */
export class ProducerRecall {
  readonly #producers: ProducerState;
  /** The end of the log when it was opened. What was appended since is known. */
  readonly #endOffset: number;
  readonly #segments: () => readonly Segment[];
  #recalling: Promise<void> | null = null;

  /**
   * @param endOffset of the log when it was opened; 0 for a new one, of which there is nothing to recall
   * @param segments those of the log now
   */
  constructor(producers: ProducerState, endOffset: number, segments: () => readonly Segment[]) {
    this.#producers = producers;
    this.#endOffset = endOffset;
    this.#segments = segments;
  }

  /** True where the log, unlike the state of the producers, may know a batch that seems out of order. */
  mayKnow({ producerId, producerEpoch }: SequencedBatch): boolean {
    const entry = this.#endOffset === 0 ? undefined : this.#producers.entry(producerId);
    return entry?.producerEpoch === producerEpoch && entry.batches.length < REMEMBERED_BATCHES;
  }

  /**
   * Resolves when all that can be recalled is.
   *
   * @throws {DiskError} where it must be tried again
   */
  run(): Promise<void> {
    return this.#recalling ??= this.#recall().catch((error) => {
      this.#recalling = null;
      throw error;
    });
  }

  async #recall(): Promise<void> {
    for (;;) {
      const segments = this.#segments().filter(({ baseOffset }) => baseOffset < this.#endOffset);
      try {
        return this.#producers.recall(await lastBatchesIn(segments, this.#endOffset));
      } catch (error) {
        // The cleaner or retention has taken some away meanwhile: those that there are now are looked at.
        if (!(error instanceof SegmentGoneError) || segments.every(({ isDeleted }) => !isDeleted)) throw error;
      }
    }
  }
}

/** The last batches of data of each producer in the tail of these segments, in its latest epoch. */
async function lastBatchesIn(segments: readonly Segment[], endOffset: number): Promise<ProducerEntry[]> {
  const found = new Map<bigint, ProducerEntry>();
  for (const { segment, position } of await tailOf(segments)) {
    try {
      for await (const { batch } of segment.scan(position)) {
        if (batch.lastOffset >= endOffset) break;
        if (batch.magic !== 2 || batch.isControl || batch.producerId === -1n) continue;
        let entry = found.get(batch.producerId);
        if (entry === undefined) found.set(batch.producerId, entry = new ProducerEntry(batch.producerId));
        entry.addBatch(batch);
      }
    } catch (error) {
      // What is damaged is told of to its readers. What comes after it cannot be found, and the rest is still true.
      if (!(error instanceof CorruptBatchError)) throw error;
    }
  }
  return [...found.values()];
}

/** Where to begin in each of the segments, from the first that is not too far from the end. */
async function tailOf(segments: readonly Segment[]): Promise<{ segment: Segment; position: number }[]> {
  const tail: { segment: Segment; position: number }[] = [];
  let restBytes = RECALL_BYTES;
  for (const segment of [...segments].reverse()) {
    if (restBytes <= 0) break;
    const skippedBytes = segment.size - restBytes;
    const position = skippedBytes <= 0 ? 0 : (await segment.loadIndexes()).offsets.positionUpTo(skippedBytes);
    tail.unshift({ segment, position });
    restBytes -= segment.size;
  }
  return tail;
}
