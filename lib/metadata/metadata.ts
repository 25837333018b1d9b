/**
 * The metadata of a broker that is its own controller: the image, and the changes that requests make of it.
 *
 * A change is decided on the image, appended to the log, and once that is durable replayed and told to listeners;
 * only then is the request answered. Changes happen one after the other: each is decided on what the one before it
 * left.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { MetadataRecord } from "../protocol/records/logs.ts";
import { type MetadataChange, replayChange } from "./change.ts";
import type { ConfigRules } from "./config_rules.ts";
import type { AclFilter } from "../security/acl_filter.ts";
import type { Acl } from "../security/acl_table.ts";
import { createAcls, deleteAcls, type DeleteAclsResult } from "./decide/acls.ts";
import { type Endpoint, fenceBroker, unregisterBroker } from "./decide/brokers.ts";
import {
  type AlterConfigs,
  alterConfigs,
  type AlterConfigsResult,
  type ConfigAlteration,
  type ConfigAssignment,
  incrementalAlterConfigs,
} from "./decide/configs.ts";
import { type ApiError, apiError, type Decision, type DecisionContext, type MutationQuota } from "./decide/decision.ts";
import { loseDirectories } from "./decide/directories.ts";
import { type UpdateFeatures, updateFeatures } from "./decide/features.ts";
import {
  type CreatePartitions,
  createPartitions,
  type CreatePartitionsResult,
  type ElectLeaders,
  electLeaders,
  type ElectLeadersResult,
} from "./decide/partitions.ts";
import { allocateProducerIds, type ProducerIdBlock } from "./decide/producer_ids.ts";
import { type AlterClientQuotas, alterClientQuotas, type AlterClientQuotasResult } from "./decide/quotas.ts";
import {
  type AlterPartitionReassignments,
  alterPartitionReassignments,
  type ReassignmentResult,
} from "./decide/reassignments.ts";
import {
  type AlterUserScramCredentials,
  alterUserScramCredentials,
  type AlterUserScramCredentialsResult,
} from "./decide/scram.ts";
import {
  type CreateTopicResult,
  type CreateTopics,
  createTopics,
  type DeleteTopicResult,
  deleteTopics,
  refusedTopic,
  type TopicReference,
} from "./decide/topics.ts";
import { type FolderIdentity, METADATA_LOG_FOLDER, prepareFolders } from "./format.ts";
import { ConfigResourceType } from "./image/configs_image.ts";
import type { MetadataImage } from "./image/image.ts";
import { MetadataLog, type MetadataLogPorts, type MetadataLogSettings, MetadataStorageError } from "./metadata_log.ts";
import { randomUuid } from "./random_uuid.ts";
import type { Quorum } from "./snapshot.ts";
import { startRecords } from "./start.ts";
import { topicNameComplaint } from "./topic_name.ts";

/** What {@linkcode Metadata.open} needs. */
export interface MetadataOptions extends MetadataLogPorts {
  /** `log.dirs`, one or more. */
  readonly dataDirs: readonly string[];
  /** `metadata.log.dir`; by default the first of `dataDirs`. */
  readonly metadataDir?: string;
  /** What the folders must belong to, and what new ones are given; by default whatever they say, or a random id. */
  readonly clusterId?: string;
  /** Likewise; by default whatever the folders say, or 1. */
  readonly nodeId?: number;
  /** Where clients reach this broker, as the registration tells it. */
  readonly endpoints: readonly Endpoint[];
  /** `broker.rack` */
  readonly rack?: string | null;
  readonly configRules: ConfigRules;
  /** `num.partitions`; default 1. */
  readonly defaultPartitions?: number;
  /** `default.replication.factor`; default 1. */
  readonly defaultReplicationFactor?: number;
  readonly logSettings?: Partial<MetadataLogSettings>;
}

/**
 * Called with each change, when it is in effect. The change's request is answered when what it returns has resolved.
 */
export type MetadataListener = (change: MetadataChange) => void | Promise<void>;

/** The metadata, opened and led by this node. */
export class Metadata {
  readonly #log: MetadataLog;
  readonly #identity: FolderIdentity;
  readonly #context: DecisionContext;
  /** The data folders whose device has failed since the start. */
  readonly #lostDirectories = new Set<Uuid>();
  readonly #listeners = new Set<MetadataListener>();
  /** Resolves when the last change that was asked for is done; it never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(options: MetadataOptions, identity: FolderIdentity, log: MetadataLog) {
    this.#log = log;
    this.#identity = identity;
    const usable = () => identity.directoryIds.filter((id) => !this.#lostDirectories.has(id));
    this.#context = {
      nodeId: identity.nodeId,
      // Where all have failed there is no better place; whoever asks is told that the disk has failed.
      get directoryIds() {
        return usable().length > 0 ? usable() : identity.directoryIds;
      },
      configRules: options.configRules,
      defaultPartitions: options.defaultPartitions ?? 1,
      defaultReplicationFactor: options.defaultReplicationFactor ?? 1,
      newUuid: () => randomUuid(options.random),
    };
  }

  /**
   * Opens the metadata of these folders, which are formatted where they are empty, registers this broker, and makes
   * it the leader of its partitions.
   *
   * @throws {Error} with one line for a person where the folders cannot be used: of another cluster or node, damaged,
   *   or written by a version of Kafka that is too old or too new
   * @throws {DiskError}
   */
  static async open(options: MetadataOptions): Promise<Metadata> {
    const { disk, clock, dataDirs, metadataDir = dataDirs[0] } = options;
    const identity = await prepareFolders({ ...options, nowMs: clock.now() });
    const { nodeId, metadataDirectoryId: directoryId } = identity;
    const folder = `${metadataDir}/${METADATA_LOG_FOLDER}`;
    const log = await MetadataLog.open({ ...options, folder, nodeId, directoryId, settings: options.logSettings });
    const metadata = new Metadata(options, identity, log);
    try {
      for (const records of startRecords(log, identity, { ...options, disk, metadataDir })) {
        await metadata.commit(records);
      }
    } catch (error) {
      await log.close();
      throw error;
    }
    return metadata;
  }

  /** All that is committed. It changes in place, between one turn of the event loop and another. */
  get image(): MetadataImage {
    return this.#log.image;
  }

  get clusterId(): string {
    return this.#identity.clusterId;
  }

  /** This broker, which is the controller too. */
  get nodeId(): number {
    return this.#identity.nodeId;
  }

  /** The ids of the data folders, in the order in which they were named. */
  get directoryIds(): readonly Uuid[] {
    return this.#identity.directoryIds;
  }

  /** The epoch of this broker's registration: to be noted at a clean stop in `.kafka_cleanshutdown`. */
  get brokerEpoch(): bigint {
    return this.image.brokers.get(this.nodeId)!.brokerEpoch;
  }

  /** The epoch in which this node leads the metadata log. */
  get controllerEpoch(): number {
    return this.#log.epoch;
  }

  /** How the quorum keeps its one voter. */
  get quorum(): Quorum {
    return this.#log.quorum;
  }

  /**
   * The first offset after what the image adds up from: the epoch of the finalized features, and the high watermark
   * of the metadata log.
   */
  get endOffset(): number {
    return this.#log.endOffset;
  }

  // What is answered KAFKA_STORAGE_ERROR is not in effect: the disk has no room for it. It can be asked for again.

  /** Creates topics. When this resolves, listeners have made their logs. */
  createTopics(request: CreateTopics, quota?: MutationQuota | null): Promise<CreateTopicResult[]> {
    return this.change((image) => createTopics(image, request, this.#context, quota), allTopicsRefused);
  }

  deleteTopics(topics: readonly TopicReference[], quota?: MutationQuota | null): Promise<DeleteTopicResult[]> {
    return this.change((image) => deleteTopics(image, topics, quota), allRefused);
  }

  createPartitions(request: CreatePartitions, quota?: MutationQuota | null): Promise<CreatePartitionsResult[]> {
    return this.change((image) => createPartitions(image, request, this.#context, quota), allRefused);
  }

  /** Changes configurations key by key (KIP-339). */
  incrementalAlterConfigs(request: AlterConfigs<ConfigAlteration>): Promise<AlterConfigsResult[]> {
    return this.change((image) => incrementalAlterConfigs(image, request, this.#context), allRefused);
  }

  /** Sets configurations as a whole: what is not named goes. */
  alterConfigs(request: AlterConfigs<ConfigAssignment>): Promise<AlterConfigsResult[]> {
    return this.change((image) => alterConfigs(image, request, this.#context), allRefused);
  }

  alterClientQuotas(request: AlterClientQuotas): Promise<AlterClientQuotasResult[]> {
    return this.change((image) => alterClientQuotas(image, request), allRefused);
  }

  createAcls(acls: readonly Acl[]): Promise<ApiError[]> {
    return this.change((image) => createAcls(image, acls, this.#context), allRefused);
  }

  /** Removes all entries that one of the filters means. */
  deleteAcls(filters: readonly AclFilter[]): Promise<DeleteAclsResult[]> {
    return this.change((image) => deleteAcls(image, filters), allRefused);
  }

  alterUserScramCredentials(request: AlterUserScramCredentials): Promise<AlterUserScramCredentialsResult[]> {
    return this.change((image) => alterUserScramCredentials(image, request), allRefused);
  }

  alterPartitionReassignments(request: AlterPartitionReassignments): Promise<ReassignmentResult[]> {
    return this.change(
      (image) => alterPartitionReassignments(image, request, this.#context),
      (error, topics) => topics.map((topic) => ({ ...topic, partitions: allRefused(error, topic.partitions) })),
    );
  }

  updateFeatures(request: UpdateFeatures): Promise<ApiError> {
    return this.change((image) => updateFeatures(image, this.quorum.kraftVersion, request, this.#context), refused);
  }

  electLeaders(request: ElectLeaders): Promise<ElectLeadersResult[]> {
    return this.change(
      (image) => electLeaders(image, request, this.#context),
      (error, topics) =>
        topics.map((topic) => ({ ...topic, partitionResult: allRefused(error, topic.partitionResult) })),
    );
  }

  unregisterBroker(brokerId: number): Promise<ApiError> {
    return this.change((image) => unregisterBroker(image, brokerId, this.#context), refused);
  }

  /**
   * Takes a block of producer ids that nobody else gets, now or later.
   *
   * @throws {MetadataStorageError} where the disk has no room
   */
  allocateProducerIds(): Promise<ProducerIdBlock> {
    const broker = { brokerId: this.nodeId, brokerEpoch: this.brokerEpoch };
    return this.change((image) => allocateProducerIds(image, broker));
  }

  /**
   * The device of a data folder has failed: no partition is placed there any more, and this broker leads none that lies
   * there, until the next start. Does nothing where the metadata are closed.
   */
  async loseDirectory(directoryId: Uuid): Promise<void> {
    this.#lostDirectories.add(directoryId);
    const decide = (image: MetadataImage) => ({
      records: loseDirectories(image, this.nodeId, this.#lostDirectories),
      result: null,
    });
    // Where the log does not take it, that no partition is placed there holds all the same.
    const made = this.#last.then(() => this.#isClosed ? null : this.#change(decide, () => null));
    this.#last = made.catch(() => {});
    await made;
  }

  /** What is wrong with a topic's name, in Apache Kafka's words; null where nothing is. */
  checkTopicName(name: string): string | null {
    return topicNameComplaint(name);
  }

  /** `min.insync.replicas` of a topic, or what stands in for it. */
  minInsyncReplicas(topic: string): number {
    const set = this.image.configs(ConfigResourceType.TOPIC, topic).get("min.insync.replicas");
    return Number(set ?? this.#context.configRules.defaultConfig(ConfigResourceType.TOPIC, "min.insync.replicas") ?? 1);
  }

  /**
   * Appends records that were decided on elsewhere; all of them take effect together.
   *
   * @throws {MetadataStorageError} with none of them in effect
   */
  commit(records: readonly MetadataRecord[]): Promise<void> {
    return this.change(() => ({ records, result: undefined }));
  }

  /**
   * Makes a change. `decide` sees the image that the changes before have left, and must not change it. Resolves with
   * the result when the change is durable, replayed, and listeners are done with it.
   *
   * @param refuse makes of the result the one that is true where the log did not take the change
   * @throws {MetadataStorageError} in that case, where there is no `refuse`
   */
  change<R>(decide: (image: MetadataImage) => Decision<R>, refuse?: (error: ApiError, result: R) => R): Promise<R> {
    const made = this.#last.then(() => this.#change(decide, refuse));
    this.#last = made.catch(() => {});
    return made;
  }

  /** Calls `listener` with each change from now on, until `stop` is called. */
  watch(listener: MetadataListener): { stop(): void } {
    this.#listeners.add(listener);
    return { stop: () => this.#listeners.delete(listener) };
  }

  /**
   * Stops cleanly, when the changes that were asked for are done. The registration is fenced, so that the next broker
   * on these folders need not wait for this one's session to end.
   */
  async close(): Promise<void> {
    try {
      // Where the log does not take it, the next broker takes over all the same.
      await this.change((image) => ({ records: fenceBroker(image, this.nodeId), result: null }), () => null);
    } finally {
      this.#isClosed = true;
      await this.#log.close();
    }
  }

  async #change<R>(
    decide: (image: MetadataImage) => Decision<R>,
    refuse: ((error: ApiError, result: R) => R) | undefined,
  ): Promise<R> {
    if (this.#isClosed) throw new Error("Cannot change the metadata: they are closed");
    const { records, result } = decide(this.image);
    if (records.length === 0) return result;
    try {
      await this.#log.append(records, this.image.recordVersions);
    } catch (error) {
      if (refuse === undefined || !(error instanceof MetadataStorageError)) throw error;
      return refuse(apiError("KAFKA_STORAGE_ERROR", error.message), result);
    }
    const change = replayChange(this.image, records);
    this.#log.maybeSnapshot();
    await Promise.all([...this.#listeners].map((listener) => listener(change)));
    return result;
  }
}

function refused<R extends ApiError>(error: ApiError, result: R): R {
  return result.errorCode === ErrorCode.NONE ? { ...result, ...error } : result;
}

function allTopicsRefused(error: ApiError, results: readonly CreateTopicResult[]): CreateTopicResult[] {
  return results.map((result) => result.errorCode === ErrorCode.NONE ? refusedTopic(result.name, error) : result);
}

function allRefused<R extends ApiError>(error: ApiError, results: readonly R[]): R[] {
  return results.map((result) => refused(error, result));
}
