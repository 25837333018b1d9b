/**
 * Classic groups: members agree on a protocol, and one of them assigns.
 *
 * In: JoinGroup, SyncGroup, Heartbeat and LeaveGroup. Out: generations, and the `GroupMetadata` record of each.
 * `classic_group.ts` is what a group is, `rebalance.ts` has its transitions, `join.ts` and `membership.ts` its events.
 *
 * @module
 */
export * from "./classic_group.ts";
export * from "./classic_member.ts";
export * from "./join.ts";
export * from "./membership.ts";
export * from "./rebalance.ts";
export * from "./records.ts";
