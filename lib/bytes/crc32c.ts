/**
 * CRC32C (Castagnoli), the checksum of record batches of magic 2.
 *
 * @module
 */
import { crc32c as castagnoli } from "@platformatic/wasm-utils/bundled";

/** The CRC32C of `bytes`, an unsigned 32-bit integer. */
export function crc32c(bytes: Uint8Array): number {
  return castagnoli(bytes) >>> 0;
}
