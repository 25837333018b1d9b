/**
 * What is computed of delegation tokens (KIP-48). A token is a few facts in the metadata log; its secret is nowhere: it is the
 * HMAC of its id under `delegation.token.secret.key`, which every broker of the cluster can make. A client shows that it knows
 * the HMAC by SCRAM, with the id as its name and the HMAC, in base64, as its password.
 *
 * @module
 */
import { utf8 } from "../bytes/mod.ts";
import type { Hashes } from "../ports.ts";
import type { DelegationTokenRecord } from "../protocol/records/security.ts";
import { credentialOf, MIN_ITERATIONS, type ScramCredential, type ScramMechanism } from "./sasl/scram.ts";
import { equalInConstantTime } from "./sasl/plain.ts";
import { toBase64 } from "./sasl/text.ts";

/** The secrets of the tokens. They are made when they are first needed, and forgotten with the record of their token. */
export class DelegationTokenSecrets {
  readonly #key: Uint8Array;
  readonly #hashes: Hashes;
  readonly #hmacs = new WeakMap<DelegationTokenRecord, Uint8Array>();
  readonly #credentials = new WeakMap<DelegationTokenRecord, Map<string, ScramCredential>>();

  /** @param secretKey `delegation.token.secret.key` */
  constructor(secretKey: string, hashes: Hashes) {
    this.#key = utf8(secretKey);
    this.#hashes = hashes;
  }

  /** HmacSHA512 of the id, as Apache Kafka makes it: 64 bytes. */
  hmacOf(token: DelegationTokenRecord): Uint8Array {
    const known = this.#hmacs.get(token);
    if (known !== undefined) return known;
    const hmac = this.#hashes.hmac("SHA-512", this.#key, utf8(token.tokenId));
    this.#hmacs.set(token, hmac);
    return hmac;
  }

  /** The token whose HMAC that is; all are compared, so that the time tells nothing of how near a guess has come. */
  find(tokens: Iterable<DelegationTokenRecord>, hmac: Uint8Array): DelegationTokenRecord | undefined {
    let found: DelegationTokenRecord | undefined;
    for (const token of tokens) {
      if (equalInConstantTime(this.hmacOf(token), hmac)) found = token;
    }
    return found;
  }

  /** What the server has of a token in the place of a password. */
  credentialOf(token: DelegationTokenRecord, { name, hash }: ScramMechanism, salt: Uint8Array): ScramCredential {
    const known = this.#credentials.get(token) ?? new Map<string, ScramCredential>();
    this.#credentials.set(token, known);
    const key = `${name} ${toBase64(salt)}`;
    const credential = known.get(key) ?? this.#newCredential(token, hash, salt);
    known.set(key, credential);
    return credential;
  }

  #newCredential(token: DelegationTokenRecord, hash: ScramMechanism["hash"], salt: Uint8Array): ScramCredential {
    const iterations = MIN_ITERATIONS;
    const saltedPassword = this.#hashes.saltPassword(hash, toBase64(this.hmacOf(token)), salt, iterations);
    return credentialOf(hash, { salt, saltedPassword, iterations }, this.#hashes);
  }
}

/** Whether a token is good no more. */
export function hasExpired({ expirationTimestamp, maxTimestamp }: DelegationTokenRecord, nowMs: number): boolean {
  const now = BigInt(nowMs);
  return maxTimestamp < now || expirationTimestamp < now;
}

/** Whether that principal, as `User:alice`, has had a token made, owns it, or may renew it. */
export function concerns({ owner, requester, renewers }: DelegationTokenRecord, principal: string): boolean {
  return owner === principal || requester === principal || renewers.includes(principal);
}
