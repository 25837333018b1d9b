/**
 * What groups have in common whose assignment the coordinator makes: consumer groups (KIP-848), share groups (KIP-932),
 * and, tasks in place of partitions, streams groups (KIP-1071).
 *
 * In: heartbeats of members, and metadata that change. Out: a group epoch that is bumped by each change of what the
 * group depends on; a target assignment, made for an epoch; and members that come to it each in its time.
 *
 * @module
 */
export * from "./assignment.ts";
export * from "./assignor.ts";
export * from "./metadata_hash.ts";
export * from "./modern_group.ts";
export * from "./sessions.ts";
export * from "./target_assignment.ts";
