/**
 * What the broker tells a person, or a program that collects it: on standard error, so that standard output stays a
 * program's own. Each line is one entry, whatever names of clients stand in it.
 *
 * @module
 */
import type { LogFormat } from "../metadata/configs/log_settings.ts";
import type { LogLevel, LogSink } from "../ports.ts";

/** Writes entries with the time of day, their level and where they come from. */
export function consoleSink(format: LogFormat): LogSink {
  const print = format === "json" ? jsonEntry : textEntry;
  return { write: (level, logger, line) => console.error(print(new Date(), level, logger, line)) };
}

/** `2026-11-24T18:15:03.123Z WARN kafka.network: Connection of …` */
export function textEntry(time: Date, level: LogLevel, logger: string, line: string): string {
  return `${time.toISOString()} ${level} ${logger}: ${line.replace(NOT_PRINTED, escape)}`;
}

/** `{"time":"2026-11-24T18:15:03.123Z","level":"WARN","logger":"kafka.network","message":"Connection of …"}` */
export function jsonEntry(time: Date, level: LogLevel, logger: string, line: string): string {
  return JSON.stringify({ time: time.toISOString(), level, logger, message: line });
}

/** What would begin a new line or command a terminal: a client must not be able to write entries of its own. */
// deno-lint-ignore no-control-regex -- they are what is meant
const NOT_PRINTED = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
