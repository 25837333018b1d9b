/**
 * DescribeCluster: id, controller and brokers of the cluster (KIP-700).
 *
 * Since version 1 it says which kind of nodes it asks for (KIP-919): here only brokers answer. Since version 2 fenced
 * brokers can be asked for (KIP-1073): those are the brokers that a folder remembers which once belonged to a larger
 * cluster.
 *
 * @module
 */
import type { BrokerImage } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { DescribeClusterRequest, DescribeClusterResponse } from "../../protocol/messages/describe_cluster.ts";
import type { Init } from "../../protocol/schema.ts";
import { OPERATIONS_NOT_ASKED_FOR } from "../../security/mod.ts";
import { advertisedBrokers } from "../addresses.ts";
import { api } from "../api.ts";
import { authorizedClusterOperations } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type BrokerAnswer = NonNullable<Init<DescribeClusterResponse>["brokers"]>[number];

const EndpointType = { BROKER: 1, CONTROLLER: 2 } as const;

export const describeClusterApi = api(DescribeClusterRequest, DescribeClusterResponse, handleDescribeCluster);

function handleDescribeCluster(
  request: DescribeClusterRequest,
  context: RequestContext,
): Init<DescribeClusterResponse> {
  if (request.endpointType === EndpointType.CONTROLLER) {
    return {
      errorCode: ErrorCode.MISMATCHED_ENDPOINT_TYPE,
      errorMessage: "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER",
    };
  }
  if (request.endpointType !== EndpointType.BROKER) {
    return {
      errorCode: ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
      errorMessage: `Unsupported endpoint type ${request.endpointType}`,
    };
  }
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    endpointType: EndpointType.BROKER,
    clusterId: context.metadata.clusterId,
    controllerId: context.metadata.nodeId,
    brokers: [...runningBrokers(context), ...(request.includeFencedBrokers ? fencedBrokers(context) : [])],
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? authorizedClusterOperations(context)
      : OPERATIONS_NOT_ASKED_FOR,
  };
}

function runningBrokers(context: RequestContext): BrokerAnswer[] {
  return advertisedBrokers(context).map(({ nodeId, host, port, rack }) => ({ brokerId: nodeId, host, port, rack }));
}

/** All but this one: whether or not the folder calls them fenced, nobody here hears of them. */
function fencedBrokers({ metadata, connection }: RequestContext): BrokerAnswer[] {
  const others = [...metadata.image.brokers.values()].filter(({ brokerId }) => brokerId !== metadata.nodeId);
  return others.flatMap((broker) => fencedBroker(broker, connection.listenerName));
}

function fencedBroker({ brokerId, rack, endPoints }: BrokerImage, listenerName: string): BrokerAnswer[] {
  const endPoint = endPoints.find(({ name }) => name === listenerName);
  if (endPoint === undefined) return [];
  return [{ brokerId, host: endPoint.host, port: endPoint.port, rack, isFenced: true }];
}
