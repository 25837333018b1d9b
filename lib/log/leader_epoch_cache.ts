/**
 * Where each leader epoch began, so that a client can tell whether the offset that it knows still means the same record
 * (KIP-101, KIP-320).
 *
 * @module
 */
import type { EpochEntry } from "./checkpoint_files.ts";

/** The epochs of one partition, both epochs and start offsets rising. */
export class LeaderEpochCache {
  #entries: EpochEntry[];
  #isDirty = false;

  constructor(entries: readonly EpochEntry[] = []) {
    this.#entries = [];
    for (const entry of entries) this.assign(entry.epoch, entry.startOffset);
    this.#isDirty = false;
  }

  /** In order. */
  get entries(): readonly EpochEntry[] {
    return this.#entries;
  }

  /** The latest epoch; -1 where none is known. */
  get latestEpoch(): number {
    return this.#entries.at(-1)?.epoch ?? -1;
  }

  /** True where the entries differ from those that were last taken to be written. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** The entries, to be written to the checkpoint file. */
  takeForWriting(): readonly EpochEntry[] {
    this.#isDirty = false;
    return this.#entries;
  }

  /** The entries that were taken could not be written. */
  keepForWriting(): void {
    this.#isDirty = true;
  }

  /**
   * Notes that `epoch` begins at `startOffset`. Does nothing where it is known to begin there or before; entries that
   * contradict it, with a later epoch or offset, give way.
   */
  assign(epoch: number, startOffset: number): void {
    const latest = this.#entries.at(-1);
    if (latest !== undefined && latest.epoch === epoch && startOffset >= latest.startOffset) return;
    const kept = this.#entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset);
    this.#replace([...kept, { epoch, startOffset }]);
  }

  /** The epoch in which the record at `offset` was appended; -1 where it is not known. */
  epochForOffset(offset: number): number {
    return this.#entries.findLast((entry) => entry.startOffset <= offset)?.epoch ?? -1;
  }

  /**
   * The largest epoch that is not above `epoch`, and the offset at which the one after it began: the end of the log for
   * the latest epoch; -1 and -1 for one that is above all. Before the first known epoch the answer is `epoch` itself
   * and where the first one begins, as Kafka answers.
   */
  endOffsetFor(epoch: number, logEndOffset: number): { leaderEpoch: number; endOffset: number } {
    if (epoch >= 0 && epoch === this.latestEpoch) return { leaderEpoch: epoch, endOffset: logEndOffset };
    const above = this.#entries.findIndex((entry) => entry.epoch > epoch);
    if (epoch < 0 || above === -1) return { leaderEpoch: -1, endOffset: -1 };
    const leaderEpoch = above === 0 ? epoch : this.#entries[above - 1].epoch;
    return { leaderEpoch, endOffset: this.#entries[above].startOffset };
  }

  /** Forgets the epochs that began at `endOffset` or later. */
  truncateFromEnd(endOffset: number): void {
    const kept = this.#entries.filter((entry) => entry.startOffset < endOffset);
    if (kept.length < this.#entries.length) this.#replace(kept);
  }

  /** Forgets what lies before `startOffset`: the epoch that it falls into begins there. */
  truncateFromStart(startOffset: number): void {
    const gone = this.#entries.filter((entry) => entry.startOffset <= startOffset);
    const last = gone.at(-1);
    if (last === undefined || (gone.length === 1 && last.startOffset === startOffset)) return;
    this.#replace([{ epoch: last.epoch, startOffset }, ...this.#entries.slice(gone.length)]);
  }

  #replace(entries: EpochEntry[]): void {
    this.#entries = entries;
    this.#isDirty = true;
  }
}
