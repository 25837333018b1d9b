/**
 * What consumers of classic groups tell each other through the coordinator, which passes it on as bytes. An int16
 * version stands in front, see {@linkcode encodeVersioned}.
 *
 * @module
 */
import { array, bytes, data, ignorable, type Infer, int32, nullable, since, string } from "../schema.ts";

const topicPartition = { topic: string, partitions: array(int32) };

/** What a member subscribes to; version 1 has what it owns (KIP-429), 2 the generation of that (KIP-792), 3 its rack (KIP-881). */
export const ConsumerProtocolSubscription = data({
  name: "ConsumerProtocolSubscription",
  versions: [0, 3],
  flexible: null,
}, {
  topics: array(string),
  userData: nullable(bytes),
  ownedPartitions: ignorable(since(1, array(topicPartition))),
  generationId: ignorable(since(2, int32, -1)),
  rackId: ignorable(since(3, nullable(string))),
});
export type ConsumerProtocolSubscription = Infer<typeof ConsumerProtocolSubscription>;

/** What the leader assigns to a member. */
export const ConsumerProtocolAssignment = data(
  { name: "ConsumerProtocolAssignment", versions: [0, 3], flexible: null },
  {
    assignedPartitions: array(topicPartition),
    userData: nullable(bytes),
  },
);
export type ConsumerProtocolAssignment = Infer<typeof ConsumerProtocolAssignment>;
