/**
 * Streams groups: the members of Kafka Streams applications, to which the broker hands out tasks (KIP-1071).
 *
 * In: StreamsGroupHeartbeat and StreamsGroupDescribe; topics that come and change. Out: answers, records of
 * `__consumer_offsets`, and the internal topics that an application needs. `topology/` decides on the topics,
 * `assignor/` on who gets which task, `reconcile.ts` on when.
 *
 * @module
 */
export { type DescribedStreamsGroup, describeStreamsGroup } from "./describe.ts";
export { type StreamsHeartbeat, streamsHeartbeat, type StreamsHeartbeatResult } from "./heartbeat.ts";
export { JOIN_EPOCH } from "./member.ts";
export type { StreamsGroupRecord } from "./records.ts";
export { replayStreamsGroup, StreamsGroup } from "./streams_group.ts";
export type { InternalTopic } from "./topology/configured_topology.ts";
export { HeartbeatStatus } from "./topology/topology_problem.ts";
export { heartbeatComplaint } from "./validate.ts";
