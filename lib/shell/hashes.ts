/**
 * Hash functions, from the runtime.
 *
 * @module
 */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import type { Hashes, HashName } from "../ports.ts";

export const runtimeHashes: Hashes = {
  digest: (hash, bytes) => bytesOf(createHash(nodeName(hash)).update(bytes).digest()),
  hmac: (hash, key, bytes) => bytesOf(createHmac(nodeName(hash), key).update(bytes).digest()),
};

/** A password, salted and hashed `iterations` times (PBKDF2, RFC 8018), as long as the hash. It takes milliseconds. */
export function saltPassword(hash: HashName, password: string, salt: Uint8Array, iterations: number): Uint8Array {
  return bytesOf(pbkdf2Sync(password, salt, iterations, hash === "SHA-256" ? 32 : 64, nodeName(hash)));
}

function nodeName(hash: HashName): string {
  return hash.replace("-", "").toLowerCase();
}

/** A plain array, which tests can compare. */
function bytesOf(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer);
}
