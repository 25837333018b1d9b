/**
 * Security: who a client is and what it may do.
 *
 * In: what a client shows of itself, tokens, certificates and the settings of a listener, and the operation on a resource that
 * it asks for. Out: its principal, and whether the access control lists allow it what it asks (`authorizer.ts`). `sasl/` has the
 * mechanisms of SASL, one file each; the gate that holds them is `broker/sasl_gate.ts`.
 *
 * @module
 */
export * from "./acl_filter.ts";
export * from "./acl_operation.ts";
export * from "./acl_table.ts";
export * from "./authorizer.ts";
export * from "./delegation_token.ts";
export * from "./principal.ts";
export * from "./security_protocol.ts";
export * from "./ssl_principal_mapper.ts";
