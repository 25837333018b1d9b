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
