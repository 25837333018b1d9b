/**
 * The share coordinator: keeps what became of the records that share groups have seen (KIP-932).
 *
 * In: states of share partitions, from the broker's own share partitions or by the APIs for it. Out: records of
 * `__share_group_state` as Apache Kafka writes them, snapshots and updates, and a log that is cut where they are needed no
 * more.
 *
 * @module
 */
export type { ReadState, StateResult, StateSummary, WrittenState } from "./decisions.ts";
export { ShareCoordinator } from "./share_coordinator.ts";
export { coordinatorKeyOf, type SharePartitionKey } from "./share_state.ts";
