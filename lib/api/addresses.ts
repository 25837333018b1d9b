/**
 * The address under which a client finds this broker again.
 *
 * @module
 */
import type { Address } from "../ports.ts";
import type { RequestContext } from "./context.ts";

/** A broker as Metadata, DescribeCluster, Produce and Fetch name it to clients. */
export interface AdvertisedBroker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/**
 * The brokers of the cluster, of which there is one. Its address is the one that `advertised.listeners` gives for the listener that the client
 * connected to, else the very address that the client connected to: so containers and tunnels work without being told.
 */
export function advertisedBrokers(context: RequestContext): AdvertisedBroker[] {
  const { connection, settings, metadata } = context;
  const advertised = settings.listeners.find(({ name }) => name === connection.listenerName)?.advertised;
  const address: Address = {
    host: advertised?.host ?? connection.local.host,
    port: advertised?.port ?? connection.local.port,
  };
  return [{ nodeId: metadata.nodeId, ...address, rack: settings.get("broker.rack") }];
}
