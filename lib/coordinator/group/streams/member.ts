/**
 * A member of a streams group: a thread of a process of the application.
 *
 * @module
 */
import type {
  StreamsGroupCurrentMemberAssignmentValue,
  StreamsGroupMemberMetadataValue,
} from "../../../protocol/records/streams_group.ts";
import type { ModernMember } from "../modern/mod.ts";
import { NO_ASSIGNMENT, type OwnedTasks, type TaskIds, tasksFrom, withEpochs } from "./tasks.ts";

/**
 * What a member is about, as records number it: it has what it should have, it must give tasks up first, or it waits
 * for tasks that others must give up first. `reconcile.ts` has the transitions.
 */
export const MemberState = { STABLE: 1, UNREVOKED_TASKS: 2, UNRELEASED_TASKS: 3 } as const;

/** The epoch with which a member joins. */
export const JOIN_EPOCH = 0;
/** The epoch with which a member leaves. */
export const LEAVE_EPOCH = -1;

/** Where a process of the application answers queries of its state. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What a member says of itself. */
export interface MemberMetadata {
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly topologyEpoch: number;
  readonly processId: string;
  readonly userEndpoint: Endpoint | null;
  readonly clientTags: ReadonlyMap<string, string>;
}

/** All that is known of a member. */
export interface StreamsMemberFields extends MemberMetadata {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  /** One of {@linkcode MemberState}, or a state that only a newer broker knows. */
  readonly state: number;
  /** What it has, or is to take. */
  readonly assigned: OwnedTasks;
  /** What it is to give up. */
  readonly pendingRevocation: OwnedTasks;
}

/** The fields are those of the class, which assigns them all at once. */
export interface StreamsMember extends StreamsMemberFields {}

/** A member as records have left it. It never changes: another one takes its place. */
export class StreamsMember implements ModernMember {
  constructor(fields: StreamsMemberFields) {
    Object.assign(this, fields);
  }

  /** A member of which nothing is known but its id. */
  static unknown(memberId: string): StreamsMember {
    return new StreamsMember({
      memberId,
      memberEpoch: 0,
      previousMemberEpoch: 0,
      state: MemberState.STABLE,
      instanceId: null,
      rackId: null,
      clientId: "",
      clientHost: "",
      rebalanceTimeoutMs: -1,
      topologyEpoch: -1,
      processId: "",
      userEndpoint: null,
      clientTags: new Map(),
      assigned: NO_ASSIGNMENT,
      pendingRevocation: NO_ASSIGNMENT,
    });
  }

  get isStable(): boolean {
    return this.state === MemberState.STABLE;
  }

  /** The member with these changes. */
  with(changes: Partial<StreamsMemberFields>): StreamsMember {
    return new StreamsMember({ ...this, ...changes });
  }

  /** The member with what a record says of it. */
  withMetadata(value: StreamsGroupMemberMetadataValue): StreamsMember {
    const { clientTags, userEndpoint } = value;
    return this.with({
      instanceId: value.instanceId,
      rackId: value.rackId,
      clientId: value.clientId,
      clientHost: value.clientHost,
      rebalanceTimeoutMs: value.rebalanceTimeoutMs,
      topologyEpoch: value.topologyEpoch,
      processId: value.processId,
      userEndpoint: userEndpoint === null ? null : { host: userEndpoint.host, port: userEndpoint.port },
      clientTags: new Map(clientTags.map(({ key, value }) => [key, value])),
    });
  }

  /** The member without its tasks: it is about to be forgotten. */
  withoutTasks(): StreamsMember {
    return this.with({
      memberEpoch: LEAVE_EPOCH,
      previousMemberEpoch: LEAVE_EPOCH,
      assigned: NO_ASSIGNMENT,
      pendingRevocation: NO_ASSIGNMENT,
    });
  }

  /** The member with the tasks that a record gives it. */
  withCurrentAssignment(value: StreamsGroupCurrentMemberAssignmentValue): StreamsMember {
    const { memberEpoch, previousMemberEpoch, state } = value;
    return this.with({
      memberEpoch,
      previousMemberEpoch,
      state,
      assigned: {
        active: activeFrom(value.activeTasks, memberEpoch),
        standby: tasksFrom(value.standbyTasks),
        warmup: tasksFrom(value.warmupTasks),
      },
      pendingRevocation: {
        active: activeFrom(value.activeTasksPendingRevocation, memberEpoch),
        standby: tasksFrom(value.standbyTasksPendingRevocation),
        warmup: tasksFrom(value.warmupTasksPendingRevocation),
      },
    });
  }
}

export function isSameMetadata(one: MemberMetadata, other: MemberMetadata): boolean {
  return one.instanceId === other.instanceId && one.rackId === other.rackId && one.clientId === other.clientId &&
    one.clientHost === other.clientHost && one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    one.topologyEpoch === other.topologyEpoch && one.processId === other.processId &&
    one.userEndpoint?.host === other.userEndpoint?.host && one.userEndpoint?.port === other.userEndpoint?.port &&
    isSameTags(one.clientTags, other.clientTags);
}

function isSameTags(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}

interface TaskIdsWithEpochs extends TaskIds {
  readonly assignmentEpochs: readonly number[] | null;
}

/** Records of older brokers do not tell the epochs: the tasks are taken to be of the member's. */
function activeFrom(list: readonly TaskIdsWithEpochs[], memberEpoch: number): OwnedTasks["active"] {
  const told = new Map<string, Map<number, number>>();
  for (const { subtopologyId, partitions, assignmentEpochs } of list) {
    if (assignmentEpochs === null) continue;
    told.set(subtopologyId, new Map(partitions.map((partition, index) => [partition, assignmentEpochs[index]])));
  }
  return withEpochs(tasksFrom(list), (id, partition) => told.get(id)?.get(partition) ?? memberEpoch);
}
