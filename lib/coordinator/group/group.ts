/**
 * What all groups are, whatever protocol their members speak.
 *
 * A shard keeps its groups in one map, by id; an id belongs to one group, of one type. What is common to all types asks
 * a group through this interface: the offset APIs, ListGroups, DeleteGroups, the expiry of offsets. What a type has
 * alone (joining, heartbeats, describing) stands in its folder, and gets the group by {@linkcode groupOfType}.
 *
 * | type     | protocol                        | folder      |
 * | -------- | ------------------------------- | ----------- |
 * | classic  | JoinGroup, SyncGroup, Heartbeat | `classic/`  |
 * | consumer | ConsumerGroupHeartbeat, KIP-848 | `consumer/` |
 * | share    | ShareGroupHeartbeat, KIP-932    | `share/`    |
 * | streams  | StreamsGroupHeartbeat, KIP-1071 | `streams/`  |
 *
 * @module
 */
import type { Uuid } from "../../bytes/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import type { OffsetCommitRequest } from "../../protocol/messages/offset_commit.ts";
import type { OffsetCommitValue } from "../../protocol/records/group.ts";
import type { Turn } from "../turn.ts";
import type { GroupState } from "./group_state.ts";
import type { GroupRecord } from "./records.ts";

/** The types of groups, as ListGroups spells them. */
export type GroupType = "classic" | "consumer" | "share" | "streams";

/** Who commits offsets. */
export type Committer = Pick<
  OffsetCommitRequest,
  "groupId" | "generationIdOrMemberEpoch" | "memberId" | "groupInstanceId" | "retentionTimeMs"
>;

/** Offsets that somebody wants to commit. */
export interface Commit {
  readonly committer: Committer;
  readonly topics: readonly {
    readonly name: string;
    readonly topicId: Uuid;
    readonly partitions: readonly { readonly partitionIndex: number }[];
  }[];
  /** Whether they belong to a transaction (TxnOffsetCommit). */
  readonly isTransactional: boolean;
  /** The version of OffsetCommit or TxnOffsetCommit. */
  readonly apiVersion: number;
}

/** A group of any type. */
export interface Group {
  readonly type: GroupType;
  readonly groupId: string;
  /** As Apache Kafka spells it, such as `Empty` or `Stable`. */
  readonly state: string;
  /** As ListGroups tells it; null where no member has said it yet. */
  readonly protocolType: string | null;
  /** Whether it has no members, so that it may be deleted. */
  readonly isEmpty: boolean;
  /** Whether it ends by itself when it is empty and has no offsets left (KIP-211). */
  readonly canExpire: boolean;
  /** Whether a topic's offsets are in use: OffsetDelete spares them. */
  isSubscribedTo(topic: string): boolean;
  /** Why none of these offsets may be committed; NONE where they may. */
  commitError(commit: Commit): ErrorCode;
  /** A member has committed, which shows that it is alive. */
  onCommit(state: GroupState, memberId: string): void;
  /**
   * Why offsets may not be fetched; NONE where they may. Who names neither a member nor an epoch, an administrator, may.
   *
   * @param memberId null where it is not told, as before version 9 of OffsetFetch
   * @param memberEpoch -1 where it is not told
   */
  fetchError(memberId: string | null, memberEpoch: number): ErrorCode;
  /** Why no offset of the group may be deleted, whatever its topic; NONE where some may. */
  offsetDeleteError(): ErrorCode;
  /** Why the group may not be deleted: NONE, NON_EMPTY_GROUP, or GROUP_ID_NOT_FOUND. */
  deleteError(): ErrorCode;
  /** The records that end the group. Its offsets are not among them. */
  tombstones(): GroupRecord[];
  /**
   * From when on nobody has used an offset, milliseconds since the epoch; null where it is in use (KIP-211).
   *
   * @param topic what the offset is of
   */
  offsetUnusedSinceMs(topic: string, offset: OffsetCommitValue): number | null;
  /** Its log is replayed, and the shard begins to serve: sessions begin anew. */
  onLoaded(state: GroupState, turn: Turn<GroupRecord>): void;
  /** Topics of these names were created or deleted, or have new partitions. */
  onTopicsChanged(topics: ReadonlySet<string>): void;
  /** The coordinator ends, or is loaded anew: whoever waits in the group is told so. */
  abandon(errorCode: ErrorCode): void;
}

/** What a request is refused with: a code of the protocol, and a line for a person. */
export class Refusal {
  constructor(readonly errorCode: ErrorCode, readonly errorMessage: string | null = null) {}
}

/**
 * The group of that id and type, or the GROUP_ID_NOT_FOUND that Apache Kafka gives where there is none, or it is of
 * another type.
 *
 * @param type a class, such as `ConsumerGroup`
 * @param name how Apache Kafka calls the type in the message, such as `consumer`
 */
export function groupOfType<G extends Group>(
  state: GroupState,
  groupId: string,
  type: abstract new (...args: never[]) => G,
  name: string,
): G | Refusal {
  const group = state.groups.get(groupId);
  if (group === undefined) return new Refusal(ErrorCode.GROUP_ID_NOT_FOUND, `Group ${groupId} not found.`);
  if (group instanceof type) return group;
  return new Refusal(ErrorCode.GROUP_ID_NOT_FOUND, `Group ${groupId} is not a ${name} group.`);
}
