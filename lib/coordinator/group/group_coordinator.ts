/**
 * The group coordinator, as the handlers of its APIs see it: requests in, promises of answers out.
 *
 * @module
 */
import { type Uuid, ZERO_UUID } from "../../bytes/mod.ts";
import type { TopicPartition } from "../../log/mod.ts";
import { groupConfig, type GroupConfigName } from "../../metadata/configs/group_settings.ts";
import { ConfigResourceType, type Metadata, type MetadataChange } from "../../metadata/mod.ts";
import type { Random } from "../../ports.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import type { HeartbeatRequest } from "../../protocol/messages/heartbeat.ts";
import type { LeaveGroupRequest } from "../../protocol/messages/leave_group.ts";
import type { SyncGroupRequest } from "../../protocol/messages/sync_group.ts";
import { decodeGroupRecord } from "../../protocol/records/mod.ts";
import { COMPRESSION_TYPES, type TransactionMarker } from "../../records/mod.ts";
import { type InternalTopicParts, internalTopicPorts } from "../internal_topic_ports.ts";
import { CONSUMER_OFFSETS_TOPIC } from "../internal_topics.ts";
import { CoordinatorRuntime, orElse } from "../runtime.ts";
import type { OpenTransaction, Turn } from "../turn.ts";
import { deleteGroup, type DescribedGroup, describeGroup, type ListedGroup, listGroups } from "./administration.ts";
import {
  heartbeat,
  type Join,
  join,
  type JoinAnswer,
  leave,
  type LeaveAnswer,
  sync,
  type SyncAnswer,
} from "./classic/mod.ts";
import {
  type ConsumerHeartbeat,
  consumerHeartbeat,
  type ConsumerHeartbeatAnswer,
  describeConsumerGroup,
  type DescribedConsumerGroup,
  heartbeatComplaint,
} from "./consumer/mod.ts";
import { type Committer, Refusal } from "./group.ts";
import { type GroupPorts, GroupState } from "./group_state.ts";
import {
  commitOffsets,
  committedPartitions,
  deleteOffsets,
  type FetchedTopic,
  type Fetcher,
  fetchError,
  fetchOffsets,
  forgetTopics,
  offsetDeleteError,
  type PartitionError,
  type TopicOffsets,
  type TopicPartitions,
} from "./offsets.ts";
import { encodeGroupRecord, type GroupRecord } from "./records.ts";
import { groupSettings } from "./settings.ts";
import { forgetShareTopics } from "./share/mod.ts";

/** The feature that allows groups of the consumer protocol (KIP-848). */
const GROUP_VERSION = "group.version";

const OFFSET_RECORDS = new Set<GroupRecord["name"]>(["OffsetCommit"]);

/** The parts of the broker that the coordinator works with. */
export interface GroupCoordinatorPorts extends InternalTopicParts {
  readonly random: Random;
}

/** What OffsetDelete names: partitions of a topic. */
export interface OffsetsToDelete {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export class GroupCoordinator {
  readonly #ports: GroupCoordinatorPorts;
  readonly #runtime: CoordinatorRuntime<GroupRecord, GroupState>;
  #watch: { stop(): void } | null = null;

  constructor(ports: GroupCoordinatorPorts) {
    this.#ports = ports;
    const { metadata } = ports;
    const groupPorts: GroupPorts = {
      logger: ports.logger,
      settings: () => groupSettings(ports.settings()),
      nowMs: () => ports.clock.now(),
      newUuid: () => randomUuidText(ports.random),
      image: () => metadata.image,
      imageVersion: () => metadata.endOffset - 1,
      groupConfig: <N extends GroupConfigName>(groupId: string, name: N) =>
        groupConfig(name, metadata.image.configs(ConfigResourceType.GROUP, groupId), ports.settings()),
    };
    this.#runtime = new CoordinatorRuntime({
      topic: CONSUMER_OFFSETS_TOPIC,
      detailRecords: OFFSET_RECORDS,
      encode: encodeGroupRecord,
      decode: decodeGroupRecord,
      newState: (timers) => new GroupState(timers, groupPorts),
    }, {
      ...internalTopicPorts(ports),
      compressionType: () => COMPRESSION_TYPES[ports.settings().get("offsets.topic.compression.codec")] ?? "none",
    });
  }

  /** Begins to load the groups that are there. Requests that come meanwhile wait. */
  start(): void {
    this.#watch = this.#ports.metadata.watch((change) => this.#onChange(change));
    this.#runtime.start();
  }

  /** Ends: whoever waits is told so. */
  close(): void {
    this.#watch?.stop();
    this.#runtime.close();
  }

  /** Whether groups can be coordinated: creates the topic of committed offsets where it is missing. */
  ensureReady(): Promise<ErrorCode> {
    return this.#runtime.ensureTopic();
  }

  /** Resolves when the next generation of the group begins. Errors: those of JoinGroup. */
  join(request: Join): Promise<JoinAnswer> {
    const { groupId, memberId, sessionTimeoutMs } = request.request;
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = groupSettings(this.#ports.settings());
    const refused = (errorCode: ErrorCode): JoinAnswer => ({ errorCode, memberId });
    if (groupId === "") return Promise.resolve(refused(ErrorCode.INVALID_GROUP_ID));
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
      return Promise.resolve(refused(ErrorCode.INVALID_SESSION_TIMEOUT));
    }
    return orElse(
      this.#runtime.schedule(groupId, (state, turn, reply) => join(state, turn, reply, request)),
      refused,
    );
  }

  /** Resolves when the leader has assigned. Errors: those of SyncGroup. */
  sync(request: SyncGroupRequest): Promise<SyncAnswer> {
    if (request.groupId === "") return Promise.resolve({ errorCode: ErrorCode.INVALID_GROUP_ID });
    return orElse(
      this.#runtime.schedule(request.groupId, (state, turn, reply) => sync(state, turn, reply, request)),
      (errorCode) => ({ errorCode }),
    );
  }

  /** Errors: those of Heartbeat. */
  heartbeat(request: HeartbeatRequest): Promise<ErrorCode> {
    if (request.groupId === "") return Promise.resolve(ErrorCode.INVALID_GROUP_ID);
    return this.decide(request.groupId, (state) => heartbeat(state, request), (errorCode) => errorCode);
  }

  /** Takes members out of a group; resolves to an error of the request, or to what became of each. */
  leave(groupId: string, members: LeaveGroupRequest["members"]): Promise<ErrorCode | LeaveAnswer> {
    if (groupId === "") return Promise.resolve(ErrorCode.INVALID_GROUP_ID);
    return this.decide<ErrorCode | LeaveAnswer>(
      groupId,
      (state, turn) => leave(state, turn, groupId, members),
      (errorCode) => errorCode,
    );
  }

  /** Whether the cluster's features and this broker's settings allow groups of the consumer protocol. */
  get servesConsumerGroups(): boolean {
    const { metadata, settings } = this.#ports;
    return (metadata.image.features.get(GROUP_VERSION) ?? 0) >= 1 &&
      settings().get("group.coordinator.rebalance.protocols").includes("consumer");
  }

  /** Errors: those of ConsumerGroupHeartbeat. */
  async consumerHeartbeat(heartbeat: ConsumerHeartbeat): Promise<ConsumerHeartbeatAnswer> {
    const { request, apiVersion } = heartbeat;
    const { assignors } = groupSettings(this.#ports.settings());
    const answer = heartbeatComplaint(request, apiVersion, assignors) ??
      await this.decide<ConsumerHeartbeatAnswer | Refusal>(
        request.groupId,
        (state, turn) => consumerHeartbeat(state, turn, heartbeat),
        (errorCode) => ({ errorCode }),
      );
    if (!(answer instanceof Refusal)) return answer;
    return { errorCode: answer.errorCode, errorMessage: answer.errorMessage };
  }

  /** Describes a consumer group, or tells why not. */
  describeConsumerGroup(groupId: string): Promise<DescribedConsumerGroup> {
    if (groupId === "") return Promise.resolve({ groupId, errorCode: ErrorCode.INVALID_GROUP_ID });
    return this.decide(
      groupId,
      (state) => describeConsumerGroup(state, groupId),
      (errorCode) => ({ groupId, errorCode }),
    );
  }

  /**
   * Commits offsets, or has them committed with a transaction; resolves to what became of each partition, in the order
   * of `topics`.
   */
  commitOffsets(
    committer: Committer,
    topics: readonly TopicOffsets[],
    apiVersion: number,
    transaction: OpenTransaction | null = null,
  ): Promise<PartitionError[][]> {
    return this.decide<PartitionError[][]>(
      committer.groupId,
      (state, turn) => commitOffsets(state, turn, committer, topics, apiVersion, transaction),
      (errorCode) =>
        topics.map(({ partitions }) => partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode }))),
    );
  }

  /** The partition that keeps the offsets of a group; the topic must be there. */
  partitionOf(groupId: string): TopicPartition {
    return { topic: CONSUMER_OFFSETS_TOPIC, partition: this.#runtime.partitionFor(groupId) };
  }

  /**
   * Ends the transaction of a producer in a partition of the topic of committed offsets, which must be there.
   *
   * @throws {CoordinatorError} where it cannot be written
   */
  endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    return this.#runtime.endTransaction(partition, marker);
  }

  /** The offsets of these partitions, of all where `topics` is null; or the error of the group. */
  fetchOffsets(
    fetcher: Fetcher,
    topics: readonly TopicPartitions[] | null,
    isStable: boolean,
  ): Promise<FetchedTopic[] | ErrorCode> {
    const { groupId } = fetcher;
    return this.decide<FetchedTopic[] | ErrorCode>(
      groupId,
      (state) => {
        const errorCode = fetchError(state, fetcher);
        if (errorCode !== ErrorCode.NONE) return errorCode;
        return fetchOffsets(state, groupId, topics ?? committedPartitions(state, groupId), isStable);
      },
      (errorCode) => errorCode,
    );
  }

  /**
   * Forgets offsets; resolves to the error of the group, or to what became of each partition, in the order of
   * `topics`.
   */
  deleteOffsets(groupId: string, topics: readonly OffsetsToDelete[]): Promise<PartitionError[][] | ErrorCode> {
    if (groupId === "") return Promise.resolve(ErrorCode.INVALID_GROUP_ID);
    return this.decide<PartitionError[][] | ErrorCode>(
      groupId,
      (state, turn) => {
        const errorCode = offsetDeleteError(state, groupId);
        if (errorCode !== ErrorCode.NONE) return errorCode;
        return topics.map(({ name, partitionIndexes }) => deleteOffsets(state, turn, groupId, name, partitionIndexes));
      },
      (errorCode) => errorCode,
    );
  }

  /** Describes a classic group; resolves to GROUP_ID_NOT_FOUND where there is none, or to why it cannot be told. */
  describe(groupId: string): Promise<DescribedGroup | Refusal> {
    return this.decide<DescribedGroup | Refusal>(
      groupId,
      (state) => describeGroup(state, groupId),
      (errorCode) => new Refusal(errorCode),
    );
  }

  /** All groups; or why they cannot be told. */
  async list(): Promise<ListedGroup[] | ErrorCode> {
    const listed = await this.decideInAll(listGroups);
    return typeof listed === "number" ? listed : listed.flat();
  }

  /** Deletes a group without members. Errors: those of DeleteGroups. */
  delete(groupId: string): Promise<ErrorCode> {
    return this.decide(groupId, (state, turn) => deleteGroup(state, turn, groupId), (errorCode) => errorCode);
  }

  /**
   * Decides on a request about a group of whatever type: for what handlers ask of one type alone. Resolves to what
   * `decide` returns, when all is committed that it was decided on.
   *
   * @param onError the answer where the shard cannot decide or write
   */
  decide<T>(
    groupId: string,
    decide: (state: GroupState, turn: Turn<GroupRecord>) => T,
    onError: (errorCode: ErrorCode) => T,
  ): Promise<T> {
    return orElse(
      this.#runtime.schedule<T>(groupId, (state, turn, reply) => turn.answer(reply, decide(state, turn))),
      onError,
    );
  }

  /** As {@linkcode decide}, in each shard that there is; or the error of one that cannot. */
  decideInAll<T>(decide: (state: GroupState, turn: Turn<GroupRecord>) => T): Promise<T[] | ErrorCode> {
    return orElse<T[] | ErrorCode>(
      this.#runtime.scheduleAll<T>((state, turn, reply) => turn.answer(reply, decide(state, turn))),
      (errorCode) => errorCode,
    );
  }

  /** Resolves when the offsets of deleted topics are forgotten. */
  async #onChange({ createdTopics, changedPartitions, deletedTopics }: MetadataChange): Promise<void> {
    const deleted = new Set(deletedTopics.map(({ name }) => name));
    if (deleted.has(CONSUMER_OFFSETS_TOPIC)) return this.#runtime.unload();
    const changed = new Set(deleted);
    for (const { name } of createdTopics) changed.add(name);
    for (const { topic } of changedPartitions) changed.add(topic.name);
    // A shard that is loading begins with the metadata that there are by then.
    if (changed.size > 0) {
      this.#runtime.visitServed((state) => state.onTopicsChanged(changed, createdTopics.length > 0));
    }
    // Where a shard cannot be written, its offsets cannot be fetched either.
    if (deleted.size === 0) return;
    const deletedIds = new Set(deletedTopics.map(({ id }) => id));
    await this.decideInAll((state, turn) => {
      forgetTopics(state, turn, deleted);
      forgetShareTopics(state, turn, deletedIds);
    });
  }
}

/** The id of a topic where the requests of a version name it by name. */
export function topicIdOf(metadata: Metadata, name: string): Uuid {
  return metadata.image.topicByName(name)?.id ?? ZERO_UUID;
}

/** A random UUID (RFC 9562, version 4) in hexadecimal, as Apache Kafka puts it into member ids. */
function randomUuidText(random: Random): string {
  const bytes = random.fill(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
