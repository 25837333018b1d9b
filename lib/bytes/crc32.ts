/**
 * CRC-32 (ISO-HDLC, as in gzip), the checksum of messages of magic 0 and 1.
 *
 * @module
 */

/** The reversed polynomial of CRC-32. */
const POLYNOMIAL = 0xedb88320;

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
  return remainder;
});

/** The CRC-32 of `bytes`, an unsigned 32-bit integer. */
export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (let index = 0; index < bytes.length; index++) {
    remainder = (remainder >>> 8) ^ TABLE[(remainder ^ bytes[index]) & 0xff];
  }
  return (remainder ^ 0xffffffff) >>> 0;
}
