/**
 * Texts of SASL: UTF-8, and base64 with padding.
 *
 * @module
 */
const DECODER = new TextDecoder();

/** The text of UTF-8 bytes; what is none becomes the sign for that. */
export function utf8Text(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}

/** Base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/**
 * The bytes of base64 with padding.
 *
 * @throws {DOMException} where the text is none
 */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}
