/**
 * Values that may have to be waited for. Most of what a broker is asked it knows at once, and then a promise, with the
 * turns that it takes, costs more than the answer.
 *
 * @module
 */

/** A value, or the promise of one. */
export type MaybePromise<T> = T | Promise<T>;

/** What `use` makes of a value: at once, where the value is there. */
export function andThen<T, U>(value: MaybePromise<T>, use: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** All values: at once, where all are there. */
export function allOf<T>(values: readonly MaybePromise<T>[]): MaybePromise<readonly T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : values as readonly T[];
}
