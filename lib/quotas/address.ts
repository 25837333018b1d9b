/**
 * Addresses as quotas compare them.
 *
 * @module
 */
import { javaAddress } from "../security/mod.ts";

/** One text for each address, however it is written. An IPv4 address in the clothes of IPv6 is taken for what it is. */
export function canonicalAddress(host: string): string {
  const [text] = host.toLowerCase().split("%");
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (dotted === null) return withoutMapping(javaAddress(text));
  const [first, second, third, fourth] = dotted.slice(2).map(Number);
  const numbers = [first * 256 + second, third * 256 + fourth].map((number) => number.toString(16));
  return withoutMapping(javaAddress(dotted[1] + numbers.join(":")));
}

/** RFC 4291, section 2.5.5.2. */
function withoutMapping(address: string): string {
  const mapped = /^(?:0:){5}ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(address);
  if (mapped === null) return address;
  const [high, low] = mapped.slice(1).map((number) => parseInt(number, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
