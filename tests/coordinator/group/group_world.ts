/**
 * A shard of the group coordinator on a clock of its own, without a broker. What it writes and answers becomes a
 * transcript, a line each.
 *
 * @module
 */
import { type Uuid, uuidFromBytes, ZERO_UUID } from "../../../lib/bytes/mod.ts";
import type { JoinAnswer, SyncAnswer } from "../../../lib/coordinator/group/classic/classic_member.ts";
import { GroupState } from "../../../lib/coordinator/group/group_state.ts";
import { join } from "../../../lib/coordinator/group/classic/join.ts";
import { heartbeat, leave, sync } from "../../../lib/coordinator/group/classic/membership.ts";
import { commitOffsets } from "../../../lib/coordinator/group/offsets.ts";
import { MemberState } from "../../../lib/coordinator/group/consumer/consumer_member.ts";
import type { TopicPartitions } from "../../../lib/coordinator/group/modern/mod.ts";
import {
  encodeGroupRecord,
  type GroupRecord,
  isRecordOf,
  type RecordOfGroup,
} from "../../../lib/coordinator/group/records.ts";
import type { GroupSettings } from "../../../lib/coordinator/group/settings.ts";
import { groupConfig, type GroupConfigName } from "../../../lib/metadata/configs/group_settings.ts";
import { BrokerSettings } from "../../../lib/metadata/configs/settings.ts";
import { MetadataImage, metadataRecord } from "../../../lib/metadata/mod.ts";
import { type Reply, Turn } from "../../../lib/coordinator/turn.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import {
  ConsumerProtocolSubscription,
  decodeGroupRecord,
  encodeVersioned,
  type RecordBytes,
} from "../../../lib/protocol/records/mod.ts";
import { describeStreamsRecord } from "./streams/streams_records.ts";

export const GROUP = "g";

const BROKER = new BrokerSettings(new Map());

const SETTINGS: GroupSettings = {
  initialRebalanceDelayMs: 0,
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  maxSize: 1000,
  shareMaxSize: 200,
  shareInitializeRetryIntervalMs: 30_000,
  streamsMaxSize: 1000,
  consumerMaxSize: 1000,
  assignors: ["uniform", "range"],
  mayUpgrade: true,
  mayDowngrade: true,
  mayMigrate: true,
  regexRefreshIntervalMs: 600_000,
  offsetMetadataMaxSize: 10,
  offsetsRetentionMs: 100_000,
  offsetsRetentionCheckIntervalMs: 10_000_000,
};

/** What a member says when it joins; what is left out is usual. */
export interface JoinOptions {
  readonly memberId?: string;
  readonly instance?: string;
  /** Preferred protocols; `range` by default. */
  readonly protocols?: readonly string[];
  readonly topics?: readonly string[];
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  /** Whether it is of a version that gets its id first (KIP-394). */
  readonly asksTwice?: boolean;
  readonly canSkipAssignment?: boolean;
  /** Which topics it may see; by default all. */
  readonly mayDescribe?: (topic: string) => boolean;
}

interface PendingTimer {
  readonly atMs: number;
  readonly decide: (turn: Turn<GroupRecord>) => void;
}

export class GroupWorld {
  readonly state: GroupState;
  /** The metadata that the shard sees. */
  readonly image = new MetadataImage();
  /** All that was written, as it stands in the log. */
  readonly log: RecordBytes[];
  nowMs = 1_000_000;
  /** Whether each look at the clock finds it a millisecond later: work takes time then. */
  isTicking = false;
  /** Whether what is decided cannot be written, as what is too large for the log. */
  isRefusing = false;
  #transcript: string[] = [];
  #ids = 0;
  #imageVersion = 0;
  readonly #timers = new Map<string, PendingTimer>();

  /**
   * @param log what an earlier shard has written, to be loaded
   * @param topics by name, and how many partitions each has
   * @param groupConfigs what the groups set for themselves
   */
  constructor(
    settings: Partial<GroupSettings> = {},
    log: readonly RecordBytes[] = [],
    topics: Readonly<Record<string, number>> = {},
    groupConfigs: Readonly<Record<string, string>> = {},
  ) {
    for (const [name, partitions] of Object.entries(topics)) this.createTopic(name, partitions);
    this.log = [...log];
    this.state = new GroupState({
      schedule: (key, delayMs, decide) => void this.#timers.set(key, { atMs: this.nowMs + delayMs, decide }),
      cancel: (key) => void this.#timers.delete(key),
      isScheduled: (key) => this.#timers.has(key),
    }, {
      settings: () => ({ ...SETTINGS, ...settings }),
      logger: { info() {}, warn() {}, error() {} },
      nowMs: () => this.isTicking ? ++this.nowMs : this.nowMs,
      newUuid: () => String(++this.#ids),
      image: () => this.image,
      imageVersion: () => this.#imageVersion,
      groupConfig: <N extends GroupConfigName>(_groupId: string, name: N) =>
        groupConfig(name, new Map(Object.entries(groupConfigs)), BROKER),
    });
    for (const record of log) this.#replay(record);
    this.take((turn) => this.state.onLoaded(turn));
  }

  /** Creates a topic, or gives it more partitions. */
  createTopic(name: string, partitionCount: number): void {
    const isNew = this.image.topicByName(name) === undefined;
    if (isNew) this.image.replay(metadataRecord("TopicRecord", { name, topicId: topicId(name) }));
    const known = this.image.topicByName(name)!.partitions.size;
    for (let partitionId = known; partitionId < partitionCount; partitionId++) {
      this.image.replay(metadataRecord("PartitionRecord", { partitionId, topicId: topicId(name), replicas: [1] }));
    }
    this.#imageVersion++;
    // The constructor makes topics before there is a state.
    this.state?.onTopicsChanged(new Set([name]), isNew);
  }

  deleteTopic(name: string): void {
    this.image.replay(metadataRecord("RemoveTopicRecord", { topicId: topicId(name) }));
    this.#imageVersion++;
    this.state.onTopicsChanged(new Set([name]), false);
  }

  /** The lines since the last call. */
  told(): string[] {
    const told = this.#transcript;
    this.#transcript = [];
    return told;
  }

  /** Lets time pass, and timers run. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { atMs }]) =>
        atMs <= untilMs
      ).sort(([, a], [, b]) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.nowMs = due[1].atMs;
      this.take(due[1].decide);
    }
    this.nowMs = untilMs;
  }

  /** @param who names the request in the transcript */
  join(who: string, options: JoinOptions = {}): void {
    const { memberId = "", instance = null, protocols = ["range"], topics = ["t"] } = options;
    const metadata = encodeVersioned(ConsumerProtocolSubscription, 0, { topics });
    const request = {
      groupId: GROUP,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
      rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 60_000,
      memberId,
      groupInstanceId: instance,
      protocolType: "consumer",
      protocols: protocols.map((name) => ({ name, metadata, unknownTaggedFields: [] })),
      reason: null,
      unknownTaggedFields: [],
    };
    this.take((turn) =>
      join(this.state, turn, this.#reply<JoinAnswer>(who, describeJoin), {
        request,
        clientId: "c",
        clientHost: "/h",
        requiresKnownMemberId: options.asksTwice ?? false,
        canSkipAssignment: options.canSkipAssignment ?? false,
        mayDescribe: options.mayDescribe ?? (() => true),
      })
    );
  }

  /**
   * @param assignments by member, which a leader sends; a number is a byte
   * @param who names the request in the transcript
   */
  sync(
    memberId: string,
    generationId: number,
    assignments: Readonly<Record<string, number | Uint8Array>> = {},
    who = memberId,
  ): void {
    const request = {
      groupId: GROUP,
      generationId,
      memberId,
      groupInstanceId: null,
      protocolType: null,
      protocolName: null,
      assignments: Object.entries(assignments).map(([memberId, assignment]) => ({
        memberId,
        assignment: typeof assignment === "number" ? new Uint8Array([assignment]) : assignment,
        unknownTaggedFields: [],
      })),
      unknownTaggedFields: [],
    };
    this.take((turn) =>
      sync(
        this.state,
        turn,
        this.#reply<SyncAnswer>(who, ({ errorCode, assignment }) =>
          errorCode === ErrorCode.NONE ? `assigned ${assignment}` : nameOf(errorCode!)),
        request,
      )
    );
  }

  heartbeat(memberId: string, generationId: number, instance: string | null = null): string {
    const request = { groupId: GROUP, generationId, memberId, groupInstanceId: instance, unknownTaggedFields: [] };
    return nameOf(heartbeat(this.state, request));
  }

  leave(...memberIds: string[]): string[] {
    const members = memberIds.map((memberId) => ({
      memberId,
      groupInstanceId: null,
      reason: null,
      unknownTaggedFields: [],
    }));
    return this.take((turn) => leave(this.state, turn, GROUP, members)).map(({ errorCode }) => nameOf(errorCode!));
  }

  /** Commits an offset of partition 0 of `topic`; of nobody where no member is told. */
  commit(topic: string, offset: number, options: {
    readonly memberId?: string;
    readonly generationId?: number;
    readonly metadata?: string;
    readonly retentionTimeMs?: number;
    readonly group?: string;
  } = {}): string {
    const committer = {
      groupId: options.group ?? GROUP,
      memberId: options.memberId ?? "",
      generationIdOrMemberEpoch: options.generationId ?? -1,
      groupInstanceId: null,
      retentionTimeMs: BigInt(options.retentionTimeMs ?? -1),
    };
    const partitions = [{
      partitionIndex: 0,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: options.metadata ?? "",
      unknownTaggedFields: [],
    }];
    const topics = [{ name: topic, topicId: this.image.topicByName(topic)?.id ?? ZERO_UUID, partitions }];
    const [[{ errorCode }]] = this.take((turn) => commitOffsets(this.state, turn, committer, topics, 9));
    return nameOf(errorCode);
  }

  /** Decides, writes and replays, and answers. */
  take<T>(decide: (turn: Turn<GroupRecord>) => T): T {
    const turn = new Turn<GroupRecord>(this.nowMs);
    const result = decide(turn);
    if (this.isRefusing && turn.records.length > 0) {
      turn.end(ErrorCode.UNKNOWN_SERVER_ERROR);
      return result;
    }
    for (const record of turn.records) {
      const bytes = encodeGroupRecord(record);
      this.log.push(bytes);
      this.#transcript.push(describeRecord(record));
      this.#replay(bytes);
    }
    turn.end(ErrorCode.NONE);
    return result;
  }

  #replay(bytes: RecordBytes): void {
    const record = decodeGroupRecord(bytes);
    if (record.name !== null) this.state.replay(record);
  }

  #reply<T>(who: string, describe: (answer: T) => string): Reply<T> {
    return {
      answer: (answer) => void this.#transcript.push(`${who}: ${describe(answer)}`),
      fail: (errorCode) => void this.#transcript.push(`${who}: fails with ${nameOf(errorCode)}`),
    };
  }
}

/** Kafka's name of an error. */
export function nameOf(errorCode: number): string {
  return Object.entries(ErrorCode).find(([, code]) => code === errorCode)![0];
}

/** A topic id that is not zero. */
export const TOPIC_ID = uuidFromBytes(new Uint8Array(16).fill(1));

function describeJoin(
  { errorCode, memberId, generationId, leader = "nobody", members = [], protocolName, skipAssignment }: JoinAnswer,
) {
  if (errorCode !== ErrorCode.NONE) return `${nameOf(errorCode!)} ${memberId}`.trim();
  const told = members.length === 0 ? "" : `, of ${members.map((member) => member.memberId).join(" ")}`;
  const skip = skipAssignment ? ", need not assign" : "";
  return `generation ${generationId} as ${memberId}, ${protocolName}, led by ${leader}${told}${skip}`;
}

function describeRecord(record: GroupRecord): string {
  if (record.name === "OffsetCommit") {
    const { topic, partition } = record.key;
    return record.value === null
      ? `forgets ${topic}-${partition}`
      : `writes ${topic}-${partition} at ${record.value.offset}`;
  }
  if (isRecordOf("ConsumerGroup", record)) return describeConsumerRecord(record);
  if (isRecordOf("StreamsGroup", record)) return describeStreamsRecord(record);
  if (record.name !== "GroupMetadata") throw new Error(`A group of these types writes no ${record.name}`);
  if (record.value === null) return "forgets the group";
  const { generation, members } = record.value;
  const assigned = members.map(({ memberId, assignment }) => `${memberId}=${[...assignment]}`);
  return `writes generation ${generation}${assigned.length === 0 ? ", empty" : `: ${assigned.join(" ")}`}`;
}

function describeConsumerRecord(record: RecordOfGroup<"ConsumerGroup">): string {
  const { name, key, value } = record;
  const what = name.replace("ConsumerGroup", "");
  const whose = "memberId" in key
    ? ` of ${key.memberId}`
    : "regularExpression" in key
    ? ` ${key.regularExpression}`
    : "";
  if (value === null) return `forgets ${what}${whose}`;
  switch (name) {
    case "ConsumerGroupMetadata":
      return `writes epoch ${record.value!.epoch}`;
    case "ConsumerGroupTargetAssignmentMetadata":
      return `writes target of epoch ${record.value!.assignmentEpoch}`;
    case "ConsumerGroupTargetAssignmentMember":
      return `writes target${whose}: ${partitions(record.value!.topicPartitions)}`;
    case "ConsumerGroupCurrentMemberAssignment": {
      const { memberEpoch, state, assignedPartitions, partitionsPendingRevocation } = record.value!;
      const revoked = partitions(partitionsPendingRevocation);
      return `writes ${key.groupId === GROUP ? "" : key.groupId}${
        MEMBER_STATES.get(state)
      }${whose} in ${memberEpoch}: ` +
        partitions(assignedPartitions) + (revoked === "nothing" ? "" : `, revoking ${revoked}`);
    }
    case "ConsumerGroupRegularExpression":
      return `writes ${record.key.regularExpression}: ${record.value!.topics.join(" ") || "nothing"}`;
    default:
      return `writes ${what}${whose}`;
  }
}

const MEMBER_STATES = new Map<number, string>(Object.entries(MemberState).map(([name, state]) => [state, name]));

/** Partitions as a transcript shows them: topics by the last letter of their id's name in {@linkcode topicId}. */
export function partitions(topics: readonly TopicPartitions[]): string {
  const named = topics.map(({ topicId, partitions }) =>
    `${TOPIC_NAMES.get(topicId) ?? topicId}-${partitions.join(",")}`
  );
  return named.sort().join(" ") || "nothing";
}

const TOPIC_NAMES = new Map<Uuid, string>();

/** The id that a topic has in these worlds. */
export function topicId(name: string): Uuid {
  const bytes = new Uint8Array(16);
  new TextEncoder().encodeInto(name, bytes);
  bytes[15] = 1;
  const id = uuidFromBytes(bytes);
  TOPIC_NAMES.set(id, name);
  return id;
}
