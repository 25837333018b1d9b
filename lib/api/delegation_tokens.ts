/**
 * What the APIs of delegation tokens (KIP-48) have in common.
 *
 * @module
 */
import { ANONYMOUS, formatPrincipal, type KafkaPrincipal } from "../security/mod.ts";
import type { RequestContext } from "./context.ts";

/** What an answer says in the place of a time, where a request was refused before it came to the tokens. */
export const NO_TIMESTAMP = -1n;

/**
 * Whether the client may ask for tokens at all: it must have said who it is, and not by a token. On a listener without
 * authentication whoever comes by could have tokens of everybody.
 */
export function mayAskForTokens({ settings, connection }: RequestContext): boolean {
  if (connection.principal.tokenAuthenticated) return false;
  const listener = settings.listeners.find(({ name }) => name === connection.listenerName)!;
  switch (listener.securityProtocol) {
    case "PLAINTEXT":
      return false;
    case "SSL":
      return !isSame(connection.principal, ANONYMOUS);
    default:
      return true;
  }
}

/** Who has a token made, as answers tell it since version 3 (KIP-373). */
export function requesterFields({ type, name }: KafkaPrincipal, { apiVersion }: RequestContext["header"]) {
  return apiVersion < 3 ? {} : { tokenRequesterPrincipalType: type, tokenRequesterPrincipalName: name };
}

/** Whether they are one and the same. */
export function isSame(a: KafkaPrincipal, b: KafkaPrincipal): boolean {
  return formatPrincipal(a) === formatPrincipal(b);
}
