/**
 * What consumers of classic groups tell each other through the coordinator, which passes it on as bytes. An int16
 * version stands in front, as `encodeVersioned` writes it.
 *
 * @module
 */
import { DecodeError, Reader } from "../../bytes/mod.ts";
import { array, bytes, data, ignorable, type Infer, int32, type Message, nullable, since, string } from "../schema.ts";

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

/**
 * A member's subscription, with its version in front. Versions newer than ours are read as our newest, and what follows is
 * skipped, as Kafka's consumers do.
 *
 * @throws {DecodeError} where the bytes are no subscription.
 */
export function decodeConsumerProtocolSubscription(bytes: Uint8Array): ConsumerProtocolSubscription {
  return decodeLeniently(ConsumerProtocolSubscription, bytes);
}

/**
 * A member's assignment, read as {@linkcode decodeConsumerProtocolSubscription} does.
 *
 * @throws {DecodeError} where the bytes are no assignment.
 */
export function decodeConsumerProtocolAssignment(bytes: Uint8Array): ConsumerProtocolAssignment {
  return decodeLeniently(ConsumerProtocolAssignment, bytes);
}

function decodeLeniently<T>(message: Message<T>, bytes: Uint8Array): T {
  const reader = new Reader(bytes);
  const version = reader.int16();
  if (version < 0) throw new DecodeError(`${message.name} has the negative version ${version}`, 0);
  return message.read(reader, Math.min(version, message.versions[1]));
}
