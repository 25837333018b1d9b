/**
 * Security protocols: whether a listener encrypts, and how it learns who its clients are.
 *
 * @module
 */

/** Kafka's numbers of the security protocols, by name. */
export const SECURITY_PROTOCOLS = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const;

/** The name of a security protocol. */
export type SecurityProtocol = keyof typeof SECURITY_PROTOCOLS;

/** Whether Kafka has a security protocol of that name. */
export function isSecurityProtocol(name: string): name is SecurityProtocol {
  return Object.hasOwn(SECURITY_PROTOCOLS, name);
}

/** Whether connections are encrypted. */
export function usesTls(protocol: SecurityProtocol): boolean {
  return protocol === "SSL" || protocol === "SASL_SSL";
}

/** Whether clients authenticate by SASL. */
export function usesSasl(protocol: SecurityProtocol): boolean {
  return protocol === "SASL_PLAINTEXT" || protocol === "SASL_SSL";
}
