/**
 * FindCoordinator: which broker coordinates a group, a transactional id, or a share partition: this one, as soon as the
 * topic of its records is there.
 *
 * Since version 4 several keys are asked for at once (KIP-699), and since 6 share partitions (KIP-932).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "../../protocol/messages/find_coordinator.ts";
import type { Init } from "../../protocol/schema.ts";
import { advertisedBrokers } from "../addresses.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isClusterAuthorized, isGroupAuthorized, transactionalIdError } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type CoordinatorAnswer = NonNullable<Init<FindCoordinatorResponse>["coordinators"]>[number];

const FIRST_VERSION_WITH_KEYS = 4;

const FIRST_VERSION_WITH_SHARES = 6;

/** The types of keys, by their numbers. */
const KeyType = { GROUP: 0, TRANSACTION: 1, SHARE: 2 } as const;

export const findCoordinatorApi = api(FindCoordinatorRequest, FindCoordinatorResponse, handleFindCoordinator);

async function handleFindCoordinator(
  { key, keyType, coordinatorKeys }: FindCoordinatorRequest,
  context: RequestContext,
): Promise<Init<FindCoordinatorResponse>> {
  if (context.header.apiVersion >= FIRST_VERSION_WITH_KEYS) {
    return { coordinators: await Promise.all(coordinatorKeys.map((key) => find(key, keyType, context))) };
  }
  const { key: _, ...answer } = await find(key, keyType, context);
  // Java's word for the error that is none, which Apache Kafka says here.
  return answer.errorMessage === undefined ? { ...answer, errorMessage: "NONE" } : answer;
}

async function find(key: string, keyType: number, context: RequestContext): Promise<CoordinatorAnswer> {
  const { groups, transactions, shareCoordinator } = context;
  const coordinator = [groups, transactions, shareCoordinator][keyType];
  if (coordinator === undefined) return failed(key, ErrorCode.INVALID_REQUEST, `There is no key type ${keyType}`);
  const refusal = refuse(key, keyType, context);
  if (refusal !== null) return failed(key, refusal, null);
  const isShare = keyType === KeyType.SHARE;
  if (isShare && (context.header.apiVersion < FIRST_VERSION_WITH_SHARES || !isSharePartition(key))) {
    return failed(key, ErrorCode.INVALID_REQUEST, null);
  }
  const errorCode = await coordinator.ensureReady();
  if (errorCode !== ErrorCode.NONE) return failed(key, ErrorCode.COORDINATOR_NOT_AVAILABLE, null);
  const [{ nodeId, host, port }] = advertisedBrokers(context);
  return { key, nodeId, host, port };
}

function refuse(key: string, keyType: number, context: RequestContext): ErrorCode | null {
  switch (keyType) {
    case KeyType.GROUP:
      return isGroupAuthorized(context, AclOperation.DESCRIBE, key) ? null : ErrorCode.GROUP_AUTHORIZATION_FAILED;
    case KeyType.TRANSACTION:
      return transactionalIdError(context, AclOperation.DESCRIBE, key);
    default:
      return isClusterAuthorized(context, AclOperation.CLUSTER_ACTION) ? null : ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
  }
}

/** True for a group, the id of a topic, and the index of a partition, as the share coordinator puts them together. */
function isSharePartition(key: string): boolean {
  return /\S.*:[A-Za-z0-9_-]{22}:[+-]?\d+$/s.test(key);
}

function failed(key: string, errorCode: ErrorCode, errorMessage: string | null): CoordinatorAnswer {
  return { key, nodeId: -1, host: "", port: -1, errorCode, errorMessage };
}
