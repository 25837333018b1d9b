/**
 * What a planted bug is, and how it is put into the broker.
 *
 * @module
 */
import type { Plant } from "./process.ts";

/** A bug that is in the world while it runs. */
export interface PlantedBug extends Plant {
  /** Takes the bug out again, where it sits in the broker itself. */
  uproot?(): void;
}

/** One of the bugs, and how soon it is found. */
export interface Planting {
  /**
   * Within so many seeds, from the first on, some world breaks a promise. Some ten times as many as it takes on
   * average: whatever changes in the broker changes all worlds.
   */
  readonly withinSeeds: number;
  plant(): PlantedBug;
}

/** Puts another method in the place of one, until it is uprooted. */
export function inPlaceOf<T extends object, K extends keyof T>(
  owner: T,
  name: K,
  change: (original: T[K]) => T[K],
): PlantedBug {
  const original = owner[name];
  owner[name] = change(original);
  return { uproot: () => void (owner[name] = original) };
}

/** Puts another property that is computed in the place of one, until it is uprooted. */
export function inPlaceOfGetter<T extends object, K extends keyof T>(
  owner: T,
  name: K,
  get: (this: T) => T[K],
): PlantedBug {
  const original = Object.getOwnPropertyDescriptor(owner, name)!;
  Object.defineProperty(owner, name, { ...original, get });
  return { uproot: () => void Object.defineProperty(owner, name, original) };
}

/** Several changes that make one bug together. */
export function together(...bugs: readonly PlantedBug[]): PlantedBug {
  return { uproot: () => bugs.forEach((bug) => bug.uproot?.()) };
}
