/**
 * What is common to groups whose assignment the coordinator makes.
 *
 * | what                     | is bumped, made or reached when                                        |
 * | ------------------------ | ---------------------------------------------------------------------- |
 * | group epoch              | members, what they subscribe to, or the topics that they get change    |
 * | target assignment, epoch | the group epoch is ahead of it, and the assignment interval is over    |
 * | member epoch             | the member has given up and been given what the target of an epoch says |
 *
 * A group is in these states, whatever its type adds to them:
 *
 * | state       | when                                                   |
 * | ----------- | ------------------------------------------------------ |
 * | Empty       | there are no members                                   |
 * | Assigning   | the target assignment is older than the group epoch    |
 * | Reconciling | some member has not come to the target assignment yet  |
 * | Stable      | else                                                   |
 *
 * What is here changes by the replay of records alone, but for `isMetadataStale`, which no record keeps.
 *
 * @module
 */
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { OffsetCommitValue } from "../../../protocol/records/group.ts";
import type { Turn } from "../../turn.ts";
import type { Commit, Group, GroupType } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import type { GroupRecord } from "../records.ts";

/** What members have in common. A member never changes: another one takes its place. */
export interface ModernMember {
  readonly memberId: string;
  /** Of a static member (KIP-345); null for a dynamic one. */
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  /** As Java prints an address. */
  readonly clientHost: string;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  /** Whether it has given up and been given all that the target of its epoch says. */
  readonly isStable: boolean;
}

/** A group with members `M`, and for each a target `T`. */
export abstract class ModernGroup<M extends ModernMember, T> implements Group {
  abstract readonly type: GroupType;
  abstract readonly protocolType: string;
  readonly groupId: string;
  readonly canExpire: boolean = true;
  /** By member id. */
  readonly members = new Map<string, M>();
  /** The target assignment by member id; who is not in it shall have nothing. */
  readonly targets = new Map<string, T>();
  groupEpoch = 1;
  /** What the topics of the group were at its epoch: see `metadata_hash.ts`. */
  metadataHash = 0n;
  /** The group epoch that the target assignment was made for. */
  assignmentEpoch = 1;
  /** When the target assignment was made, milliseconds since the epoch; 0 where that is not known. */
  assignmentTimestampMs = 0;
  /** Whether the next heartbeat looks at the topics of the group: something has changed them, or nobody has yet. */
  isMetadataStale = true;
  readonly #staticMembers = new Map<string, string>();
  /** How many members name a topic. */
  readonly #subscriptions = new Map<string, number>();

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  get state(): string {
    if (this.isEmpty) return "Empty";
    if (this.groupEpoch > this.assignmentEpoch) return "Assigning";
    for (const member of this.members.values()) if (!this.isReconciled(member)) return "Reconciling";
    return "Stable";
  }

  /** The topics that members name, and how many members name each. */
  get subscriptions(): ReadonlyMap<string, number> {
    return this.#subscriptions;
  }

  isReconciled(member: M): boolean {
    return member.isStable && member.memberEpoch === this.assignmentEpoch;
  }

  isSubscribedTo(topic: string): boolean {
    return this.#subscriptions.has(topic);
  }

  /** The member with that instance id (KIP-345). */
  staticMember(instanceId: string): M | undefined {
    const memberId = this.#staticMembers.get(instanceId);
    return memberId === undefined ? undefined : this.members.get(memberId);
  }

  /** Puts a member in, or in the place of itself. */
  setMember(member: M): void {
    const known = this.members.get(member.memberId);
    this.members.set(member.memberId, member);
    if (member.instanceId !== null) this.#staticMembers.set(member.instanceId, member.memberId);
    this.#count(this.topicNamesOf(member), 1);
    if (known !== undefined) this.#count(this.topicNamesOf(known), -1);
  }

  removeMember(memberId: string): void {
    const known = this.members.get(memberId);
    if (known === undefined) return;
    this.members.delete(memberId);
    if (known.instanceId !== null && this.#staticMembers.get(known.instanceId) === memberId) {
      this.#staticMembers.delete(known.instanceId);
    }
    this.#count(this.topicNamesOf(known), -1);
  }

  onTopicsChanged(topics: ReadonlySet<string>): void {
    for (const topic of topics) {
      if (this.isSubscribedTo(topic)) this.isMetadataStale = true;
    }
  }

  abstract commitError(commit: Commit): ErrorCode;

  abstract fetchError(memberId: string | null, memberEpoch: number): ErrorCode;

  abstract tombstones(): GroupRecord[];

  abstract onLoaded(state: GroupState, turn: Turn<GroupRecord>): void;

  /** Its heartbeats show that a member is alive. */
  onCommit(_state: GroupState, _memberId: string): void {}

  offsetDeleteError(): ErrorCode {
    return ErrorCode.NONE;
  }

  deleteError(): ErrorCode {
    return this.isEmpty ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  offsetUnusedSinceMs(topic: string, { commitTimestamp }: OffsetCommitValue): number | null {
    return this.isSubscribedTo(topic) ? null : Number(commitTimestamp);
  }

  /** Nobody waits: every request is answered at once. */
  abandon(_errorCode: ErrorCode): void {}

  /** The topics that a member names. */
  protected abstract topicNamesOf(member: M): Iterable<string>;

  #count(topics: Iterable<string>, by: 1 | -1): void {
    for (const topic of topics) {
      const count = (this.#subscriptions.get(topic) ?? 0) + by;
      if (count === 0) this.#subscriptions.delete(topic);
      else this.#subscriptions.set(topic, count);
    }
  }
}
