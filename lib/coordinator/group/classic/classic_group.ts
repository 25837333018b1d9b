/**
 * A classic group: members that agree on a protocol, one of which, the leader, assigns.
 *
 * | state               | event                                                        | next                |
 * | ------------------- | ------------------------------------------------------------ | ------------------- |
 * | Empty               | a member joins                                               | PreparingRebalance  |
 * | PreparingRebalance  | all members have joined, or their time is up                 | CompletingRebalance |
 * | PreparingRebalance  | … and there are none                                         | Empty               |
 * | CompletingRebalance | the leader's assignment is written                           | Stable              |
 * | CompletingRebalance | a member joins, leaves, expires, or sends no SyncGroup in time | PreparingRebalance |
 * | Stable              | a member joins, leaves, expires, or changes what it supports | PreparingRebalance  |
 * | any                 | the group is deleted                                         | Dead                |
 *
 * This file is what a group is; `rebalance.ts` has the transitions, `join.ts` and `membership.ts` the events. What
 * is in the log is the group as its last complete generation left it: members that are about to join, and
 * everything else about a rebalance, is lost with the broker, and the members join again.
 *
 * @module
 */
import { DecodeError } from "../../../bytes/mod.ts";
import { decodeConsumerProtocolSubscription } from "../../../protocol/records/consumer_protocol.ts";
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { GroupMetadataValue, OffsetCommitValue } from "../../../protocol/records/group.ts";
import type { Reply, Turn } from "../../turn.ts";
import type { Commit, Group } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import type { GroupRecord } from "../records.ts";
import { ClassicMember, type JoinAnswer, type MemberProtocol, NO_ASSIGNMENT } from "./classic_member.ts";
import { keepAlive, maybeRebalance, UNKNOWN_MEMBER } from "./rebalance.ts";
import { groupTombstone } from "./records.ts";

export type ClassicState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead";

/** The states from which each can be reached: the table above, by its right column. */
const REACHED_FROM: Readonly<Record<ClassicState, readonly ClassicState[]>> = {
  Empty: ["PreparingRebalance"],
  PreparingRebalance: ["Empty", "CompletingRebalance", "Stable"],
  CompletingRebalance: ["PreparingRebalance"],
  Stable: ["CompletingRebalance"],
  Dead: ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"],
};

/** The type of protocol of groups of consumers, whose metadata the coordinator can read. */
const CONSUMER_PROTOCOL_TYPE = "consumer";

/** The protocol type, name, leader and generation as JoinGroup tells them. */
type GenerationAnswer = Pick<JoinAnswer, "generationId" | "protocolType" | "protocolName" | "leader">;

export class ClassicGroup implements Group {
  readonly type = "classic";
  readonly canExpire = true;
  readonly groupId: string;
  readonly members = new Map<string, ClassicMember>();
  /** Ids that were given out to members that are to join with them (KIP-394). */
  readonly pendingJoins = new Set<string>();
  /** Members that have not sent SyncGroup in this generation. */
  readonly pendingSyncs = new Set<string>();
  generationId = 0;
  /** Null for a group that has never had a member. */
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  /** When the state was entered, milliseconds since the epoch; -1 where an old record does not tell. */
  stateTimestampMs: number;
  /** The topics that members subscribe to; null where that cannot be known. */
  subscribedTopics: ReadonlySet<string> | null = null;
  /** Whether somebody joined while an empty group waits for its first members. */
  hasNewMember = false;
  #state: ClassicState = "Empty";
  #previousState: ClassicState = "Empty";
  readonly #staticMembers = new Map<string, string>();

  constructor(groupId: string, nowMs: number) {
    this.groupId = groupId;
    this.stateTimestampMs = nowMs;
  }

  /** The group that a record describes. */
  static fromRecord(groupId: string, value: GroupMetadataValue): ClassicGroup {
    const group = new ClassicGroup(groupId, Number(value.currentStateTimestamp));
    group.generationId = value.generation;
    group.protocolType = value.protocolType === "" ? null : value.protocolType;
    group.protocolName = value.protocol;
    group.#state = value.members.length === 0 ? "Empty" : "Stable";
    for (const { sessionTimeout, rebalanceTimeout, subscription, assignment, ...rest } of value.members) {
      const member = new ClassicMember({
        ...rest,
        sessionTimeoutMs: sessionTimeout,
        // Records of version 0 lack it.
        rebalanceTimeoutMs: rebalanceTimeout === -1 ? sessionTimeout : rebalanceTimeout,
        protocols: value.protocol === null ? [] : [{ name: value.protocol, metadata: subscription }],
      });
      member.assignment = assignment;
      group.add(member);
    }
    group.leaderId = value.leader;
    group.#computeSubscribedTopics();
    return group;
  }

  /** A group of consumers that is stable in this generation, without members yet. */
  static stable(groupId: string, generationId: number, nowMs: number): ClassicGroup {
    const group = new ClassicGroup(groupId, nowMs);
    group.generationId = generationId;
    group.protocolType = CONSUMER_PROTOCOL_TYPE;
    group.#state = "Stable";
    return group;
  }

  get state(): ClassicState {
    return this.#state;
  }

  /** True while an empty group waits for its first members. */
  get isInInitialRebalance(): boolean {
    return this.#state === "PreparingRebalance" && this.#previousState === "Empty";
  }

  get canRebalance(): boolean {
    return REACHED_FROM.PreparingRebalance.includes(this.#state);
  }

  get hasAllJoined(): boolean {
    return this.pendingJoins.size === 0 && this.#all((member) => member.awaitingJoin !== null);
  }

  get joinedCount(): number {
    let count = 0;
    for (const member of this.members.values()) if (member.awaitingJoin !== null) count++;
    return count;
  }

  /** The longest that a member may take to join again. */
  get rebalanceTimeoutMs(): number {
    return Math.max(0, ...Array.from(this.members.values(), (member) => member.rebalanceTimeoutMs));
  }

  get usesConsumerProtocol(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  get isEmpty(): boolean {
    return this.#state === "Empty";
  }

  /** Whether a topic's offsets are in use; a consumers' group that does not tell is taken to use them all. */
  isSubscribedTo(topic: string): boolean {
    return this.subscribedTopics?.has(topic) ?? this.usesConsumerProtocol;
  }

  /** Errors: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS. */
  commitError({ committer, isTransactional }: Commit): ErrorCode {
    const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = committer;
    if (generationId < 0 && this.isEmpty) return ErrorCode.NONE;
    if (generationId < 0 && memberId === UNKNOWN_MEMBER && groupInstanceId === null) {
      // Before KIP-447 a producer could not say for which member it commits.
      return isTransactional ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
    }
    const errorCode = this.checkMember(memberId, groupInstanceId);
    if (errorCode !== ErrorCode.NONE) return errorCode;
    if (generationId !== this.generationId) return ErrorCode.ILLEGAL_GENERATION;
    const isInMidst = this.#state === "CompletingRebalance" && !isTransactional;
    return isInMidst ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  /** Old consumers do not send heartbeats while they commit. */
  onCommit(state: GroupState, memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) keepAlive(state, this, member);
  }

  fetchError(): ErrorCode {
    return ErrorCode.NONE;
  }

  /** NON_EMPTY_GROUP where it cannot be told which offsets the group uses. */
  offsetDeleteError(): ErrorCode {
    return this.isEmpty || this.usesConsumerProtocol ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  deleteError(): ErrorCode {
    return this.isEmpty ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  tombstones(): GroupRecord[] {
    return [groupTombstone(this.groupId)];
  }

  offsetUnusedSinceMs(topic: string, { commitTimestamp }: OffsetCommitValue): number | null {
    const committedMs = Number(commitTimestamp);
    // Of a consumer that assigns itself its partitions, nothing else is known.
    if (this.protocolType === null) return committedMs;
    if (this.isEmpty) return this.stateTimestampMs === -1 ? committedMs : this.stateTimestampMs;
    const isTold = this.usesConsumerProtocol && this.subscribedTopics !== null;
    return this.#state === "Stable" && isTold && !this.isSubscribedTo(topic) ? committedMs : null;
  }

  onLoaded(state: GroupState, turn: Turn<GroupRecord>): void {
    for (const member of this.members.values()) keepAlive(state, this, member);
    if (this.members.size > state.settings.maxSize) maybeRebalance(state, this, turn);
  }

  /** The members watch the topics themselves. */
  onTopicsChanged(): void {}

  transitionTo(state: ClassicState, nowMs: number): void {
    if (!REACHED_FROM[state].includes(this.#state)) {
      throw new Error(`Group ${this.groupId} cannot go from ${this.#state} to ${state}`);
    }
    this.#previousState = this.#state;
    this.#state = state;
    this.stateTimestampMs = nowMs;
  }

  /** Whether a member with these protocols could join without excluding another. */
  accepts(protocolType: string, protocols: readonly MemberProtocol[]): boolean {
    if (this.#state === "Empty") return protocolType !== "" && protocols.length > 0;
    return protocolType === this.protocolType &&
      protocols.some(({ name }) => this.#all((member) => member.supports(name)));
  }

  add(member: ClassicMember): void {
    this.leaderId ??= member.memberId;
    this.members.set(member.memberId, member);
    this.pendingJoins.delete(member.memberId);
    if (member.groupInstanceId !== null) this.#staticMembers.set(member.groupInstanceId, member.memberId);
  }

  /** Removes a member, or one that was about to join. If it was the leader, another one is. */
  remove(memberId: string): void {
    const instanceId = this.members.get(memberId)?.groupInstanceId ?? null;
    if (instanceId !== null) this.#staticMembers.delete(instanceId);
    this.members.delete(memberId);
    this.pendingJoins.delete(memberId);
    this.pendingSyncs.delete(memberId);
    if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null;
  }

  /** The id of the member with that instance id (KIP-345). */
  staticMemberId(groupInstanceId: string): string | undefined {
    return this.#staticMembers.get(groupInstanceId);
  }

  /** A static member is back, with a new id: it takes the place of itself. */
  replaceStatic(old: ClassicMember, memberId: string): ClassicMember {
    const wasLeader = this.leaderId === old.memberId;
    const member = new ClassicMember({ ...old, memberId });
    member.assignment = old.assignment;
    member.isNew = old.isNew;
    this.remove(old.memberId);
    this.add(member);
    if (wasLeader) this.leaderId = memberId;
    return member;
  }

  /**
   * Whether somebody is who they say.
   *
   * Errors: UNKNOWN_MEMBER_ID; FENCED_INSTANCE_ID where another member has taken the instance id.
   */
  checkMember(memberId: string, groupInstanceId: string | null): ErrorCode {
    if (groupInstanceId !== null) {
      const known = this.#staticMembers.get(groupInstanceId);
      if (known === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
      if (known !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
    }
    return this.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  }

  /** Makes somebody the leader who has joined; false where nobody has. */
  electJoinedLeader(): boolean {
    if (this.leaderId !== null && this.members.get(this.leaderId)?.awaitingJoin) return true;
    for (const member of this.members.values()) {
      if (member.awaitingJoin === null) continue;
      this.leaderId = member.memberId;
      return true;
    }
    return false;
  }

  /** Begins the next generation, of the members that there are. */
  beginGeneration(nowMs: number): void {
    this.generationId++;
    this.protocolName = this.members.size === 0 ? null : this.selectProtocol();
    this.transitionTo(this.members.size === 0 ? "Empty" : "CompletingRebalance", nowMs);
    this.pendingSyncs.clear();
    this.#computeSubscribedTopics();
  }

  /** Settles on a protocol, of the members that there are. */
  chooseProtocol(): void {
    this.protocolName = this.selectProtocol();
    this.#computeSubscribedTopics();
  }

  /** The protocol that most members prefer of those that all support. */
  selectProtocol(): string | null {
    const votes = new Map<string, number>();
    for (const member of this.members.values()) {
      const vote = member.protocols.find(({ name }) => this.#all((other) => other.supports(name)));
      if (vote !== undefined) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
    }
    let selected: string | null = null;
    for (const [name, count] of votes) if (selected === null || count > votes.get(selected)!) selected = name;
    return selected;
  }

  /** The generation as JoinGroup tells it to every member. */
  get generationAnswer(): GenerationAnswer {
    const { generationId, protocolType, protocolName } = this;
    return { generationId, protocolType, protocolName, leader: this.leaderId ?? "" };
  }

  /** What JoinGroup tells the leader of the members. */
  get memberAnswers(): NonNullable<JoinAnswer["members"]> {
    return Array.from(this.members.values(), (member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      metadata: member.metadataFor(this.protocolName ?? ""),
    }));
  }

  /** The record of the group, with these assignments by member. */
  toRecord(assignments: ReadonlyMap<string, Uint8Array>): GroupMetadataValue {
    return {
      protocolType: this.protocolType ?? "",
      generation: this.generationId,
      protocol: this.protocolName,
      leader: this.leaderId,
      currentStateTimestamp: BigInt(this.stateTimestampMs),
      members: Array.from(this.members.values(), (member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMs,
        sessionTimeout: member.sessionTimeoutMs,
        subscription: member.metadataFor(this.protocolName ?? ""),
        assignment: assignments.get(member.memberId) ?? NO_ASSIGNMENT,
      })),
    };
  }

  /**
   * Applies a record of itself: where the leader has assigned, the group is stable. All else that is in the record,
   * this group, which it was made of, has already.
   */
  replay({ generation, members }: GroupMetadataValue, nowMs: number): void {
    if (this.#state !== "CompletingRebalance" || generation !== this.generationId) return;
    for (const { memberId, assignment } of members) {
      const member = this.members.get(memberId);
      if (member !== undefined) member.assignment = assignment;
    }
    this.transitionTo("Stable", nowMs);
  }

  /** Tells who waits in a member that it waits in vain. */
  refuse(turn: Turn<GroupRecord>, member: ClassicMember, errorCode: ErrorCode, memberId: string): void {
    if (member.awaitingJoin !== null) turn.answer(member.awaitingJoin, { errorCode, memberId });
    if (member.awaitingSync !== null) turn.answer(member.awaitingSync, { errorCode });
    member.awaitingJoin = null;
    member.awaitingSync = null;
  }

  /** Fails whoever waits: the coordinator ends. */
  abandon(errorCode: ErrorCode): void {
    for (const member of this.members.values()) {
      const waiting: (Reply<never> | null)[] = [member.awaitingJoin, member.awaitingSync];
      for (const reply of waiting) reply?.fail(errorCode);
      member.awaitingJoin = null;
      member.awaitingSync = null;
    }
  }

  #all(holds: (member: ClassicMember) => boolean): boolean {
    for (const member of this.members.values()) if (!holds(member)) return false;
    return true;
  }

  #computeSubscribedTopics(): void {
    this.subscribedTopics = this.#readSubscribedTopics();
  }

  #readSubscribedTopics(): ReadonlySet<string> | null {
    if (this.protocolType === null) return null;
    if (this.members.size === 0) return new Set();
    if (!this.usesConsumerProtocol || this.protocolName === null) return null;
    const topics = new Set<string>();
    try {
      for (const member of this.members.values()) {
        for (const topic of decodeConsumerProtocolSubscription(member.metadataFor(this.protocolName)).topics) {
          topics.add(topic);
        }
      }
      return topics;
    } catch (error) {
      // A client may put into its metadata what it likes.
      if (error instanceof DecodeError) return null;
      throw error;
    }
  }
}
