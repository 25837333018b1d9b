/**
 * What all SASL mechanisms have in common: an exchange of tokens, at whose end the server knows who the client is.
 *
 * @module
 */
import type { KafkaPrincipal } from "../principal.ts";

/** One authentication by one mechanism, from the side of the server. */
export interface SaslExchange {
  /**
   * Takes the client's next token.
   *
   * @throws {SaslAuthenticationError} where the client is refused, and may know why
   * @throws {SaslError} where it is refused, and the reason stays here
   */
  evaluate(token: Uint8Array): SaslStep | Promise<SaslStep>;
}

/** The server's answer to a token. */
export type SaslStep =
  | { readonly isComplete: false; readonly token: Uint8Array }
  | {
    readonly isComplete: true;
    readonly token: Uint8Array;
    readonly principal: KafkaPrincipal;
    /** When the credentials expire, in milliseconds since the epoch; null for never. */
    readonly expiresAtMs: number | null;
  };

/** The client is refused. Its message is told to the client: it must not say more than that somebody may know. */
export class SaslAuthenticationError extends Error {
  override name = "SaslAuthenticationError";
}

/** The client is refused. Its message is for the log alone: the client is told that its credentials are invalid. */
export class SaslError extends Error {
  override name = "SaslError";
}
