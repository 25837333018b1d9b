/**
 * Consumer groups (KIP-848): members say in heartbeats what they want and what they have, and the coordinator tells
 * them what to take and what to give up.
 *
 * In: ConsumerGroupHeartbeat, and of members of the classic protocol JoinGroup, SyncGroup, Heartbeat and LeaveGroup.
 * Out: answers, and records. `consumer_group.ts` is what a group is, `heartbeat.ts` what happens in it, `reconcile.ts`
 * how a member comes to its target, `migration.ts` how a group changes between the two protocols.
 *
 * @module
 */
export * from "./consumer_group.ts";
export * from "./consumer_member.ts";
export * from "./describe.ts";
export * from "./heartbeat.ts";
export * from "./replay.ts";
