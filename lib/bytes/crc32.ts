/**
 * CRC-32 (ISO-HDLC), the checksum of gzip, and of messages of magic 0 and 1.
 *
 * @module
 */

/** The reversed polynomial of CRC-32. */
const POLYNOMIAL = 0xedb88320;

/** Eight tables of 256, so that eight bytes are taken at a time: table k gives the remainder of a byte that k more bytes follow. */
const TABLES = makeTables();

/** The CRC-32 of `bytes`, an unsigned 32-bit integer. */
export function crc32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let remainder = -1;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    const low = view.getInt32(at, true) ^ remainder;
    const high = view.getInt32(at + 4, true);
    remainder = TABLES[0x700 + (low & 0xff)] ^ TABLES[0x600 + ((low >>> 8) & 0xff)] ^
      TABLES[0x500 + ((low >>> 16) & 0xff)] ^ TABLES[0x400 + (low >>> 24)] ^
      TABLES[0x300 + (high & 0xff)] ^ TABLES[0x200 + ((high >>> 8) & 0xff)] ^
      TABLES[0x100 + ((high >>> 16) & 0xff)] ^ TABLES[high >>> 24];
  }
  for (; at < bytes.length; at++) remainder = (remainder >>> 8) ^ TABLES[(remainder ^ bytes[at]) & 0xff];
  return ~remainder >>> 0;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let index = 0; index < 256; index++) {
    let remainder = index;
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
    tables[index] = remainder;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256];
    tables[index] = (before >>> 8) ^ tables[before & 0xff];
  }
  return tables;
}
