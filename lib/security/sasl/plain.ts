/**
 * SASL/PLAIN (RFC 4616): name and password, as they are. To be used inside of TLS.
 *
 * @module
 */
import { utf8 } from "../../bytes/mod.ts";
import type { Hashes, Random } from "../../ports.ts";
import { user } from "../principal.ts";
import { SaslAuthenticationError, type SaslExchange, type SaslStep } from "./exchange.ts";
import { utf8Text } from "./text.ts";

/** The passwords of the users, by name. */
export type PlainUsers = ReadonlyMap<string, string>;

/** The users that the options of Apache Kafka's `PlainLoginModule` name: `user_alice="password"`. */
export function plainUsers(options: ReadonlyMap<string, string>): PlainUsers {
  const users = [...options].filter(([name]) => name.startsWith(USER_PREFIX));
  return new Map(users.map(([name, password]) => [name.slice(USER_PREFIX.length), password]));
}

const USER_PREFIX = "user_";

/** One authentication. */
export class PlainExchange implements SaslExchange {
  readonly #users: PlainUsers;
  readonly #ports: { readonly hashes: Hashes; readonly random: Random };

  constructor(users: PlainUsers, ports: { readonly hashes: Hashes; readonly random: Random }) {
    this.#users = users;
    this.#ports = ports;
  }

  /** Its words are those of Apache Kafka. */
  evaluate(token: Uint8Array): SaslStep {
    const parts = utf8Text(token).split("\0", 4);
    if (parts.length !== 3) {
      throw new SaslAuthenticationError(`Invalid SASL/PLAIN response: expected 3 tokens, got ${parts.length}`);
    }
    const [authorizationId, name, password] = parts;
    if (name === "") throw new SaslAuthenticationError("Authentication failed: username not specified");
    if (password === "") throw new SaslAuthenticationError("Authentication failed: password not specified");
    // Whether there is such a user must not show in the time that it takes.
    const isRight = this.#isSame(password, this.#users.get(name) ?? "");
    if (!isRight || !this.#users.has(name)) {
      throw new SaslAuthenticationError("Authentication failed: Invalid username or password");
    }
    if (authorizationId !== "" && authorizationId !== name) {
      throw new SaslAuthenticationError(
        "Authentication failed: Client requested an authorization id that is different from username",
      );
    }
    return { isComplete: true, token: EMPTY, principal: user(name), expiresAtMs: null };
  }

  /** Compares what a random key makes of both: so the time tells nothing of where they differ, nor of their length. */
  #isSame(a: string, b: string): boolean {
    const { hashes, random } = this.#ports;
    const key = random.fill(new Uint8Array(KEY_BYTES));
    return equalInConstantTime(hashes.hmac("SHA-256", key, utf8(a)), hashes.hmac("SHA-256", key, utf8(b)));
  }
}

const EMPTY = new Uint8Array(0);
const KEY_BYTES = 32;

/** Whether bytes of the same length are the same, in a time that does not depend on where they differ. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= a[index] ^ b[index];
  return difference === 0;
}
