/**
 * What the broker tells a person: on standard error, so that standard output stays a program's own.
 *
 * @module
 */
import type { Logger } from "../ports.ts";

/** Writes each line with the time of day and its level. */
export const consoleLogger: Logger = {
  info: (line) => write("info", line),
  warn: (line) => write("warning", line),
};

function write(level: string, line: string): void {
  console.error(`${new Date().toISOString()} ${level}: ${line}`);
}
