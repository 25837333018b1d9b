/**
 * The codecs that no runtime brings along, or not safely enough for bytes from anybody: LZ4 frames and Snappy both
 * ways, reading gzip, and the frame structure of zstd, in plain TypeScript.
 *
 * In: bytes and a limit. Out: bytes, or a `CompressionError`, the only exception that malformed input can cause. The
 * compressor of `shell/` puts them behind the `Compressor` port, next to what the runtime does well.
 *
 * @module
 */
export * from "./gzip.ts";
export * from "./lz4.ts";
export * from "./snappy.ts";
export * from "./xxhash32.ts";
export * from "./zstd.ts";
