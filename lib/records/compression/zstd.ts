/**
 * The frame structure of Zstandard (RFC 8878), without its contents: Deno's own function takes input that is cut short
 * for input that is whole, and reads no further than the first frame.
 *
 * @module
 */
import { CompressionError } from "../../ports.ts";

const FRAME_MAGIC = 0xfd2fb528;
/** Frames with one of sixteen magics from this one on carry data of somebody else. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const BLOCK_RLE = 1;
const BLOCK_RESERVED = 3;

/**
 * Splits `bytes` into frames, each of them there to its last block; those that carry data of other programs are left
 * out.
 *
 * @throws {CompressionError} where there is none, or anything but frames
 */
export function zstdFrames(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let at = 0;
  do {
    const start = at;
    const magic = littleEndian(bytes, at, 4);
    const isSkippable = (magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC;
    if (!isSkippable && magic !== FRAME_MAGIC) throw new CompressionError("zstd: the magic of a frame is missing");
    at = isSkippable ? at + 8 + littleEndian(bytes, at + 4, 4) : frameEnd(bytes, at + 4);
    if (at > bytes.length) cutShort();
    if (!isSkippable) frames.push(bytes.subarray(start, at));
  } while (at < bytes.length);
  return frames;
}

/** Where the frame ends whose descriptor stands at `at`. */
function frameEnd(bytes: Uint8Array, at: number): number {
  const descriptor = littleEndian(bytes, at, 1);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const contentSizeFlag = descriptor >>> 6;
  at += 1 + DICTIONARY_ID_BYTES[descriptor & 3];
  at += isSingleSegment ? CONTENT_SIZE_BYTES[contentSizeFlag] || 1 : 1 + CONTENT_SIZE_BYTES[contentSizeFlag];
  let isLast;
  do {
    const header = littleEndian(bytes, at, 3);
    const type = (header >>> 1) & 3;
    isLast = (header & 1) === 1;
    if (type === BLOCK_RESERVED) throw new CompressionError("zstd: a block has the type 3, which there is not");
    at += 3 + (type === BLOCK_RLE ? 1 : header >>> 3);
  } while (!isLast);
  return hasChecksum ? at + 4 : at;
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  if (at + count > bytes.length) cutShort();
  let value = 0;
  for (let index = count - 1; index >= 0; index--) value = value * 256 + bytes[at + index];
  return value;
}

function cutShort(): never {
  throw new CompressionError("zstd: the bytes end too early");
}
