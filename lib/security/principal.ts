/**
 * Principals: who a client is, as access control lists and quotas name it.
 *
 * @module
 */

/** Somebody, or something, that can be allowed or denied: `User:alice`. */
export interface KafkaPrincipal {
  /** `User`, unless a plug-in of Apache Kafka has made it. */
  readonly type: string;
  readonly name: string;
  /** Whether it has shown a delegation token of that principal (KIP-48): then it may not ask for more of them. */
  readonly tokenAuthenticated?: true;
}

/** Who has not said who it is. */
export const ANONYMOUS: KafkaPrincipal = { type: "User", name: "ANONYMOUS" };

/** The user of that name. */
export function user(name: string): KafkaPrincipal {
  return { type: "User", name };
}

/** As access control lists write it: `User:alice`. */
export function formatPrincipal({ type, name }: KafkaPrincipal): string {
  return `${type}:${name}`;
}

/** Reads what {@linkcode formatPrincipal} writes. The name may have colons, the type may not. */
export function parsePrincipal(text: string): KafkaPrincipal {
  const [type, ...name] = text.split(":");
  return { type, name: name.join(":") };
}
