/**
 * UUIDs as Kafka prints them: 22 characters of URL-safe base64 for 16 bytes. A string, so that it can be a key of a `Map`.
 *
 * @module
 */

/** A UUID in Kafka's print form, 22 characters of URL-safe base64. */
export type Uuid = string;

/** The UUID of all zeros: "no topic id". */
export const ZERO_UUID: Uuid = "AAAAAAAAAAAAAAAAAAAAAA";

/** Kafka's reserved UUID of the metadata topic (`Uuid.METADATA_TOPIC_ID`, also "one UUID"). */
export const METADATA_TOPIC_ID: Uuid = "AAAAAAAAAAAAAAAAAAAAAQ";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const DIGIT = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 64; digit++) DIGIT[ALPHABET.charCodeAt(digit)] = digit;

/** The print form of the 16 bytes at `offset`. */
export function uuidFromBytes(bytes: Uint8Array, offset = 0): Uuid {
  let text = "";
  for (let group = 0; group < 5; group++) {
    const at = offset + group * 3;
    const bits = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    text += ALPHABET[bits >> 18] + ALPHABET[(bits >> 12) & 63] + ALPHABET[(bits >> 6) & 63] + ALPHABET[bits & 63];
  }
  const last = bytes[offset + 15];
  return text + ALPHABET[last >> 2] + ALPHABET[(last & 3) << 4];
}

/** True for 22 characters of URL-safe base64. */
export function isUuid(text: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(text);
}

/**
 * Writes the 16 bytes of `uuid` at `offset`.
 *
 * @throws {TypeError} where `uuid` is not 22 characters of URL-safe base64.
 */
export function uuidToBytes(uuid: Uuid, into: Uint8Array, offset = 0): void {
  if (!isUuid(uuid)) {
    throw new TypeError(`Cannot write a UUID: it must be 22 characters of URL-safe base64, is "${uuid}"`);
  }
  for (let group = 0; group < 5; group++) {
    const at = group * 4;
    const bits = (digit(uuid, at) << 18) | (digit(uuid, at + 1) << 12) | (digit(uuid, at + 2) << 6) |
      digit(uuid, at + 3);
    into[offset + group * 3] = bits >> 16;
    into[offset + group * 3 + 1] = bits >> 8;
    into[offset + group * 3 + 2] = bits;
  }
  into[offset + 15] = (digit(uuid, 20) << 2) | (digit(uuid, 21) >> 4);
}

function digit(uuid: Uuid, at: number): number {
  return DIGIT[uuid.charCodeAt(at)];
}
