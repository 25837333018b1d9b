/**
 * Isolation levels as requests name them (KIP-98).
 *
 * @module
 */
import type { IsolationLevel } from "../log/mod.ts";

/** The isolation level of that number; null where there is none. */
export function isolationLevelOf(value: number): IsolationLevel | null {
  return LEVELS[value] ?? null;
}

const LEVELS: readonly IsolationLevel[] = ["read-uncommitted", "read-committed"];
