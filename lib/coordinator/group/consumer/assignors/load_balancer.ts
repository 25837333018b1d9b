/**
 * Tells which subscribers of a topic have the fewest and the most partitions, while partitions go from these to those.
 *
 * It goes over the subscribers, sorted once by load, from both ends: whoever gets one is not asked again before all
 * others with as few have got one too.
 *
 * @module
 */
export class LoadBalancer {
  /** Partitions of each member, which change as they are given out. */
  readonly #loads: readonly number[];
  #sorted: number[] = [];
  #leastEnd = 0;
  #leastLoad = 0;
  #nextLeast = 0;
  #mostStart = 0;
  #mostEnd = 0;
  #mostLoad = 0;
  #nextMost = -1;

  constructor(loads: readonly number[]) {
    this.#loads = loads;
  }

  /** Begins with these members; returns by how much the loads of any two of them differ at most. */
  begin(members: readonly number[]): number {
    const loads = this.#loads;
    this.#sorted = [...members].sort((a, b) => loads[a] - loads[b] || a - b);
    const least = loads[this.#sorted[0]];
    const most = loads[this.#sorted[this.#sorted.length - 1]];
    this.#leastEnd = 0;
    this.#leastLoad = least - 1;
    this.#nextLeast = 0;
    this.#mostStart = this.#sorted.length;
    this.#mostEnd = this.#sorted.length;
    this.#mostLoad = most + 1;
    this.#nextMost = this.#sorted.length - 1;
    return most - least;
  }

  get isBalanced(): boolean {
    return this.#mostLoad - this.#leastLoad <= 1;
  }

  nextLeastLoaded(): number {
    if (this.#nextLeast >= this.#leastEnd) {
      this.#leastLoad++;
      while (this.#leastEnd < this.#sorted.length && this.#loadAt(this.#leastEnd) === this.#leastLoad) this.#leastEnd++;
      this.#nextLeast = 0;
    }
    return this.#sorted[this.#nextLeast++];
  }

  /** Null where all are excluded. */
  nextMostLoaded(): number | null {
    if (this.#nextMost < this.#mostStart) {
      const isExhausted = this.#mostEnd <= this.#mostStart && this.#mostStart > 0;
      this.#mostLoad = isExhausted ? this.#loadAt(this.#mostStart - 1) : this.#mostLoad - 1;
      while (this.#mostStart > 0 && this.#loadAt(this.#mostStart - 1) === this.#mostLoad) this.#mostStart--;
      this.#nextMost = this.#mostEnd - 1;
    }
    return this.#nextMost < 0 ? null : this.#sorted[this.#nextMost--];
  }

  /** The member that was named last has nothing that it could give. */
  excludeMostLoaded(): void {
    const at = this.#nextMost + 1;
    const last = --this.#mostEnd;
    [this.#sorted[at], this.#sorted[last]] = [this.#sorted[last], this.#sorted[at]];
  }

  #loadAt(index: number): number {
    return this.#loads[this.#sorted[index]];
  }
}
