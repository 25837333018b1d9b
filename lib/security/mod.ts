/**
 * Security: who a client is and what it may do.
 *
 * In: a connection's identity and an operation on a resource. Out: whether it is allowed, and the bit fields in which
 * Metadata and DescribeCluster tell a client what it may do. As yet everybody is allowed everything.
 *
 * @module
 */
export * from "./acl_operation.ts";
export * from "./principal.ts";
export * from "./security_protocol.ts";
export * from "./ssl_principal_mapper.ts";
