/**
 * ElectLeaders: elects leaders of partitions, the preferred ones (KIP-183) or, since version 1, any at the price of
 * lost records (KIP-460).
 *
 * On one node a partition is led by the broker that runs, so nearly always no election is needed. Null asks for all
 * partitions; the answer then tells of those that got a leader, or still have none.
 *
 * @module
 */
import { ElectionType } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { ElectLeadersRequest, ElectLeadersResponse } from "../../protocol/messages/elect_leaders.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

const ELECTION_TYPES: readonly number[] = Object.values(ElectionType);

export const electLeadersApi = api(
  ElectLeadersRequest,
  ElectLeadersResponse,
  onCluster(AclOperation.ALTER, handleElectLeaders, refuse),
);

async function handleElectLeaders(
  request: ElectLeadersRequest,
  context: RequestContext,
): Promise<Init<ElectLeadersResponse>> {
  if (!ELECTION_TYPES.includes(request.electionType)) return unknownElectionType(request, context);
  return { errorCode: ErrorCode.NONE, replicaElectionResults: await context.metadata.electLeaders(request) };
}

function unknownElectionType(request: ElectLeadersRequest, context: RequestContext): Init<ElectLeadersResponse> {
  const errorMessage = `Unknown election type ${request.electionType}`;
  return refuse({ errorCode: ErrorCode.INVALID_REQUEST, errorMessage }, request, context);
}

/** Version 0 has no error of the whole: there each partition tells of it, and none does where all were asked for. */
function refuse(
  { errorCode, errorMessage }: { errorCode: ErrorCode; errorMessage: string },
  { topicPartitions }: ElectLeadersRequest,
  { header }: RequestContext,
): Init<ElectLeadersResponse> {
  return {
    errorCode: header.apiVersion === 0 ? ErrorCode.NONE : errorCode,
    replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
    })),
  };
}
