/**
 * A shard of the group coordinator on a clock of its own, without a broker. What it writes and answers becomes a
 * transcript, a line each.
 *
 * @module
 */
import { uuidFromBytes, ZERO_UUID } from "../../../lib/bytes/mod.ts";
import type { JoinAnswer, SyncAnswer } from "../../../lib/coordinator/group/classic/classic_member.ts";
import { GroupState } from "../../../lib/coordinator/group/group_state.ts";
import { join } from "../../../lib/coordinator/group/classic/join.ts";
import { heartbeat, leave, sync } from "../../../lib/coordinator/group/classic/membership.ts";
import { commitOffsets } from "../../../lib/coordinator/group/offsets.ts";
import { encodeGroupRecord, type GroupRecord } from "../../../lib/coordinator/group/records.ts";
import type { GroupSettings } from "../../../lib/coordinator/group/settings.ts";
import { groupConfig, type GroupConfigName } from "../../../lib/metadata/configs/group_settings.ts";
import { BrokerSettings } from "../../../lib/metadata/configs/settings.ts";
import { MetadataImage } from "../../../lib/metadata/mod.ts";
import { type Reply, Turn } from "../../../lib/coordinator/turn.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import {
  ConsumerProtocolSubscription,
  decodeGroupRecord,
  encodeVersioned,
  type RecordBytes,
} from "../../../lib/protocol/records/mod.ts";

export const GROUP = "g";

const BROKER = new BrokerSettings(new Map());

const SETTINGS: GroupSettings = {
  initialRebalanceDelayMs: 0,
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  maxSize: 1000,
  streamsMaxSize: 1000,
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
  #transcript: string[] = [];
  #ids = 0;
  readonly #timers = new Map<string, PendingTimer>();

  /** @param log what an earlier shard has written, to be loaded */
  constructor(settings: Partial<GroupSettings> = {}, log: readonly RecordBytes[] = []) {
    this.log = [...log];
    this.state = new GroupState({
      schedule: (key, delayMs, decide) => void this.#timers.set(key, { atMs: this.nowMs + delayMs, decide }),
      cancel: (key) => void this.#timers.delete(key),
      isScheduled: (key) => this.#timers.has(key),
    }, {
      settings: () => ({ ...SETTINGS, ...settings }),
      nowMs: () => this.nowMs,
      newUuid: () => String(++this.#ids),
      image: () => this.image,
      imageVersion: () => 0,
      groupConfig: <N extends GroupConfigName>(_groupId: string, name: N) => groupConfig(name, new Map(), BROKER),
    });
    for (const record of log) this.#replay(record);
    this.take((turn) => this.state.onLoaded(turn));
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
      })
    );
  }

  /**
   * @param assignments by member, which a leader sends
   * @param who names the request in the transcript
   */
  sync(
    memberId: string,
    generationId: number,
    assignments: Readonly<Record<string, number>> = {},
    who = memberId,
  ): void {
    const request = {
      groupId: GROUP,
      generationId,
      memberId,
      groupInstanceId: null,
      protocolType: null,
      protocolName: null,
      assignments: Object.entries(assignments).map(([memberId, byte]) => ({
        memberId,
        assignment: new Uint8Array([byte]),
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
    const topics = [{ name: topic, topicId: ZERO_UUID, partitions }];
    const [[{ errorCode }]] = this.take((turn) => commitOffsets(this.state, turn, committer, topics, 9));
    return nameOf(errorCode);
  }

  /** Decides, writes and replays, and answers. */
  take<T>(decide: (turn: Turn<GroupRecord>) => T): T {
    const turn = new Turn<GroupRecord>(this.nowMs);
    const result = decide(turn);
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
  { errorCode, memberId, generationId, leader, members, protocolName, skipAssignment }: JoinAnswer,
) {
  if (errorCode !== ErrorCode.NONE) return `${nameOf(errorCode!)} ${memberId}`.trim();
  const told = members!.length === 0 ? "" : `, of ${members!.map((member) => member.memberId).join(" ")}`;
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
  if (record.name !== "GroupMetadata") throw new Error(`A classic group writes no ${record.name}`);
  if (record.value === null) return "forgets the group";
  const { generation, members } = record.value;
  const assigned = members.map(({ memberId, assignment }) => `${memberId}=${[...assignment]}`);
  return `writes generation ${generation}${assigned.length === 0 ? ", empty" : `: ${assigned.join(" ")}`}`;
}
