/**
 * UnregisterBroker: removes the registration of a broker that is gone for good (KIP-631): one that a folder remembers
 * which once belonged to a larger cluster. The running broker stays registered.
 *
 * @module
 */
import { UnregisterBrokerRequest, UnregisterBrokerResponse } from "../../protocol/messages/unregister_broker.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const unregisterBrokerApi = api(
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
  onCluster(AclOperation.ALTER, handleUnregisterBroker, (error) => error),
);

async function handleUnregisterBroker(
  { brokerId }: UnregisterBrokerRequest,
  context: RequestContext,
): Promise<Init<UnregisterBrokerResponse>> {
  return await context.metadata.unregisterBroker(brokerId);
}
