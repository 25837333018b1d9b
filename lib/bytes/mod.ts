/**
 * Bytes: the one reader that checks bounds, the writer, variable-length integers, CRC-32, CRC32C and XXH3, and the safe conversion of offsets.
 *
 * In: `Uint8Array`s from a socket or a file. Out: numbers, strings and views; or a {@linkcode DecodeError}, the only
 * exception that malformed input can cause.
 *
 * @module
 */
export * from "./buffer_pool.ts";
export * from "./reader.ts";
export * from "./writer.ts";
export * from "./varint.ts";
export * from "./uuid.ts";
export * from "./int64.ts";
export * from "./offset.ts";
export * from "./crc32.ts";
export * from "./crc32c.ts";
export * from "./xxh3.ts";
