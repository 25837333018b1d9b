/**
 * The operations that access control lists speak of, and the bit fields of those that a client may do (KIP-430).
 *
 * @module
 */

/** The codes of operations (`AclOperation`). */
export const AclOperation = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
} as const;

/** What an answer says where nobody asked for authorized operations. */
export const OPERATIONS_NOT_ASKED_FOR = -0x80000000;

/** All operations on a topic, as a bit field. */
export const TOPIC_OPERATIONS = bitField(
  AclOperation.READ,
  AclOperation.WRITE,
  AclOperation.CREATE,
  AclOperation.DELETE,
  AclOperation.ALTER,
  AclOperation.DESCRIBE,
  AclOperation.DESCRIBE_CONFIGS,
  AclOperation.ALTER_CONFIGS,
);

/** All operations on a group, as a bit field. */
export const GROUP_OPERATIONS = bitField(
  AclOperation.READ,
  AclOperation.DELETE,
  AclOperation.DESCRIBE,
  AclOperation.DESCRIBE_CONFIGS,
  AclOperation.ALTER_CONFIGS,
);

/** All operations on the cluster, as a bit field. */
export const CLUSTER_OPERATIONS = bitField(
  AclOperation.CREATE,
  AclOperation.ALTER,
  AclOperation.DESCRIBE,
  AclOperation.CLUSTER_ACTION,
  AclOperation.DESCRIBE_CONFIGS,
  AclOperation.ALTER_CONFIGS,
  AclOperation.IDEMPOTENT_WRITE,
);

function bitField(...operations: readonly number[]): number {
  return operations.reduce((field, operation) => field | (1 << operation), 0);
}
