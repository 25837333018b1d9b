/**
 * Whether a client may do what it asks for. Where no authorizer is configured, everybody may do everything, and asking costs
 * one comparison.
 *
 * @module
 */
import { ErrorCode } from "../protocol/error_code.ts";
import {
  AclOperation,
  bitField,
  CLUSTER_NAME,
  formatPrincipal,
  nameOfCode,
  OPERATIONS_NOT_ASKED_FOR,
  OPERATIONS_ON,
  ResourceType,
} from "../security/mod.ts";
import { ConfigResourceType } from "../metadata/mod.ts";
import { findApi } from "../protocol/messages/mod.ts";
import type { Answer, Handler } from "./api.ts";
import type { RequestContext } from "./context.ts";

/** Whether the client may do that to the resource of that name. A refusal is noted in the log. */
export function isAuthorized(
  context: RequestContext,
  operation: AclOperation,
  resourceType: ResourceType,
  resourceName: string,
): boolean {
  if (context.authorizer === null) return true;
  const isAllowed = mayDo(context, operation, resourceType, resourceName);
  audit(context, operation, resourceType, resourceName, isAllowed);
  return isAllowed;
}

/** As {@linkcode isAuthorized}, without a note: for lists that show what one may see. */
export function mayDo(
  { authorizer, connection }: RequestContext,
  operation: AclOperation,
  resourceType: ResourceType,
  resourceName: string,
): boolean {
  if (authorizer === null) return true;
  const requester = { principal: connection.principal, host: connection.remote.host };
  return authorizer.allows(requester, operation, resourceType, resourceName);
}

/** Whether the client may do that to a topic. */
export function isTopicAuthorized(context: RequestContext, operation: AclOperation, topic: string): boolean {
  return isAuthorized(context, operation, ResourceType.TOPIC, topic);
}

/** Topics of a request, by whether the client may do that to them. */
export function separateTopics<T>(
  topics: readonly T[],
  operation: AclOperation,
  context: RequestContext,
  nameOf: (topic: T) => string,
): { readonly allowed: readonly T[]; readonly refused: readonly T[] } {
  const separated = Map.groupBy(topics, (topic) => isTopicAuthorized(context, operation, nameOf(topic)));
  return { allowed: separated.get(true) ?? [], refused: separated.get(false) ?? [] };
}

/** Whether the client may do that to a group. */
export function isGroupAuthorized(context: RequestContext, operation: AclOperation, groupId: string): boolean {
  return isAuthorized(context, operation, ResourceType.GROUP, groupId);
}

/** TRANSACTIONAL_ID_AUTHORIZATION_FAILED where the client may not do that to a transactional id; else null. */
export function transactionalIdError(
  context: RequestContext,
  operation: AclOperation,
  transactionalId: string,
): ErrorCode | null {
  return isAuthorized(context, operation, ResourceType.TRANSACTIONAL_ID, transactionalId)
    ? null
    : ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
}

/** Why a client may not be a member of a group of the newer protocols, which subscribe by the broker; null where it may. */
export function memberRefusal(
  context: RequestContext,
  { groupId, subscribedTopicNames }: {
    readonly groupId: string;
    readonly subscribedTopicNames?: readonly string[] | null;
  },
): { errorCode: ErrorCode; errorMessage: string | null } | null {
  if (!isGroupAuthorized(context, AclOperation.READ, groupId)) return GROUP_REFUSED;
  const sees = (subscribedTopicNames ?? []).every((topic) => isTopicAuthorized(context, AclOperation.DESCRIBE, topic));
  return sees ? null : TOPIC_AUTHORIZATION_FAILED;
}

/**
 * Groups as the describe APIs of the newer protocols tell them: those alone that the client may describe, and without their
 * members where they read topics that it may not.
 */
export async function describeVisible<G extends { readonly groupId?: string; readonly errorCode?: number }>(
  context: RequestContext,
  groupIds: readonly string[],
  describe: (groupId: string) => Promise<G>,
  topicsOf: (group: G) => Iterable<string>,
): Promise<(G | { groupId: string; errorCode: ErrorCode; errorMessage: string })[]> {
  return await Promise.all(groupIds.map(async (groupId) => {
    if (!isGroupAuthorized(context, AclOperation.DESCRIBE, groupId)) return { groupId, ...GROUP_REFUSED };
    const group = await describe(groupId);
    const sees = (topic: string) => mayDo(context, AclOperation.DESCRIBE, ResourceType.TOPIC, topic);
    return context.authorizer === null || [...topicsOf(group)].every(sees) ? group : { groupId, ...TOPICS_HIDDEN };
  }));
}

/** The operations on a group, where they are asked for, and the group was found. */
export function groupOperations(
  context: RequestContext,
  { groupId, errorCode }: { readonly groupId?: string; readonly errorCode?: number },
  isAsked: boolean,
): number {
  return isAsked && (errorCode ?? ErrorCode.NONE) === ErrorCode.NONE
    ? authorizedOperations(context, ResourceType.GROUP, groupId!)
    : OPERATIONS_NOT_ASKED_FOR;
}

/** Whether the client may do that to the cluster. */
export function isClusterAuthorized(context: RequestContext, operation: AclOperation): boolean {
  return isAuthorized(context, operation, ResourceType.CLUSTER, CLUSTER_NAME);
}

/** Whether the client may do that to any resource of the type (`authorizeByResourceType`, KIP-679). */
export function isAuthorizedForAny(context: RequestContext, operation: AclOperation, type: ResourceType): boolean {
  const { authorizer, connection } = context;
  if (authorizer === null) return true;
  const requester = { principal: connection.principal, host: connection.remote.host };
  const isAllowed = authorizer.allowsAny(requester, operation, type);
  audit(context, operation, type, "*", isAllowed);
  return isAllowed;
}

/** The operations that the client may do, as a bit field (KIP-430). */
export function authorizedOperations(
  context: RequestContext,
  resourceType: ResourceType,
  resourceName: string,
): number {
  const operations = OPERATIONS_ON[resourceType] ?? [];
  if (context.authorizer === null) return bitField(operations);
  return bitField(operations.filter((operation) => mayDo(context, operation, resourceType, resourceName)));
}

/** Those on the cluster; none where the client may not describe it. */
export function authorizedClusterOperations(context: RequestContext): number {
  if (!mayDo(context, AclOperation.DESCRIBE, ResourceType.CLUSTER, CLUSTER_NAME)) return 0;
  return authorizedOperations(context, ResourceType.CLUSTER, CLUSTER_NAME);
}

/** Whose configs a client may see, or change, and what it is told of the others. Those of brokers are the cluster's. */
export function separate<R extends { readonly resourceType: number; readonly resourceName: string }>(
  resources: readonly R[],
  operation: AclOperation,
  context: RequestContext,
) {
  const refusals = new Map(resources.map((resource) => [resource, configsRefusal(context, operation, resource)]));
  return {
    allowed: resources.filter((resource) => refusals.get(resource) === null),
    refused: resources.flatMap((resource) => {
      const refusal = refusals.get(resource)!;
      const { resourceType, resourceName } = resource;
      return refusal === null ? [] : [{ resourceType, resourceName, ...refusal }];
    }),
  };
}

function configsRefusal(
  context: RequestContext,
  operation: AclOperation,
  { resourceType, resourceName }: { readonly resourceType: number; readonly resourceName: string },
): { errorCode: ErrorCode; errorMessage: string } | null {
  switch (resourceType) {
    case ConfigResourceType.TOPIC:
      return isTopicAuthorized(context, operation, resourceName) ? null : TOPIC_AUTHORIZATION_FAILED;
    case ConfigResourceType.GROUP:
      return isGroupAuthorized(context, operation, resourceName) ? null : GROUP_REFUSED;
    default:
      return isClusterAuthorized(context, operation) ? null : CLUSTER_REFUSED;
  }
}

/**
 * A handler for those alone who may do an operation on the cluster; `refuse` answers the others with
 * CLUSTER_AUTHORIZATION_FAILED.
 */
export function onCluster<Request, Response>(
  operation: AclOperation,
  handle: Handler<Request, Response>,
  refuse: (
    error: { errorCode: ErrorCode; errorMessage: string },
    request: Request,
    context: RequestContext,
  ) => Answer<Response>,
): Handler<Request, Response> {
  return (request, context) =>
    isClusterAuthorized(context, operation) ? handle(request, context) : refuse(CLUSTER_REFUSED, request, context);
}

/** The error of a topic that the client may not touch, in the words of Apache Kafka. */
export const TOPIC_REFUSED = {
  errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  errorMessage: "Authorization failed.",
};

/** The same in the words of the APIs that tell the error as such: those of configs and of the newer groups. */
export const TOPIC_AUTHORIZATION_FAILED = { ...TOPIC_REFUSED, errorMessage: "Topic authorization failed." };

/** The error of a group that the client may not touch. */
export const GROUP_REFUSED = {
  errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED,
  errorMessage: "Group authorization failed.",
};

const TOPICS_HIDDEN = {
  errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  errorMessage: "The group has described topic(s) that the client is not authorized to describe.",
};

/** The error of who may not do that to the cluster. */
export const CLUSTER_REFUSED = {
  errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  errorMessage: "Cluster authorization failed.",
};

/** What is refused is told at INFO, what is allowed at DEBUG, as Apache Kafka does. */
function audit(
  context: RequestContext,
  operation: AclOperation,
  type: ResourceType,
  name: string,
  isAllowed: boolean,
): void {
  if (!isAllowed) context.auditLogger.info(verdict("Denied", context, operation, type, name));
  else context.auditLogger.debug?.(verdict("Allowed", context, operation, type, name));
}

/** In the words of Apache Kafka's `kafka.authorizer.logger`, for programs that read them. */
function verdict(
  outcome: "Denied" | "Allowed",
  { connection, header }: RequestContext,
  operation: AclOperation,
  type: ResourceType,
  name: string,
): string {
  const resource = `${nameOfCode(ResourceType, type)}:LITERAL:${JSON.stringify(name).slice(1, -1)}`;
  return `Principal = ${formatPrincipal(connection.principal)} is ${outcome} ` +
    `operation = ${nameOfCode(AclOperation, operation)} from host = ${connection.remote.host} ` +
    `on resource = ${resource} for request = ${findApi(header.apiKey)?.name}`;
}
