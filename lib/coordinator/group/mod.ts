/**
 * Groups of all protocols, and the offsets that groups commit.
 *
 * In: requests about groups. Out: answers, when they are due and what they tell is committed; records of
 * `__consumer_offsets` as Apache Kafka writes them. The functions here are synchronous and see no clock and no log: a
 * state, a turn and a request come in; records, answers and timers go out. `group.ts` is what all groups are; each type
 * has a folder, and `modern/` what those have in common whose assignment the coordinator makes.
 *
 * @module
 */
export { GroupCoordinator, type GroupCoordinatorPorts, topicIdOf } from "./group_coordinator.ts";
export type { PartitionError, TopicOffsets } from "./offsets.ts";
export type { DescribedGroup } from "./administration.ts";
export type { Fetcher } from "./offsets.ts";
export { Refusal } from "./group.ts";
