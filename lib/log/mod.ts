/**
 * Logs: the partitions of a broker, each a folder of segments in the very form of Apache Kafka's.
 *
 * In: record batches as clients and coordinators send them, and whatever an earlier broker left on the disk. Out:
 * offsets once the records are safe, batches from any offset on, offsets by time and by epoch; {@linkcode PartitionLog}
 * is all that the rest of the broker needs to know. The files behind it are the business of {@linkcode FileLog} and
 * {@linkcode LogManager}.
 *
 * @module
 */
export * from "./partition_log.ts";
export { readErrorOf } from "./read_error.ts";
export { FileLog } from "./file_log.ts";
export { createLogContext, type LogContext, type LogPorts, type LogSettings } from "./log_context.ts";
export { hadCleanShutdown, lockLogDirectories, type LogDirectoryLocks } from "./log_directory.ts";
export { type LogDirectoryInfo, LogManager, type LogManagerOptions, type NewLog } from "./log_manager.ts";
export type { LoadOptions } from "./log_loader.ts";
