/**
 * What is remembered of the clients that quotas bind. A client may call itself anything, so the number is bounded: one
 * that would measure the same as a new one is forgotten when there is need for room, and then the one that was not used
 * for longest.
 *
 * @module
 */

/** The most clients of one quota that are remembered: a few hundred bytes each. */
export const MAX_SENSORS = 10_000;
/** With fewer it is not worth looking for those that can go. */
const MIN_SENSORS_TO_SWEEP = 64;

export class Sensors<S> {
  readonly #create: () => S;
  readonly #isForgotten: (sensor: S, nowMs: number) => boolean;
  /** Least recently used first. */
  readonly #byName = new Map<string, S>();
  /** How many there may be before those that are forgotten are looked for. */
  #sweepAt = MIN_SENSORS_TO_SWEEP;

  /** @param isForgotten whether a sensor cannot be told from a new one */
  constructor(create: () => S, isForgotten: (sensor: S, nowMs: number) => boolean) {
    this.#create = create;
    this.#isForgotten = isForgotten;
  }

  get size(): number {
    return this.#byName.size;
  }

  /** The sensor of that name, a new one where there is none. */
  get(name: string, nowMs: number): S {
    const known = this.#byName.get(name);
    if (known !== undefined) this.#byName.delete(name);
    else this.#makeRoom(nowMs);
    const sensor = known ?? this.#create();
    this.#byName.set(name, sensor);
    return sensor;
  }

  clear(): void {
    this.#byName.clear();
    this.#sweepAt = MIN_SENSORS_TO_SWEEP;
  }

  #makeRoom(nowMs: number): void {
    if (this.#byName.size >= this.#sweepAt) {
      for (const [name, sensor] of this.#byName) if (this.#isForgotten(sensor, nowMs)) this.#byName.delete(name);
      // Twice what is left: so looking costs little on each that is added.
      this.#sweepAt = Math.max(MIN_SENSORS_TO_SWEEP, this.#byName.size * 2);
    }
    if (this.#byName.size >= MAX_SENSORS) this.#byName.delete(this.#byName.keys().next().value!);
  }
}
