/**
 * Hash functions, from the runtime. They are loaded by whoever first needs one: most brokers do not, and it would take a tenth of
 * the time that a start takes.
 *
 * @module
 */
import process from "node:process";
import type { Hashes, HashName } from "../ports.ts";

export const runtimeHashes: Hashes = {
  digest: (hash, bytes) => bytesOf(crypto().createHash(nodeName(hash)).update(bytes).digest()),
  hmac: (hash, key, bytes) => bytesOf(crypto().createHmac(nodeName(hash), key).update(bytes).digest()),
  saltPassword: (hash, password, salt, iterations) =>
    bytesOf(crypto().pbkdf2Sync(password, salt, iterations, hash === "SHA-256" ? 32 : 64, nodeName(hash))),
};

function crypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

function nodeName(hash: HashName): string {
  return hash.replace("-", "").toLowerCase();
}

/** A plain array, which tests can compare. */
function bytesOf(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer);
}
