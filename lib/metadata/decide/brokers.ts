/**
 * The registration of this broker, what its start and stop do to its partitions, and removing the registration of
 * others (KIP-631, KIP-841).
 *
 * @module
 */
import type { Uuid } from "../../bytes/mod.ts";
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import { SUPPORTED_FEATURES } from "../features.ts";
import type { MetadataImage } from "../image/image.ts";
import { NO_LEADER, NO_LEADER_CHANGE } from "../image/topics_image.ts";
import { metadataRecord, type MetadataRecordOf } from "../record.ts";
import { type ApiError, apiError, type Decision, type DecisionContext, NO_ERROR } from "./decision.ts";
import { elect, needsLeader } from "./election.ts";

/** Where clients reach this broker, one for each listener. */
export interface Endpoint {
  /** The listener's name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Kafka's number of the protocol: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number;
}

/** What a broker says of itself. */
export interface Registration {
  readonly nodeId: number;
  readonly incarnationId: Uuid;
  /** The offset of the record that registers it. */
  readonly brokerEpoch: bigint;
  readonly endpoints: readonly Endpoint[];
  readonly rack: string | null;
  readonly directoryIds: readonly Uuid[];
}

/** The record that registers this broker, not fenced: once it is written, the broker serves. */
export function registerBroker(image: MetadataImage, registration: Registration): MetadataRecord {
  const version = image.recordVersions.registerBroker;
  const features = Object.entries(SUPPORTED_FEATURES).map(([name, { min, max }]) => ({
    name,
    minSupportedVersion: min,
    maxSupportedVersion: max,
  }));
  return metadataRecord("RegisterBrokerRecord", {
    brokerId: registration.nodeId,
    incarnationId: registration.incarnationId,
    brokerEpoch: registration.brokerEpoch,
    endPoints: registration.endpoints.map(({ name, host, port, securityProtocol }) => ({
      name,
      host,
      port,
      securityProtocol,
    })),
    features,
    rack: registration.rack,
    fenced: false,
    logDirs: version >= 3 ? registration.directoryIds : [],
    cordonedLogDirs: version >= 4 ? [] : null,
  }, version);
}

/**
 * What the start of this broker does to its partitions: those without a leader get one (Apache Kafka takes it away
 * when it stops). After a crash the others begin a new leader epoch, so that a client that has seen records which the
 * crash took can tell (KIP-320).
 */
export function* leadPartitions(
  image: MetadataImage,
  nodeId: number,
  { wasClean }: { wasClean: boolean },
): Generator<MetadataRecord> {
  for (const topic of image.topics()) {
    for (const [partitionId, partition] of topic.partitions) {
      if (needsLeader(partition, nodeId)) {
        const record = elect(image, topic, partitionId, nodeId, { isUncleanAllowed: false });
        if (record !== null) yield record;
      } else if (partition.leader === nodeId && !wasClean) {
        yield elect(image, topic, partitionId, nodeId, { isUncleanAllowed: true })!;
      }
    }
  }
}

/**
 * The record that says that this broker has stopped: the next one that starts on the folder need not wait for its
 * session to end.
 */
export function fenceBroker(image: MetadataImage, nodeId: number): MetadataRecord[] {
  const broker = image.brokers.get(nodeId);
  if (broker === undefined || broker.fenced) return [];
  const { brokerEpoch } = broker;
  return [metadataRecord("BrokerRegistrationChangeRecord", { brokerId: nodeId, brokerEpoch, fenced: 1 })];
}

/**
 * Decides on removing the registration of a broker that is gone. Errors: BROKER_ID_NOT_REGISTERED, INVALID_REQUEST
 * for this one.
 */
export function unregisterBroker(
  image: MetadataImage,
  brokerId: number,
  { nodeId }: DecisionContext,
): Decision<ApiError> {
  const broker = image.brokers.get(brokerId);
  if (broker === undefined) {
    const message = `Broker ID ${brokerId} is not currently registered`;
    return { records: [], result: apiError("BROKER_ID_NOT_REGISTERED", message) };
  }
  if (brokerId === nodeId) {
    const message = `Broker ID ${brokerId} is the only broker of this cluster, and running`;
    return { records: [], result: apiError("INVALID_REQUEST", message) };
  }
  const { brokerEpoch } = broker;
  const records: MetadataRecord[] = [...withdraw(image, brokerId, nodeId)];
  records.push(metadataRecord("UnregisterBrokerRecord", { brokerId, brokerEpoch }));
  return { records, result: NO_ERROR };
}

/** Takes a broker out of every ISR, and out of the lead. */
function* withdraw(
  image: MetadataImage,
  brokerId: number,
  nodeId: number,
): Generator<MetadataRecordOf<"PartitionChangeRecord">> {
  for (const topic of image.topics()) {
    for (const [partitionId, { isr, leader }] of topic.partitions) {
      if (!isr.includes(brokerId)) continue;
      const rest = isr.filter((id) => id !== brokerId);
      const nextLeader = rest.includes(nodeId) ? nodeId : NO_LEADER;
      yield metadataRecord("PartitionChangeRecord", {
        topicId: topic.id,
        partitionId,
        isr: rest,
        leader: leader === brokerId ? nextLeader : NO_LEADER_CHANGE,
      }, image.recordVersions.partitionChange);
    }
  }
}
