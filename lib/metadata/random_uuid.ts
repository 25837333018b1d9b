/**
 * New ids for clusters, folders, topics and incarnations.
 *
 * @module
 */
import { type Uuid, uuidFromBytes } from "../bytes/mod.ts";
import type { Random } from "../ports.ts";

/**
 * A random UUID of version 4 (RFC 9562), never one that begins with a hyphen: command lines would take that for an
 * option. Its version bits keep it apart from the ids that Kafka reserves.
 */
export function randomUuid(random: Random): Uuid {
  const bytes = new Uint8Array(16);
  for (;;) {
    random.fill(bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const uuid = uuidFromBytes(bytes);
    if (!uuid.startsWith("-")) return uuid;
  }
}
