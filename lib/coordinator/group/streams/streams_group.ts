/**
 * A streams group: the members of one Kafka Streams application, its topology, and who has which tasks (KIP-1071).
 *
 * Beside the states that all modern groups have, it is
 *
 * | state    | when                                                                              |
 * | -------- | --------------------------------------------------------------------------------- |
 * | NotReady | topics of the topology are missing, or their partitions do not fit                |
 *
 * Records keep all of it but what stands under "until the broker ends".
 *
 * @module
 */
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { Turn } from "../../turn.ts";
import type { Commit } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import { ModernGroup } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import { MemberState, StreamsMember } from "./member.ts";
import {
  currentAssignmentTombstone,
  groupTombstone,
  memberTombstone,
  type StreamsGroupRecord,
  targetEpochTombstone,
  targetTombstone,
  topologyTombstone,
} from "./records.ts";
import { keepAlive, limitRevocation, streamsGroup } from "./sessions.ts";
import { TaskOwners } from "./task_owners.ts";
import { type OwnedTasks, type TaskAssignment, tasksFrom } from "./tasks.ts";
import type { ConfiguredTopology } from "./topology/configured_topology.ts";
import { Topology } from "./topology/topology.ts";

/** The first version of OffsetCommit that tells a member's epoch. */
const FIRST_COMMIT_VERSION = 9;

export class StreamsGroup extends ModernGroup<StreamsMember, TaskAssignment> {
  readonly type = "streams";
  readonly protocolType = "streams";
  /** Which process has which task, by what the members have and are to give up. */
  readonly owners = new TaskOwners();
  topology: Topology | null = null;
  /** The epoch of the topology that the topics were found to fit; -1 where they did not. */
  validatedTopologyEpoch = 0;
  /** The configs by which tasks were last assigned. */
  assignmentConfigs: ReadonlyMap<string, string> = new Map();

  // Until the broker ends:

  /** The topology held against the topics that there are; null where nobody has asked yet. */
  configured: ConfiguredTopology | null = null;
  /** The member that wants the whole application to end, until the group is empty. */
  shutdownRequestedBy: string | null = null;
  /** Counts the changes of who answers queries of which partitions. */
  endpointEpoch = 0;

  constructor(groupId: string) {
    super(groupId);
    // Where Apache Kafka begins to count.
    this.groupEpoch = 1;
    this.assignmentEpoch = 1;
  }

  override get state(): string {
    if (!this.isEmpty && this.topology?.epoch !== this.validatedTopologyEpoch) return "NotReady";
    return super.state;
  }

  override isSubscribedTo(topic: string): boolean {
    return !this.isEmpty && (this.topology?.readerOf.has(topic) ?? false);
  }

  override setMember(member: StreamsMember): void {
    const known = this.members.get(member.memberId);
    if (known !== undefined) this.owners.remove(known);
    this.owners.add(member);
    super.setMember(member);
  }

  override removeMember(memberId: string): void {
    const known = this.members.get(memberId);
    if (known !== undefined) this.owners.remove(known);
    super.removeMember(memberId);
    if (this.isEmpty) this.shutdownRequestedBy = null;
  }

  override onTopicsChanged(topics: ReadonlySet<string>): void {
    const required = this.topology?.requiredTopics;
    if (required === undefined) return;
    for (const topic of topics) if (required.has(topic)) this.isMetadataStale = true;
  }

  /** Applies a record of the group. */
  replay(record: StreamsGroupRecord): void {
    switch (record.name) {
      case "StreamsGroupMetadata":
        if (record.value === null) return;
        this.groupEpoch = record.value.epoch;
        this.metadataHash = record.value.metadataHash;
        this.validatedTopologyEpoch = record.value.validatedTopologyEpoch;
        this.assignmentConfigs = new Map(record.value.lastAssignmentConfigs?.map(({ key, value }) => [key, value]));
        return;
      case "StreamsGroupMemberMetadata":
        if (record.value === null) this.removeMember(record.key.memberId);
        else this.setMember(this.#memberOf(record.key).withMetadata(record.value));
        return;
      case "StreamsGroupTargetAssignmentMetadata":
        this.assignmentEpoch = record.value?.assignmentEpoch ?? -1;
        this.assignmentTimestampMs = Number(record.value?.assignmentTimestamp ?? 0);
        return;
      case "StreamsGroupTargetAssignmentMember":
        if (record.value === null) this.targets.delete(record.key.memberId);
        else this.targets.set(record.key.memberId, targetFrom(record.value));
        return;
      case "StreamsGroupCurrentMemberAssignment":
        if (record.value !== null) this.setMember(this.#memberOf(record.key).withCurrentAssignment(record.value));
        else if (this.members.has(record.key.memberId)) this.setMember(this.#memberOf(record.key).withoutTasks());
        return;
      case "StreamsGroupTopology":
        this.topology = record.value === null ? null : new Topology(record.value);
        return;
    }
  }

  /**
   * A member that has not learnt its newest epoch yet may commit what it has had since before: so no commit is lost to a
   * rebalance that leaves its task where it is.
   */
  override commitError({ committer, topics, isTransactional, apiVersion }: Commit): ErrorCode {
    const { memberId, generationIdOrMemberEpoch: memberEpoch, groupInstanceId } = committer;
    // An administrator, or a consumer that assigns itself its partitions.
    if (memberEpoch < 0 && this.isEmpty) return ErrorCode.NONE;
    // Transactions of older clients do not tell the member; they are fenced by their producer.
    if (isTransactional && memberEpoch === -1 && memberId === "" && groupInstanceId === null) return ErrorCode.NONE;
    const member = this.members.get(memberId);
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (!isTransactional && apiVersion < FIRST_COMMIT_VERSION) return ErrorCode.UNSUPPORTED_VERSION;
    if (memberEpoch === member.memberEpoch) return ErrorCode.NONE;
    const hasHadAll = memberEpoch < member.memberEpoch &&
      topics.every(({ name, partitions }) =>
        partitions.every(({ partitionIndex }) => memberEpoch >= this.#assignedSince(member, name, partitionIndex))
      );
    return hasHadAll ? ErrorCode.NONE : ErrorCode.STALE_MEMBER_EPOCH;
  }

  override fetchError(memberId: string | null, memberEpoch: number): ErrorCode {
    if (memberId === null && memberEpoch < 0) return ErrorCode.NONE;
    const member = this.members.get(memberId ?? "");
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    return memberEpoch === member.memberEpoch ? ErrorCode.NONE : ErrorCode.STALE_MEMBER_EPOCH;
  }

  override tombstones(): GroupRecord[] {
    const { groupId } = this;
    const memberIds = [...this.members.keys()];
    return [
      ...memberIds.map((memberId) => currentAssignmentTombstone(groupId, memberId)),
      ...memberIds.map((memberId) => targetTombstone(groupId, memberId)),
      targetEpochTombstone(groupId),
      ...memberIds.map((memberId) => memberTombstone(groupId, memberId)),
      groupTombstone(groupId),
      topologyTombstone(groupId),
    ];
  }

  /** Sessions begin anew, and so does the time that members have to give tasks up. */
  override onLoaded(state: GroupState, _turn: Turn<GroupRecord>): void {
    for (const member of this.members.values()) {
      keepAlive(state, this.groupId, member.memberId);
      if (member.state === MemberState.UNREVOKED_TASKS) limitRevocation(state, this.groupId, member);
    }
  }

  protected override topicNamesOf(): Iterable<string> {
    return [];
  }

  /** The epoch in which the member got the task that reads a partition; infinite where it does not have it. */
  #assignedSince({ assigned, pendingRevocation }: StreamsMember, topic: string, partition: number): number {
    const subtopologyId = this.topology?.readerOf.get(topic)?.subtopologyId ?? "";
    const epochIn = ({ active }: OwnedTasks) => active.get(subtopologyId)?.get(partition);
    return epochIn(assigned) ?? epochIn(pendingRevocation) ?? Infinity;
  }

  #memberOf({ memberId }: { readonly memberId: string }): StreamsMember {
    return this.members.get(memberId) ?? StreamsMember.unknown(memberId);
  }
}

/**
 * Applies a record to the group that it is of. A group that only had offsets, as far as was known, turns out to be of
 * this type.
 */
export function replayStreamsGroup(state: GroupState, record: StreamsGroupRecord): void {
  const { groupId } = record.key;
  const known = streamsGroup(state, groupId);
  if (record.value === null) {
    known?.replay(record);
    if (record.name === "StreamsGroupMetadata" && known !== undefined) state.groups.delete(groupId);
    return;
  }
  const group = known ?? new StreamsGroup(groupId);
  state.groups.set(groupId, group);
  group.replay(record);
}

type TargetValue = NonNullable<Extract<StreamsGroupRecord, { name: "StreamsGroupTargetAssignmentMember" }>["value"]>;

function targetFrom({ activeTasks, standbyTasks, warmupTasks }: TargetValue): TaskAssignment {
  return { active: tasksFrom(activeTasks), standby: tasksFrom(standbyTasks), warmup: tasksFrom(warmupTasks) };
}
