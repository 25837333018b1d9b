/**
 * Protocol: the DSL in which messages are declared, their codecs and JSON form, and the error codes.
 *
 * In: bytes of a request or of a record, and its version. Out: a typed value in which every field is there, whatever the
 * version; or the other way round. `messages/` has the requests and responses, `records/` what Kafka keeps in logs. Bytes
 * that break the protocol are a `DecodeError`, a value that a version cannot carry is an {@linkcode EncodeError}.
 *
 * @module
 */
export * from "./schema.ts";
export { EncodeError, MAX_STRING_BYTES } from "./codec.ts";
export * from "./json.ts";
export * from "./error_code.ts";
