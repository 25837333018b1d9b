/**
 * A member of a consumer group. It never changes: another one takes its place.
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";
import type {
  ConsumerGroupCurrentMemberAssignmentValue,
  ConsumerGroupMemberMetadataValue,
} from "../../../protocol/records/consumer_group.ts";
import type { Assignment, ModernMember, TopicPartitions } from "../modern/mod.ts";

/** How far a member has come on its way to its target: see `reconcile.ts`. As records say it. */
export const MemberState = {
  STABLE: 0,
  UNREVOKED_PARTITIONS: 1,
  UNRELEASED_PARTITIONS: 2,
  /** A newer broker has written it. */
  UNKNOWN: 127,
} as const;
export type MemberState = (typeof MemberState)[keyof typeof MemberState];

/** The epoch by which a member says that it leaves. */
export const LEAVE_GROUP_EPOCH = -1;
/** The epoch by which a static member says that it leaves, and will be back. */
export const STATIC_LEAVE_EPOCH = -2;

/** Partitions by topic id, each with the member epoch in which the member got it. */
export type OwnedPartitions = ReadonlyMap<Uuid, ReadonlyMap<number, number>>;

/** What a member of the classic protocol says beside its subscription. */
export type ClassicMemberMetadata = NonNullable<ConsumerGroupMemberMetadataValue["classicMemberMetadata"]>;

/** Nothing. */
export const NOTHING_OWNED: OwnedPartitions = new Map();

type MemberFields = Omit<ConsumerMember, "with" | "isStable" | "usesClassicProtocol">;

export class ConsumerMember implements ModernMember {
  readonly memberId: string;
  readonly instanceId: string | null = null;
  readonly rackId: string | null = null;
  readonly clientId: string = "";
  readonly clientHost: string = "";
  readonly memberEpoch: number = 0;
  readonly previousMemberEpoch: number = -1;
  readonly state: MemberState = MemberState.STABLE;
  /** -1 where it has not said it. */
  readonly rebalanceTimeoutMs: number = -1;
  readonly subscribedTopicNames: ReadonlySet<string> = new Set();
  /** An expression of RE2; empty for none. */
  readonly subscribedTopicRegex: string = "";
  /** The assignor that it asks for. */
  readonly serverAssignor: string | null = null;
  /** What it has, or is about to be told that it has. */
  readonly assigned: OwnedPartitions = NOTHING_OWNED;
  /** What it still has, and must give up. */
  readonly pendingRevocation: OwnedPartitions = NOTHING_OWNED;
  /** Null for a member of the consumer protocol. */
  readonly classic: ClassicMemberMetadata | null = null;

  constructor(fields: Partial<MemberFields> & Pick<MemberFields, "memberId">) {
    this.memberId = fields.memberId;
    Object.assign(this, fields);
  }

  get isStable(): boolean {
    return this.state === MemberState.STABLE;
  }

  get usesClassicProtocol(): boolean {
    return this.classic !== null;
  }

  /** The member with some of it otherwise. */
  with(changes: Partial<MemberFields>): ConsumerMember {
    return new ConsumerMember({ ...this, ...changes });
  }
}

/** Whether what members say of themselves is the same. */
export function hasSameMetadata(one: ConsumerMember, other: ConsumerMember): boolean {
  return one.instanceId === other.instanceId && one.rackId === other.rackId && one.clientId === other.clientId &&
    one.clientHost === other.clientHost && one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    one.subscribedTopicRegex === other.subscribedTopicRegex && one.serverAssignor === other.serverAssignor &&
    isSameSet(one.subscribedTopicNames, other.subscribedTopicNames) && isSameClassic(one.classic, other.classic);
}

export function isSameSet<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const item of one) if (!other.has(item)) return false;
  return true;
}

/** The member with what its record says that it is. */
export function withMetadata(member: ConsumerMember, value: ConsumerGroupMemberMetadataValue): ConsumerMember {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor } = value;
  return member.with({
    instanceId,
    rackId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    serverAssignor,
    subscribedTopicNames: new Set(value.subscribedTopicNames),
    subscribedTopicRegex: value.subscribedTopicRegex ?? "",
    classic: value.classicMemberMetadata,
  });
}

/** The member with what its record says that it has. */
export function withAssignment(
  member: ConsumerMember,
  value: ConsumerGroupCurrentMemberAssignmentValue,
): ConsumerMember {
  const { memberEpoch, previousMemberEpoch, state, assignedPartitions, partitionsPendingRevocation } = value;
  return member.with({
    memberEpoch,
    previousMemberEpoch,
    state: STATES.has(state) ? state as MemberState : MemberState.UNKNOWN,
    assigned: ownedFrom(assignedPartitions, memberEpoch),
    pendingRevocation: ownedFrom(partitionsPendingRevocation, memberEpoch),
  });
}

/** Partitions without their epochs. */
export function withoutEpochs(owned: OwnedPartitions): Assignment {
  return new Map(Array.from(owned, ([topicId, partitions]) => [topicId, new Set(partitions.keys())]));
}

/** Partitions that a member got in this epoch. */
export function ownedSince(epoch: number, assignment: Assignment): OwnedPartitions {
  return new Map(
    Array.from(assignment, ([topicId, partitions]) => [
      topicId,
      new Map(Array.from(partitions, (partition) => [partition, epoch])),
    ]),
  );
}

/** Whether both have the same partitions, since the same epochs. */
export function isSameOwned(one: OwnedPartitions, other: OwnedPartitions): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [topicId, partitions] of one) {
    const others = other.get(topicId);
    if (others?.size !== partitions.size) return false;
    for (const [partition, epoch] of partitions) if (others.get(partition) !== epoch) return false;
  }
  return true;
}

/** Whether a member that says it owns these partitions owns no other than those of `owned`. */
export function isSubset(topics: readonly TopicPartitions[] | null, owned: OwnedPartitions): boolean {
  return topics !== null &&
    topics.every(({ topicId, partitions }) => {
      const known = owned.get(topicId);
      return known !== undefined && partitions.every((partition) => known.has(partition));
    });
}

const STATES: ReadonlySet<number> = new Set(Object.values(MemberState));

/** Records of before Apache Kafka 4.3 do not tell in which epoch the member got a partition. */
function ownedFrom(
  topics: ConsumerGroupCurrentMemberAssignmentValue["assignedPartitions"],
  memberEpoch: number,
): OwnedPartitions {
  const owned = new Map<Uuid, ReadonlyMap<number, number>>();
  for (const { topicId, partitions, assignmentEpochs } of topics) {
    const hasEpochs = assignmentEpochs?.length === partitions.length;
    const epochOf = (index: number) => hasEpochs ? assignmentEpochs![index] : Math.max(memberEpoch, 0);
    owned.set(topicId, new Map(partitions.map((partition, index) => [partition, epochOf(index)])));
  }
  return owned;
}

function isSameClassic(one: ClassicMemberMetadata | null, other: ClassicMemberMetadata | null): boolean {
  if (one === null || other === null) return one === other;
  return one.sessionTimeoutMs === other.sessionTimeoutMs &&
    one.supportedProtocols.length === other.supportedProtocols.length &&
    one.supportedProtocols.every(({ name, metadata }, index) => {
      const protocol = other.supportedProtocols[index];
      return name === protocol.name && isSameBytes(metadata, protocol.metadata);
    });
}

function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
