/**
 * Records: what Kafka keeps in its own logs and files, declared as the messages of the protocol are, and their frames.
 *
 * In: values, or the key and value bytes of a record in a log. Out: bytes, or values with the name of their type, which
 * tells TypeScript what they hold; records that a newer Kafka wrote are told from damage, which is a `DecodeError`.
 *
 * @module
 */
export * from "./consumer_group.ts";
export * from "./consumer_protocol.ts";
export * from "./framing.ts";
export * from "./group.ts";
export * from "./logs.ts";
export * from "./metadata.ts";
export * from "./node.ts";
export * from "./principal.ts";
export * from "./producer.ts";
export * from "./raft.ts";
export * from "./remote_log.ts";
export * from "./security.ts";
export * from "./share_group.ts";
export * from "./share_state.ts";
export * from "./streams_group.ts";
export * from "./transaction.ts";
