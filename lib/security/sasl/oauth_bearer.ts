/**
 * SASL/OAUTHBEARER (RFC 7628, KIP-255, KIP-768): a token that somebody else has issued says who the client is.
 *
 * | state   | event                    | next                                                   |
 * | ------- | ------------------------ | ------------------------------------------------------ |
 * | first   | a token that is good     | complete, with an empty answer                         |
 * | first   | a token that is not      | refusing, with the error as JSON                       |
 * | refusing| the byte 1               | refused, with the JSON as the message                  |
 * | refusing| any other message        | as in the state first                                  |
 * | first   | what is malformed        | refused                                                |
 *
 * @module
 */
import { equals } from "@std/bytes";
import { utf8 } from "../../bytes/mod.ts";
import { user } from "../principal.ts";
import { SaslAuthenticationError, SaslError, type SaslExchange, type SaslStep } from "./exchange.ts";
import { utf8Text } from "./text.ts";

/** What a token says of the client. */
export interface TokenClaims {
  readonly principalName: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/**
 * Checks a token.
 *
 * @throws {InvalidTokenError}
 */
export type TokenCheck = (token: string) => Promise<TokenClaims>;

/** A token is not believed. Its message is for the log; the client is told the status alone. */
export class InvalidTokenError extends Error {
  override name = "InvalidTokenError";
  constructor(message: string, readonly status: "invalid_token" | "insufficient_scope" = "invalid_token") {
    super(message);
  }
}

// deno-lint-ignore no-control-regex -- the byte 1 stands between the parts of the message
const CLIENT_FIRST = new RegExp(
  "^n,(?:a=((?:[\\x01-\\x2b\\x2d-\\x3c\\x3e-\\x7f]|=2C|=3D)+))?,\\x01((?:[A-Za-z]+=[\\x21-\\x7e \\t\\r\\n]+\\x01)*)\\x01$",
);
const BEARER = /^bearer +([-_~+/.a-zA-Z0-9]+=*)$/i;
const AUTH = "auth=";

/** What a client says to a refusal (RFC 7628). */
const ACKNOWLEDGED = Uint8Array.of(1);

/** One authentication. */
export class OAuthBearerExchange implements SaslExchange {
  readonly #check: TokenCheck;
  /** What the client was told of its token. */
  #refusal: string | null = null;

  constructor(check: TokenCheck) {
    this.#check = check;
  }

  async evaluate(token: Uint8Array): Promise<SaslStep> {
    if (this.#refusal !== null && equals(token, ACKNOWLEDGED)) throw new SaslAuthenticationError(this.#refusal);
    this.#refusal = null;
    const { authorizationId, bearer } = parse(utf8Text(token));
    let claims: TokenClaims;
    try {
      claims = await this.#check(bearer);
    } catch (error) {
      if (!(error instanceof InvalidTokenError)) throw error;
      this.#refusal = JSON.stringify({ status: error.status });
      return { isComplete: false, token: utf8(this.#refusal) };
    }
    if (authorizationId !== null && authorizationId !== claims.principalName) {
      throw new SaslAuthenticationError(
        `Authentication failed: Client requested an authorization id (${authorizationId}) that is different from the ` +
          `token's principal name (${claims.principalName})`,
      );
    }
    return {
      isComplete: true,
      token: new Uint8Array(0),
      principal: user(claims.principalName),
      expiresAtMs: claims.expiresAtMs,
    };
  }
}

function parse(message: string): { authorizationId: string | null; bearer: string } {
  const parts = CLIENT_FIRST.exec(message);
  if (parts === null) throw new SaslError("the first message of the client is malformed");
  const [, authorizationId, pairs] = parts;
  const auth = pairs.split("\x01").find((pair) => pair.startsWith(AUTH));
  const bearer = auth === undefined ? null : BEARER.exec(auth.slice(AUTH.length));
  if (bearer === null) throw new SaslError("the first message of the client has no bearer token");
  return { authorizationId: authorizationId ?? null, bearer: bearer[1] };
}
