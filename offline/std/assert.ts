/**
 * Stands in for `jsr:@std/assert` where JSR cannot be reached: the same signatures, written on `node:assert`.
 *
 * @module
 */
import nodeAssert from "node:assert";
import { inspect } from "node:util";

/** Thrown by every function here. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

function check(holds: boolean, msg: string | undefined, otherwise: string): asserts holds {
  if (!holds) throw new AssertionError(msg === undefined ? otherwise : `${otherwise}: ${msg}`);
}

function show(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: 120 });
}

/** `expr` is truthy. */
export function assert(expr: unknown, msg?: string): asserts expr {
  check(Boolean(expr), msg, `Expected a truthy value, got ${show(expr)}`);
}

/** Both are deeply and strictly equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  try {
    nodeAssert.deepStrictEqual(actual, expected);
  } catch (error) {
    throw new AssertionError(`${(error as Error).message}${msg === undefined ? "" : `: ${msg}`}`);
  }
}

/** They are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  try {
    nodeAssert.notDeepStrictEqual(actual, expected);
  } catch {
    throw new AssertionError(`Expected something else than ${show(actual)}${msg === undefined ? "" : `: ${msg}`}`);
  }
}

/** They are the same value, by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  check(Object.is(actual, expected), msg, `Expected ${show(expected)}, got ${show(actual)}`);
}

/** `actual` is neither null nor undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  check(actual !== null && actual !== undefined, msg, `Expected a value, got ${actual}`);
}

/** `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  check(actual.includes(expected), msg, `Expected ${show(actual)} to contain ${show(expected)}`);
}

/** `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  check(expected.test(actual), msg, `Expected ${show(actual)} to match ${expected}`);
}

/** `actual` is an instance of `expectedType`. */
// deno-lint-ignore no-explicit-any
export function assertInstanceOf<T extends abstract new (...args: any[]) => any>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T> {
  check(actual instanceof expectedType, msg, `Expected a ${expectedType.name}, got ${show(actual)}`);
}

/** `actual` is greater than `expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  check(actual > expected, msg, `Expected ${show(actual)} > ${show(expected)}`);
}

/** `actual` is greater than `expected` or equal. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  check(actual >= expected, msg, `Expected ${show(actual)} >= ${show(expected)}`);
}

/** `actual` is less than `expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  check(actual < expected, msg, `Expected ${show(actual)} < ${show(expected)}`);
}

/** `actual` is less than `expected` or equal. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  check(actual <= expected, msg, `Expected ${show(actual)} <= ${show(expected)}`);
}

/** Always fails. */
export function fail(msg?: string): never {
  throw new AssertionError(`Failed${msg === undefined ? "" : `: ${msg}`}`);
}

// deno-lint-ignore no-explicit-any
type ErrorType<E> = abstract new (...args: any[]) => E;

function checkError<E extends Error>(error: unknown, type?: ErrorType<E>, includes?: string, msg?: string): E {
  check(error instanceof Error, msg, `Expected an Error to be thrown, got ${show(error)}`);
  if (type !== undefined) {
    check(error instanceof type, msg, `Expected a ${type.name}, got ${error.name} (${error.message})`);
  }
  if (includes !== undefined) {
    check(
      error.message.includes(includes),
      msg,
      `Expected the message ${show(error.message)} to contain ${show(includes)}`,
    );
  }
  return error as unknown as E;
}

/** `fn` throws; returns what it throws. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass?: ErrorType<E>,
  msgIncludes?: string,
  msg?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checkError(error, ErrorClass, msgIncludes, msg);
  }
  throw new AssertionError(`Expected the function to throw${msg === undefined ? "" : `: ${msg}`}`);
}

/** `fn` returns a promise that rejects; resolves to what it rejects with. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass?: ErrorType<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checkError(error, ErrorClass, msgIncludes, msg);
  }
  throw new AssertionError(`Expected the promise to reject${msg === undefined ? "" : `: ${msg}`}`);
}
