/**
 * The state that the metadata log adds up to. Only {@linkcode MetadataImage.replay} changes it: whoever wants a
 * change decides on records, has them appended, and sees the change when they are replayed.
 *
 * Every record type is replayed, also of features that this broker does not have: a snapshot written from an image
 * loses nothing of what Apache Kafka had put into the log.
 *
 * @module
 */
import type { Uuid } from "../../bytes/mod.ts";
import type { FeatureLevelRecord } from "../../protocol/records/metadata.ts";
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import { METADATA_VERSION, type RecordVersions, recordVersionsAt } from "../features.ts";
import { metadataRecord } from "../record.ts";
import { type BrokerImage, ClusterImage, type ControllerImage } from "./cluster_image.ts";
import { ConfigResourceType, ConfigsImage } from "./configs_image.ts";
import { QuotasImage } from "./quotas_image.ts";
import { SecurityImage } from "./security_image.ts";
import { type PartitionImage, type TopicImage, TopicsImage } from "./topics_image.ts";

/** What the parts of an image need to know to make records. */
export interface ImageRecords {
  readonly versions: RecordVersions;
}

/** Topics, configurations and all else that the metadata log keeps. */
export class MetadataImage {
  readonly #topics = new TopicsImage();
  readonly #cluster = new ClusterImage();
  readonly #configs = new ConfigsImage();
  readonly #quotas = new QuotasImage();
  readonly #security = new SecurityImage();
  readonly #features = new Map<string, number>();
  #nextProducerId: { brokerId: number; brokerEpoch: bigint; nextProducerId: bigint } | null = null;
  #zkMigrationState: number | null = null;

  /** The finalized levels of features, metadata.version among them; one that is not there has level 0. */
  get features(): ReadonlyMap<string, number> {
    return this.#features;
  }

  /** The level of metadata.version; 0 where the log has not set it. */
  get metadataVersion(): number {
    return this.#features.get(METADATA_VERSION) ?? 0;
  }

  /** The versions in which records are written at that level. */
  get recordVersions(): RecordVersions {
    return recordVersionsAt(this.metadataVersion);
  }

  /** All topics, in the order in which they were created. */
  topics(): Iterable<TopicImage> {
    return this.#topics.all();
  }

  get topicCount(): number {
    return this.#topics.size;
  }

  /** Partitions of all topics. */
  get partitionCount(): number {
    return this.#topics.partitionCount;
  }

  topicByName(name: string): TopicImage | undefined {
    return this.#topics.byName(name);
  }

  topicById(id: Uuid): TopicImage | undefined {
    return this.#topics.byId(id);
  }

  partition(topicId: Uuid, partition: number): PartitionImage | undefined {
    return this.#topics.byId(topicId)?.partitions.get(partition);
  }

  /**
   * The name of a topic whose metrics would be mixed up with those of one called `name`; undefined where there is
   * none.
   */
  topicCollidingWith(name: string): string | undefined {
    return this.#topics.collidingWith(name);
  }

  /** By broker id. */
  get brokers(): ReadonlyMap<number, BrokerImage> {
    return this.#cluster.brokers;
  }

  /** By controller id. */
  get controllers(): ReadonlyMap<number, ControllerImage> {
    return this.#cluster.controllers;
  }

  /**
   * What is set for a resource, by config name, without defaults.
   *
   * @param resourceType see {@linkcode ConfigResourceType}
   * @param resourceName a topic's name, a broker's id or "" for all brokers, a group's id …
   */
  configs(resourceType: number, resourceName: string): ReadonlyMap<string, string> {
    return this.#configs.of(resourceType, resourceName);
  }

  /** The names of the resources of a type for which something is set. */
  configuredResources(resourceType: number): Iterable<string> {
    return this.#configs.resourceNames(resourceType);
  }

  /** The first producer id that no block has been taken of. */
  get nextProducerId(): bigint {
    return this.#nextProducerId?.nextProducerId ?? 0n;
  }

  get quotas(): Pick<QuotasImage, "all" | "of" | "revision"> {
    return this.#quotas;
  }

  get security(): Pick<SecurityImage, "acls" | "scramCredentials" | "delegationTokens"> {
    return this.#security;
  }

  /**
   * Applies one record, which has been appended to the log.
   *
   * @throws {Error} where it contradicts the records before it
   */
  replay(record: MetadataRecord): void {
    switch (record.name) {
      case "TopicRecord":
        return this.#topics.create(record.value.name, record.value.topicId);
      case "RemoveTopicRecord":
        return this.#removeTopic(record.value.topicId);
      case "PartitionRecord":
        return this.#topics.setPartition(record.value);
      case "PartitionChangeRecord":
        return this.#topics.changePartition(record.value);
      case "ClearElrRecord":
        return this.#topics.clearElr(record.value.topicName);
      case "ConfigRecord":
        return this.#configs.set(record.value);
      case "FeatureLevelRecord":
        return this.#setFeature(record.value);
      case "ProducerIdsRecord":
        this.#nextProducerId = record.value;
        return;
      case "ClientQuotaRecord":
        return this.#quotas.set(record.value);
      case "ZkMigrationStateRecord":
        this.#zkMigrationState = record.value.zkMigrationState;
        return;
      case "NoOpRecord":
      case "BeginTransactionRecord":
      case "EndTransactionRecord":
      case "AbortTransactionRecord":
        return;
      default:
        return this.#replayNodeOrSecurity(record);
    }
  }

  #replayNodeOrSecurity(record: MetadataRecord): void {
    switch (record.name) {
      case "RegisterBrokerRecord":
        return this.#cluster.registerBroker(record.value);
      case "UnregisterBrokerRecord":
        return this.#cluster.unregisterBroker(record.value.brokerId);
      case "BrokerRegistrationChangeRecord":
        return this.#cluster.changeBroker(record.value);
      case "FenceBrokerRecord":
        return this.#cluster.setFenced(record.value.id, true);
      case "UnfenceBrokerRecord":
        return this.#cluster.setFenced(record.value.id, false);
      case "RegisterControllerRecord":
        return this.#cluster.registerController(record.value);
      case "AccessControlEntryRecord":
        return this.#security.addAcl(record.value);
      case "RemoveAccessControlEntryRecord":
        return this.#security.removeAcl(record.value.id);
      case "UserScramCredentialRecord":
        return this.#security.setScramCredential(record.value);
      case "RemoveUserScramCredentialRecord":
        return this.#security.removeScramCredential(record.value.mechanism, record.value.name);
      case "DelegationTokenRecord":
        return this.#security.setDelegationToken(record.value);
      case "RemoveDelegationTokenRecord":
        return this.#security.removeDelegationToken(record.value.tokenId);
    }
  }

  /**
   * The records that make this image from nothing, in Apache Kafka's order: features first, since they decide how the
   * rest is read, and a topic before its partitions.
   */
  *records(): Generator<MetadataRecord> {
    const options = { versions: this.recordVersions };
    yield* this.#featureRecords();
    yield* this.#cluster.records(options);
    yield* this.#topics.records(options);
    yield* this.#configs.records();
    yield* this.#quotas.records();
    if (this.#nextProducerId !== null) yield metadataRecord("ProducerIdsRecord", this.#nextProducerId);
    yield* this.#security.records();
    if (this.#zkMigrationState !== null) {
      yield metadataRecord("ZkMigrationStateRecord", { zkMigrationState: this.#zkMigrationState });
    }
  }

  *#featureRecords(): Generator<MetadataRecord> {
    const names = [...this.#features.keys()].filter((name) => name !== METADATA_VERSION);
    if (this.#features.has(METADATA_VERSION)) names.unshift(METADATA_VERSION);
    for (const name of names) {
      yield metadataRecord("FeatureLevelRecord", { name, featureLevel: this.#features.get(name)! });
    }
  }

  #setFeature({ name, featureLevel }: FeatureLevelRecord): void {
    if (featureLevel === 0) this.#features.delete(name);
    else this.#features.set(name, featureLevel);
  }

  /** A topic takes its configuration with it: one of the same name starts without. */
  #removeTopic(id: Uuid): void {
    const { name } = this.#topics.remove(id);
    this.#configs.removeAll(ConfigResourceType.TOPIC, name);
  }
}
