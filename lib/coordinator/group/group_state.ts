/**
 * What a shard of the group coordinator keeps: groups of all types, and committed offsets.
 *
 * @module
 */
import type { groupConfig, GroupConfigName } from "../../metadata/configs/group_settings.ts";
import type { MetadataImage } from "../../metadata/mod.ts";
import type { ErrorCode } from "../../protocol/error_code.ts";
import type { OffsetCommitKey, OffsetCommitValue } from "../../protocol/records/group.ts";
import type { CoordinatorState, ShardTimers } from "../runtime.ts";
import type { Turn } from "../turn.ts";
import { ClassicGroup } from "./classic/classic_group.ts";
import { cancelClassicTimers } from "./classic/rebalance.ts";
import { CommittedOffsets } from "./committed_offsets.ts";
import { CONSUMER_ASSIGNORS } from "./consumer/assignors/mod.ts";
import { replayConsumerGroup } from "./consumer/replay.ts";
import { scheduleExpiry } from "./expire_offsets.ts";
import type { Group } from "./group.ts";
import { type Assignor, MetadataHashes } from "./modern/mod.ts";
import type { Logger } from "../../ports.ts";
import { type GroupRecord, isRecordOf } from "./records.ts";
import type { GroupSettings } from "./settings.ts";
import { replayShareGroup } from "./share/mod.ts";
import { replayStreamsGroup } from "./streams/mod.ts";

/** What the metadata tell the coordinator: topics, features and the configs of groups. */
export type GroupImage = Pick<MetadataImage, "topicByName" | "topicById" | "topics" | "features" | "brokers">;

/** What the coordinator needs beside its records. */
export interface GroupPorts {
  readonly logger: Logger;
  readonly settings: () => GroupSettings;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** A random part of a member id: a UUID as RFC 9562 prints it. */
  readonly newUuid: () => string;
  /** The metadata that are in effect. */
  readonly image: () => GroupImage;
  /** The offset of the last record of the metadata log that is in effect: what Kafka calls the version of the image. */
  readonly imageVersion: () => number;
  /** A config of a group, or that of the broker where the group does not set it, within the broker's bounds. */
  readonly groupConfig: <N extends GroupConfigName>(groupId: string, name: N) => GroupConfigValue<N>;
}

/** What a config of a group comes to. */
export type GroupConfigValue<N extends GroupConfigName> = ReturnType<typeof groupConfig<N>>;

/** UTF-16 units of a client's name that go into its member id, so that the id fits into a string of the protocol. */
const MAX_PREFIX_LENGTH = 10_000;

export class GroupState implements CoordinatorState<GroupRecord> {
  /** By id, groups of all types. */
  readonly groups = new Map<string, Group>();
  readonly offsets = new CommittedOffsets();
  /** Consumer groups that are about to be classic groups, as which they are there once their records are written. */
  readonly downgraded = new Map<string, ClassicGroup>();
  readonly timers: ShardTimers<GroupRecord>;
  /** The version of the metadata that had new topics last: regular expressions may match these. */
  newTopicsVersion = 0;
  readonly #hashes = new MetadataHashes();
  readonly #ports: GroupPorts;
  #isLoading = true;

  constructor(timers: ShardTimers<GroupRecord>, ports: GroupPorts) {
    this.timers = timers;
    this.#ports = ports;
  }

  get logger(): Logger {
    return this.#ports.logger;
  }

  get settings(): GroupSettings {
    return this.#ports.settings();
  }

  /** The metadata that are in effect. */
  get image(): GroupImage {
    return this.#ports.image();
  }

  /** The offset of the last record that is in the image. */
  get imageVersion(): number {
    return this.#ports.imageVersion();
  }

  /** The assignor of consumer groups that members ask for; the first one of the settings where they ask for none. */
  assignor(name: string | null): Assignor {
    const { assignors } = this.settings;
    return CONSUMER_ASSIGNORS.get(name !== null && assignors.includes(name) ? name : assignors[0])!;
  }

  /** The hash of what the topics of a group are now: see `modern/metadata_hash.ts`. */
  metadataHash(topicNames: Iterable<string>): bigint {
    return this.#hashes.of(topicNames, this.image);
  }

  /** True while the log is replayed from its beginning, and nothing is decided. */
  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** A config of a group, within the bounds that the broker sets. */
  groupConfig<N extends GroupConfigName>(groupId: string, name: N): GroupConfigValue<N> {
    return this.#ports.groupConfig(groupId, name);
  }

  /** A random UUID as RFC 9562 prints it. */
  newUuid(): string {
    return this.#ports.newUuid();
  }

  /** Milliseconds since the epoch: for replay, which has no turn. */
  nowMs(): number {
    return this.#ports.nowMs();
  }

  /** A new member id, which tells a person whose it is. */
  newMemberId(prefix: string): string {
    return `${prefix.slice(0, MAX_PREFIX_LENGTH)}-${this.newUuid()}`;
  }

  /** The classic group of that id, undefined where there is none or one of another type. */
  classicGroup(groupId: string): ClassicGroup | undefined {
    const group = this.groups.get(groupId);
    return group instanceof ClassicGroup ? group : undefined;
  }

  replay(record: GroupRecord, producerId?: bigint): void {
    if (record.name === "OffsetCommit") this.#replayOffset(record, producerId);
    else if (record.name === "GroupMetadata") this.#replayClassicGroup(record);
    else if (isRecordOf("ConsumerGroup", record)) replayConsumerGroup(this, record);
    else if (isRecordOf("ShareGroup", record)) replayShareGroup(this, record);
    else if (isRecordOf("StreamsGroup", record)) replayStreamsGroup(this, record);
  }

  endTransaction(producerId: bigint, isCommitted: boolean): void {
    for (const { key, value } of this.offsets.endTransaction(producerId, isCommitted)) this.#keepGroupOf(key, value);
  }

  onLoaded(turn: Turn<GroupRecord>): void {
    this.#isLoading = false;
    this.newTopicsVersion = this.imageVersion;
    for (const group of this.groups.values()) group.onLoaded(this, turn);
    scheduleExpiry(this);
  }

  /**
   * Topics of these names were created or deleted, or have new partitions.
   *
   * @param areSomeNew whether some were created
   */
  onTopicsChanged(topics: ReadonlySet<string>, areSomeNew: boolean): void {
    if (areSomeNew) this.newTopicsVersion = this.imageVersion;
    this.#hashes.forget(topics);
    for (const group of this.groups.values()) group.onTopicsChanged(topics);
  }

  abandon(errorCode: ErrorCode): void {
    for (const group of this.groups.values()) group.abandon(errorCode);
  }

  #replayClassicGroup({ key: { group: groupId }, value }: Extract<GroupRecord, { name: "GroupMetadata" }>): void {
    const known = this.classicGroup(groupId);
    if (value === null) {
      if (known === undefined) return;
      known.transitionTo("Dead", this.nowMs());
      cancelClassicTimers(this, known);
      this.groups.delete(groupId);
    } else if (known === undefined || this.#isLoading) {
      this.groups.set(groupId, this.downgraded.get(groupId) ?? ClassicGroup.fromRecord(groupId, value));
      this.downgraded.delete(groupId);
    } else known.replay(value, this.nowMs());
  }

  #replayOffset({ key, value }: Extract<GroupRecord, { name: "OffsetCommit" }>, producerId?: bigint): void {
    if (producerId === undefined) this.offsets.set(key, value);
    else this.offsets.setPending(producerId, key, value);
    if (value !== null) this.#keepGroupOf(key, value);
  }

  /** A consumer that assigns itself its partitions commits without ever joining. */
  #keepGroupOf({ group }: OffsetCommitKey, { commitTimestamp }: OffsetCommitValue): void {
    if (!this.groups.has(group)) this.groups.set(group, new ClassicGroup(group, Number(commitTimestamp)));
  }
}
