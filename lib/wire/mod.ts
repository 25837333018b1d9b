/**
 * The wire: bytes of a connection → frames, and a frame → header and body.
 *
 * In: bytes as they arrive, in any pieces. Out: whole frames, each at most as long as the limit says, and the headers of
 * requests and responses. What does not fit raises `DecodeError`.
 *
 * @module
 */
export * from "./framer.ts";
export * from "./headers.ts";
