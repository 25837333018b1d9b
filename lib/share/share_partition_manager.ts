/**
 * The share partitions that are served, and the sessions of the members that read them.
 *
 * A share partition is opened when the first member reads it, and forgotten when its group has no sessions left: what
 * counts of it is kept by the share coordinator.
 *
 * @module
 */
import type { LogManager } from "../log/mod.ts";
import { ConfigResourceType, type Metadata } from "../metadata/mod.ts";
import type { BrokerSettings } from "../metadata/configs/settings.ts";
import type { Clock, Compressor, Timers } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { coordinatorKeyOf, type ShareCoordinator, type SharePartitionKey } from "../coordinator/share/mod.ts";
import type { Acknowledgement } from "./acknowledge.ts";
import { ServedSharePartition, type ShareGroupSettings } from "./served_share_partition.ts";
import { shareGroupSettings } from "./share_group_settings.ts";
import type { Refusal } from "./share_partition.ts";
import { type ShareSession, ShareSessions, type TopicIdPartition } from "./share_sessions.ts";

/** What share partitions need of the broker. */
export interface SharePartitionManagerPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly compressor: Compressor;
  readonly metadata: Metadata;
  readonly logs: LogManager;
  readonly coordinator: ShareCoordinator;
  /** The settings in force. */
  readonly settings: () => BrokerSettings;
}

export class SharePartitionManager {
  readonly sessions: ShareSessions;
  readonly #ports: SharePartitionManagerPorts;
  readonly #partitions = new Map<string, Promise<ServedSharePartition | Refusal>>();
  /** Those of {@linkcode SharePartitionManager.#partitions} that are open, so that they can be found without waiting. */
  readonly #open = new Map<string, ServedSharePartition>();
  readonly #watch: { stop(): void };

  constructor(ports: SharePartitionManagerPorts) {
    this.#ports = ports;
    this.sessions = new ShareSessions({
      maxSessions: ports.settings().get("group.share.max.share.sessions"),
      onEnd: (session) => this.#onSessionEnd(session),
    });
    this.#watch = ports.metadata.watch(({ deletedTopics }) => {
      for (const { id } of deletedTopics) this.#forget(({ topicId }) => topicId === id);
      if (!this.isEnabled) this.sessions.endAll();
    });
  }

  /** Whether `share.version` allows share groups. */
  get isEnabled(): boolean {
    return (this.#ports.metadata.image.features.get(SHARE_VERSION) ?? 0) > 0;
  }

  close(): void {
    this.#watch.stop();
    this.#forget(() => true);
  }

  /** The settings of a share group, in force now. */
  settingsOf(groupId: string): ShareGroupSettings {
    const texts = this.#ports.metadata.image.configs(ConfigResourceType.GROUP, groupId);
    return shareGroupSettings(texts, this.#ports.settings());
  }

  /** The share partition, opened where it is not; or why it cannot be served. */
  async open(key: SharePartitionKey): Promise<ServedSharePartition | Refusal> {
    const id = coordinatorKeyOf(key);
    const known = this.#partitions.get(id);
    if (known !== undefined) return await known;
    const opening = this.#opened(key);
    this.#partitions.set(id, opening);
    const opened = await opening;
    const isStillWanted = this.#partitions.get(id) === opening && this.sessions.count(key.groupId) > 0;
    if (isStillWanted && !("errorCode" in opened)) this.#open.set(id, opened);
    else if (this.#partitions.get(id) === opening) this.#partitions.delete(id);
    if (!isStillWanted && !("errorCode" in opened)) opened.close();
    return opened;
  }

  /**
   * Takes a member's word on records of a partition; resolves once that is kept, to null or to why it is not. Errors:
   * UNKNOWN_TOPIC_OR_PARTITION where nobody has read it, and those of ShareAcknowledge.
   */
  async acknowledge(
    memberId: string,
    key: SharePartitionKey,
    acknowledgements: readonly Acknowledgement[],
  ): Promise<Refusal | null> {
    const partition = this.#open.get(coordinatorKeyOf(key));
    if (partition === undefined) return UNKNOWN_PARTITION;
    const refusal = await partition.acknowledge(memberId, acknowledgements);
    this.#forgetFenced(partition, refusal);
    return refusal;
  }

  async #opened(key: SharePartitionKey): Promise<ServedSharePartition | Refusal> {
    const { metadata, logs } = this.#ports;
    const topic = metadata.image.topicById(key.topicId);
    if (topic === undefined || !topic.partitions.has(key.partition)) return UNKNOWN_PARTITION;
    const log = logs.get(topic.name, key.partition);
    if (log === undefined) return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, errorMessage: "" };
    const settings = (groupId: string) => this.settingsOf(groupId);
    return await ServedSharePartition.open(key, log, { ...this.#ports, settings });
  }

  /** What the coordinator keeps is not what is served: it is opened anew. */
  #forgetFenced(partition: ServedSharePartition, refusal: Refusal | null): void {
    if (refusal !== null && FENCED.has(refusal.errorCode)) this.#forget((key) => key === partition.key);
  }

  #onSessionEnd({ groupId, memberId, partitions }: ShareSession): void {
    for (const partition of partitions) this.#release(memberId, { groupId, ...partition });
    if (this.sessions.count(groupId) === 0) this.#forget((key) => key.groupId === groupId);
  }

  #release(memberId: string, key: SharePartitionKey & TopicIdPartition): void {
    const partition = this.#open.get(coordinatorKeyOf(key));
    partition?.release(memberId).then((refusal) => this.#forgetFenced(partition, refusal));
  }

  #forget(isMeant: (key: SharePartitionKey) => boolean): void {
    for (const [id, partition] of this.#open) {
      if (!isMeant(partition.key)) continue;
      partition.close();
      this.#open.delete(id);
      this.#partitions.delete(id);
    }
  }
}

const SHARE_VERSION = "share.version";

const UNKNOWN_PARTITION: Refusal = {
  errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  errorMessage: "This server does not host this topic-partition.",
};

/** Errors after which a share partition is opened anew. */
const FENCED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.GROUP_ID_NOT_FOUND,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
]);
