/**
 * SASL/SCRAM (RFC 5802, KIP-84): the client shows that it knows the password without telling it, and so does the server.
 *
 * | state   | event                      | next                                            |
 * | ------- | -------------------------- | ----------------------------------------------- |
 * | first   | client-first-message       | final, the server-first-message is the answer   |
 * | final   | client-final, proof right  | complete, the server's signature is the answer  |
 * | any     | anything else              | refused                                         |
 *
 * A user that is not there is answered like one whose password is wrong: with a salt that stays the same for the name.
 *
 * With the extension `tokenauth=true` the name is the id of a delegation token, and the password its HMAC (KIP-48); the client
 * is then the owner of the token. Their salts are those that would be told of an id that is none.
 *
 * @module
 */
import { utf8 } from "../../bytes/mod.ts";
import type { Hashes, HashName, Random } from "../../ports.ts";
import { type KafkaPrincipal, user } from "../principal.ts";
import { SaslAuthenticationError, SaslError, type SaslExchange, type SaslStep } from "./exchange.ts";
import { equalInConstantTime } from "./plain.ts";
import { fromBase64, toBase64, utf8Text } from "./text.ts";

/** What the mechanisms differ in. */
export interface ScramMechanism {
  readonly name: string;
  /** Its number in requests and records. */
  readonly type: number;
  readonly hash: HashName;
}

/** The mechanisms that there are. */
export const SCRAM_MECHANISMS: readonly ScramMechanism[] = [
  { name: "SCRAM-SHA-256", type: 1, hash: "SHA-256" },
  { name: "SCRAM-SHA-512", type: 2, hash: "SHA-512" },
];

/** The fewest iterations that make a password hard enough to guess. */
export const MIN_ITERATIONS = 4096;
/** The most, so that nobody is kept busy by their number. */
export const MAX_ITERATIONS = 16384;

/** What the server keeps in the place of a password. */
export interface ScramCredential {
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly iterations: number;
}

/** What is kept of a password that was salted and hashed `iterations` times already. */
export function credentialOf(
  hash: HashName,
  salted: { readonly salt: Uint8Array; readonly saltedPassword: Uint8Array; readonly iterations: number },
  hashes: Hashes,
): ScramCredential {
  const { salt, saltedPassword, iterations } = salted;
  const clientKey = hashes.hmac(hash, saltedPassword, utf8("Client Key"));
  return {
    salt,
    iterations,
    storedKey: hashes.digest(hash, clientKey),
    serverKey: hashes.hmac(hash, saltedPassword, utf8("Server Key")),
  };
}

/** A delegation token that is good. */
export interface ScramToken {
  readonly owner: KafkaPrincipal;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
  /** What the server has of it in the place of a password. */
  credential(mechanism: ScramMechanism, salt: Uint8Array): ScramCredential;
}

/** What an exchange needs. */
export interface ScramPorts {
  readonly hashes: Hashes;
  readonly random: Random;
  /** The credential of a user; undefined where there is none. */
  readonly credential: (name: string) => ScramCredential | undefined;
  /** The delegation token of an id; undefined where there is none, or it has expired. */
  readonly delegationToken: (id: string) => ScramToken | undefined;
  /** Makes the salts of users that are not there; the same for all exchanges of a broker. */
  readonly secret: Uint8Array;
}

const SASLNAME = "(?:[\\x01-\\x2b\\x2d-\\x3c\\x3e-\\x7f]|=2C|=3D)+";
const VALUE = "[\\x01-\\x2b\\x2d-\\x7f]+";
const PRINTABLE = "[\\x21-\\x2b\\x2d-\\x7e]+";
const BASE64 = "(?:[a-zA-Z0-9/+]{4})*(?:[a-zA-Z0-9/+]{3}=|[a-zA-Z0-9/+]{2}==)?";
const EXTENSIONS = `(?:,[A-Za-z]+=${VALUE})*`;
const CLIENT_FIRST = new RegExp(
  `^(n,(?:a=(${SASLNAME}))?,)((?:m=${VALUE},)?n=(${SASLNAME}),r=(${PRINTABLE})(${EXTENSIONS}))$`,
);
const CLIENT_FINAL = new RegExp(`^(c=(${BASE64}),r=(${PRINTABLE})${EXTENSIONS}),p=(${BASE64})$`);
const NONCE_BYTES = 24;

/** What is remembered of the first two messages. */
interface Begun {
  readonly name: string;
  readonly gs2Header: string;
  readonly nonce: string;
  /** The first two messages as the signatures cover them. */
  readonly messages: string;
  readonly credential: ScramCredential;
  /** Who the client is, once it has shown that it knows the password; null where nobody has that name. */
  readonly identity: Identity | null;
}

interface Identity {
  readonly principal: KafkaPrincipal;
  readonly expiresAtMs: number | null;
}

/** One authentication. */
export class ScramExchange implements SaslExchange {
  readonly #mechanism: ScramMechanism;
  readonly #ports: ScramPorts;
  #begun: Begun | null = null;

  constructor(mechanism: ScramMechanism, ports: ScramPorts) {
    this.#mechanism = mechanism;
    this.#ports = ports;
  }

  evaluate(token: Uint8Array): SaslStep {
    return this.#begun === null ? this.#begin(utf8Text(token)) : this.#finish(utf8Text(token), this.#begun);
  }

  #begin(message: string): SaslStep {
    const parts = CLIENT_FIRST.exec(message);
    if (parts === null) throw new SaslError("the first message of the client is malformed");
    const [, gs2Header, authorizationId, bare, saslName, clientNonce, extensions] = parts;
    const name = unescapeName(saslName);
    if (authorizationId !== undefined && unescapeName(authorizationId) !== name) {
      throw new SaslAuthenticationError(
        "Authentication failed: Client requested an authorization id that is different from username",
      );
    }
    const { credential, identity } = asksForToken(extensions) ? this.#tokenOf(name) : this.#userOf(name);
    const { salt, iterations } = credential;
    const nonce = clientNonce + toBase64(this.#ports.random.fill(new Uint8Array(NONCE_BYTES)));
    const answer = `r=${nonce},s=${toBase64(salt)},i=${iterations}`;
    this.#begun = {
      name,
      gs2Header,
      nonce,
      messages: `${bare},${answer}`,
      credential,
      identity,
    };
    return { isComplete: false, token: utf8(answer) };
  }

  #userOf(name: string): Pick<Begun, "credential" | "identity"> {
    const credential = this.#ports.credential(name);
    if (credential === undefined) return { credential: this.#pretended(name), identity: null };
    return { credential, identity: { principal: user(name), expiresAtMs: null } };
  }

  /** That a token is of a user, whatever its owner's type, is as in Apache Kafka. */
  #tokenOf(id: string): Pick<Begun, "credential" | "identity"> {
    const pretended = this.#pretended(id);
    const token = this.#ports.delegationToken(id);
    if (token === undefined) return { credential: pretended, identity: null };
    const { owner, expiresAtMs } = token;
    return {
      credential: token.credential(this.#mechanism, pretended.salt),
      identity: { principal: { ...user(owner.name), tokenAuthenticated: true }, expiresAtMs },
    };
  }

  #finish(message: string, begun: Begun): SaslStep {
    const parts = CLIENT_FINAL.exec(message);
    if (parts === null) throw new SaslError("the final message of the client is malformed");
    const [, withoutProof, channelBinding, nonce, proof] = parts;
    // librdkafka, up to 2.0 at least, sends its own part twice.
    if (!nonce.endsWith(begun.nonce)) throw new SaslError("the nonce of the final message is another one");
    if (utf8Text(fromBase64(channelBinding)) !== begun.gs2Header) {
      throw new SaslError("the channel binding is another one");
    }
    const { hashes } = this.#ports;
    const { hash } = this.#mechanism;
    const { storedKey, serverKey } = begun.credential;
    const signed = utf8(`${begun.messages},${withoutProof}`);
    const clientKey = xor(hashes.hmac(hash, storedKey, signed), fromBase64(proof));
    const isRight = equalInConstantTime(hashes.digest(hash, clientKey), storedKey);
    if (!isRight || begun.identity === null) {
      throw new SaslError(
        `the password of "${begun.name}" is wrong, or there is no such user, or no such token any more`,
      );
    }
    return {
      isComplete: true,
      token: utf8(`v=${toBase64(hashes.hmac(hash, serverKey, signed))}`),
      ...begun.identity,
    };
  }

  /** What is shown of a user that is not there. No password is right for it. */
  #pretended(name: string): ScramCredential {
    const { hashes, secret } = this.#ports;
    const made = hashes.hmac(this.#mechanism.hash, secret, utf8(`${this.#mechanism.name} ${name}`));
    return { salt: asSalt(made), storedKey: made, serverKey: made, iterations: MIN_ITERATIONS };
  }
}

/** In the form that Apache Kafka's tools give to a salt: letters and digits. */
function asSalt(bytes: Uint8Array): Uint8Array {
  return utf8(Array.from(bytes.subarray(0, SALT_BYTES), (byte) => (byte % 36).toString(36)).join(""));
}

const SALT_BYTES = 25;

/** Whether the extensions, such as `,tokenauth=true`, say that the name is that of a delegation token. The last one counts. */
function asksForToken(extensions: string): boolean {
  const values = [...extensions.matchAll(/,tokenauth=([^,]*)/g)];
  return values.at(-1)?.[1].toLowerCase() === "true";
}

function unescapeName(name: string): string {
  return name.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

/** As long as the first; a proof of another length is none, and comes out as one. */
function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0));
}
