/**
 * The words of access control lists, by their numbers in the protocol, and the bit fields of the operations that a client may
 * do (KIP-430).
 *
 * @module
 */

/** The codes of operations (`AclOperation`). */
export const AclOperation = {
  UNKNOWN: 0,
  ANY: 1,
  ALL: 2,
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
  /** Since KIP-939. */
  TWO_PHASE_COMMIT: 15,
} as const;

/** The code of an operation. */
export type AclOperation = typeof AclOperation[keyof typeof AclOperation];

/** The codes of types of resources (`ResourceType`). */
export const ResourceType = {
  UNKNOWN: 0,
  ANY: 1,
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const;

/** The code of a type of resources. */
export type ResourceType = typeof ResourceType[keyof typeof ResourceType];

/** The codes of the ways in which a name stands for resources (`PatternType`). */
export const PatternType = { UNKNOWN: 0, ANY: 1, MATCH: 2, LITERAL: 3, PREFIXED: 4 } as const;

/** The codes of what an entry says (`AclPermissionType`). */
export const AclPermissionType = { UNKNOWN: 0, ANY: 1, DENY: 2, ALLOW: 3 } as const;

/** The one resource of the type CLUSTER. */
export const CLUSTER_NAME = "kafka-cluster";

/** The word for a code, for a person; the code where there is none. */
export function nameOfCode(codes: Readonly<Record<string, number>>, code: number): string {
  return Object.entries(codes).find(([, known]) => known === code)?.[0] ?? String(code);
}

/** What an answer says where nobody asked for authorized operations. */
export const OPERATIONS_NOT_ASKED_FOR = -0x80000000;

/** The operations that there are on a topic. */
const ON_TOPICS: readonly AclOperation[] = [
  AclOperation.READ,
  AclOperation.WRITE,
  AclOperation.CREATE,
  AclOperation.DELETE,
  AclOperation.ALTER,
  AclOperation.DESCRIBE,
  AclOperation.DESCRIBE_CONFIGS,
  AclOperation.ALTER_CONFIGS,
];

const ON_GROUPS: readonly AclOperation[] = [
  AclOperation.READ,
  AclOperation.DELETE,
  AclOperation.DESCRIBE,
  AclOperation.DESCRIBE_CONFIGS,
  AclOperation.ALTER_CONFIGS,
];

const ON_CLUSTER: readonly AclOperation[] = [
  AclOperation.CREATE,
  AclOperation.ALTER,
  AclOperation.DESCRIBE,
  AclOperation.CLUSTER_ACTION,
  AclOperation.DESCRIBE_CONFIGS,
  AclOperation.ALTER_CONFIGS,
  AclOperation.IDEMPOTENT_WRITE,
];

/** The operations that there are on a type of resources of which answers tell the authorized ones. */
export const OPERATIONS_ON: Readonly<Partial<Record<ResourceType, readonly AclOperation[]>>> = {
  [ResourceType.TOPIC]: ON_TOPICS,
  [ResourceType.GROUP]: ON_GROUPS,
  [ResourceType.CLUSTER]: ON_CLUSTER,
};

/** All operations on a topic, as a bit field. */
export const TOPIC_OPERATIONS = bitField(ON_TOPICS);

/** All operations on a group, as a bit field. */
export const GROUP_OPERATIONS = bitField(ON_GROUPS);

/** All operations on the cluster, as a bit field. */
export const CLUSTER_OPERATIONS = bitField(ON_CLUSTER);

/** Operations as a bit field. */
export function bitField(operations: readonly AclOperation[]): number {
  return operations.reduce<number>((field, operation) => field | (1 << operation), 0);
}
