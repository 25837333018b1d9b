/**
 * Compression as Kafka's clients use it: the runtime's gzip and zstd, and the project's own LZ4, Snappy and gzip
 * reader.
 *
 * @module
 */
import zlib from "node:zlib";
import { concat } from "@std/bytes";
import { CompressionError, type CompressionName, type Compressor } from "../ports.ts";
import {
  compressLz4,
  compressSnappy,
  decompressGzip,
  decompressLz4,
  decompressSnappy,
  zstdFrames,
} from "../records/compression/mod.ts";

/** What this module uses of `node:zlib` that not every supported runtime has. */
interface ZstdFunctions {
  zstdCompressSync?(bytes: Uint8Array, options?: { params?: Record<number, number> }): Uint8Array;
  createZstdDecompress?(options?: { maxOutputLength?: number }): ZstdEngine;
}

/** What lies below the functions of `node:zlib`: it can be closed, where they leak memory with each damaged input. */
interface ZstdEngine {
  _processChunk(bytes: Uint8Array, flush: number): Uint8Array;
  close(): void;
}

const { zstdCompressSync, createZstdDecompress } = zlib as unknown as ZstdFunctions;

/** Numbers of zstd's own interface, which older runtimes have no names for. */
const ZSTD_COMPRESSION_LEVEL = 100;
const ZSTD_END = 2;

/**
 * The {@linkcode Compressor} of this runtime. It has no state: one serves all.
 *
 * Levels count for gzip (1 to 9) and zstd (negative ones to 22). LZ4 and Snappy have one way to compress, and read
 * everybody's.
 */
export const runtimeCompressor: Compressor = {
  supports(name: CompressionName): boolean {
    return name !== "zstd" || hasZstd;
  },

  compress(name: CompressionName, bytes: Uint8Array, level?: number): Uint8Array {
    switch (name) {
      case "gzip":
        return plain(zlib.gzipSync(bytes, level === undefined ? {} : { level }));
      case "snappy":
        return compressSnappy(bytes);
      case "lz4":
        return compressLz4(bytes);
      case "zstd": {
        if (!hasZstd) return withoutZstd();
        const options = level === undefined ? {} : { params: { [ZSTD_COMPRESSION_LEVEL]: level } };
        return plain(zstdCompressSync!(bytes, options));
      }
    }
  },

  decompress(name: CompressionName, bytes: Uint8Array, maxBytes: number): Uint8Array {
    switch (name) {
      case "gzip":
        return decompressGzip(bytes, maxBytes);
      case "snappy":
        return decompressSnappy(bytes, maxBytes);
      case "lz4":
        return decompressLz4(bytes, maxBytes);
      case "zstd":
        return decompressZstd(bytes, maxBytes);
    }
  },
};

function decompressZstd(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (!hasZstd) return withoutZstd();
  const contents: Uint8Array[] = [];
  let rest = maxBytes;
  for (const frame of zstdFrames(bytes)) {
    const content = decompressZstdFrame(frame, rest, maxBytes);
    rest -= content.length;
    contents.push(content);
  }
  return contents.length === 1 ? contents[0] : concat(contents);
}

/** Decompresses one frame to at most `rest` of the `maxBytes` bytes that are allowed for all. */
function decompressZstdFrame(frame: Uint8Array, rest: number, maxBytes: number): Uint8Array {
  try {
    const content = runZstd(frame, Math.max(rest, 1));
    if (content.length <= rest) return content;
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_BUFFER_TOO_LARGE") {
      throw new CompressionError(`zstd: ${(error as Error).message}`, { cause: error });
    }
  }
  throw new CompressionError(`It decompresses to more than the ${maxBytes} bytes that are allowed`);
}

function runZstd(frame: Uint8Array, maxOutputLength: number): Uint8Array {
  const engine = createZstdDecompress!({ maxOutputLength });
  try {
    return plain(engine._processChunk(frame, ZSTD_END));
  } finally {
    engine.close();
  }
}

/**
 * The same bytes without the methods of Node's `Buffer`, whose `slice` shares memory where that of `Uint8Array` copies.
 */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
}

/** True where the runtime has zstd and heeds a limit of the output, without which it is not safe to use. */
const hasZstd = probeZstd();

function probeZstd(): boolean {
  if (zstdCompressSync === undefined || createZstdDecompress === undefined) return false;
  const frame = zstdCompressSync(new Uint8Array(1024));
  try {
    if (runZstd(frame, 1024).length !== 1024) return false;
    runZstd(frame, 16);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
  }
}

function withoutZstd(): never {
  throw new CompressionError("This runtime has no zstd: Deno 2.6 and newer do");
}
