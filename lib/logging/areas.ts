/**
 * The areas of the broker that have a level of their own, named as Apache Kafka's loggers are where it has one for the same
 * thing.
 *
 * @module
 */
import type { LogLevel } from "../ports.ts";

/** The areas, by name, and what is told in them. */
export const LOG_AREAS = {
  "kafka.authorizer.logger": "Who was refused what, and whose authentication failed; at DEBUG what was allowed too",
  "kafka.coordinator.group": "Groups and their members; at DEBUG how they change, at TRACE committed offsets too",
  "kafka.coordinator.share": "The state of share groups; at DEBUG how it changes",
  "kafka.coordinator.transaction": "Transactions; at DEBUG how they change",
  "kafka.log": "Logs of partitions: recovery, retention, directories; at DEBUG new and removed segments",
  "kafka.log.cleaner": "Compaction",
  "kafka.metadata": "The metadata log; at DEBUG snapshots and what kinds of records are appended",
  "kafka.network": "Listeners and connections; at DEBUG each that is opened or closed",
  "kafka.request.logger": "Requests; at DEBUG each that was answered, at TRACE with its content",
  "kafka.server": "The broker as a whole, and what belongs nowhere else",
} as const satisfies Readonly<Record<string, string>>;

/** The name of an area. */
export type LogArea = keyof typeof LOG_AREAS;

/** The name of the level that holds for all areas without one of their own. */
export const ROOT_LOGGER = "root";

/** All levels, the gravest first: an area at one of them tells it and those before it. */
export const LOG_LEVELS: readonly LogLevel[] = ["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"];

/** Whether the text names a level. */
export function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

/** The names that can have a level: `root` and all areas. */
export function isLoggerName(name: string): boolean {
  return name === ROOT_LOGGER || Object.hasOwn(LOG_AREAS, name);
}
