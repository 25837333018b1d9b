/**
 * Brings a member from the tasks that it has to those that it should have, one heartbeat at a time.
 *
 * | state            | event                                           | next                               |
 * | ---------------- | ----------------------------------------------- | ---------------------------------- |
 * | STABLE           | there is a newer target, and tasks must go      | UNREVOKED_TASKS, in its old epoch  |
 * | STABLE           | … all that must come is free                    | STABLE, in the target's epoch      |
 * | STABLE           | … some of it is not                             | UNRELEASED_TASKS, likewise         |
 * | UNREVOKED_TASKS  | it says that it has none of them any more       | as from STABLE, an epoch later     |
 * | UNRELEASED_TASKS | it shows itself                                 | as from STABLE                     |
 * | any other        | it says that it has nothing                     | as from STABLE                     |
 * | any other        | it says anything else                           | fenced: it joins anew              |
 *
 * A task is active in one process at a time, and a process has it in one role at a time: its members share the state on
 * its disk. So a task is free when no process has it as an active one, and the member's own has it in no role.
 *
 * @module
 */
import { MemberState, type StreamsMember } from "./member.ts";
import type { TaskOwners } from "./task_owners.ts";
import {
  filterTasks,
  hasTask,
  intersects,
  isEmptyAssignment,
  isSameAssignment,
  NO_ASSIGNMENT,
  type OwnedTasks,
  TASK_ROLES,
  type TaskAssignment,
  type TaskRole,
  type Tasks,
  union,
  withEpochs,
} from "./tasks.ts";

/** What a member should have, from which epoch of the group on. */
export interface Target {
  readonly epoch: number;
  readonly assignment: TaskAssignment;
}

/** Its member is in a state of which this broker knows nothing, and must join anew. */
export const FENCED = "fenced";

/**
 * The member after its heartbeat: the same object where nothing changes.
 *
 * @param reported the tasks that it says to have; null where it does not say
 */
export function reconcile(
  member: StreamsMember,
  target: Target,
  reported: TaskAssignment | null,
  owners: TaskOwners,
): StreamsMember | typeof FENCED {
  switch (member.state) {
    case MemberState.STABLE:
      return member.memberEpoch === target.epoch ? member : next(member, member.memberEpoch, target, reported, owners);
    case MemberState.UNREVOKED_TASKS:
      if (reported === null || hasAny(reported, member.pendingRevocation)) return member;
      return next(member, member.memberEpoch + 1, target, reported, owners);
    case MemberState.UNRELEASED_TASKS:
      return next(member, member.memberEpoch, target, reported, owners);
    default:
      if (reported === null || !isEmptyAssignment(reported)) return FENCED;
      return next(member, target.epoch, target, reported, owners);
  }
}

/** @param epoch where the member stays as long as it has tasks to give up */
function next(
  member: StreamsMember,
  epoch: number,
  target: Target,
  reported: TaskAssignment | null,
  owners: TaskOwners,
): StreamsMember {
  const kept = forRoles((role) => filterTasks(member.assigned[role], isIn(target.assignment[role])));
  const toRevoke = forRoles((role) => filterTasks(member.assigned[role], isNotIn(target.assignment[role])));
  if (!isEmptyAssignment(toRevoke) && (reported === null || hasAny(reported, toRevoke))) {
    return changed(
      member,
      member.with({
        ...epochs(member, epoch),
        state: MemberState.UNREVOKED_TASKS,
        assigned: owned(kept, member, target),
        pendingRevocation: owned(toRevoke, member, target),
      }),
    );
  }
  const missing = forRoles((role) => filterTasks(target.assignment[role], isNotIn(member.assigned[role])));
  const free = forRoles((role) =>
    filterTasks(missing[role], (id, partition) => isFree(role, id, partition, member, owners))
  );
  const hasAll = TASK_ROLES.every((role) => count(free[role]) === count(missing[role]));
  return changed(
    member,
    member.with({
      ...epochs(member, target.epoch),
      state: hasAll ? MemberState.STABLE : MemberState.UNRELEASED_TASKS,
      assigned: owned(forRoles((role) => union(kept[role], free[role])), member, target),
      pendingRevocation: NO_ASSIGNMENT,
    }),
  );
}

function isFree(
  role: TaskRole,
  subtopologyId: string,
  partition: number,
  { processId }: StreamsMember,
  owners: TaskOwners,
): boolean {
  if (role === "active" && owners.isActive(subtopologyId, partition)) return false;
  return !TASK_ROLES.some((other) => owners.has(other, processId, subtopologyId, partition));
}

/** Tasks that the member has had keep their epoch, others begin with the target's. */
function owned(tasks: TaskAssignment, { assigned }: StreamsMember, { epoch }: Target): OwnedTasks {
  return {
    ...tasks,
    active: withEpochs(tasks.active, (id, partition) => assigned.active.get(id)?.get(partition) ?? epoch),
  };
}

/** A member that stays in its epoch may still not have learnt of it. */
function epochs(member: StreamsMember, memberEpoch: number) {
  return memberEpoch === member.memberEpoch ? {} : { memberEpoch, previousMemberEpoch: member.memberEpoch };
}

/** The member as it was, where nothing has changed. */
function changed(member: StreamsMember, next: StreamsMember): StreamsMember {
  const isSame = next.memberEpoch === member.memberEpoch && next.state === member.state &&
    isSameAssignment(next.assigned, member.assigned) &&
    isSameAssignment(next.pendingRevocation, member.pendingRevocation);
  return isSame ? member : next;
}

function forRoles(tasksOf: (role: TaskRole) => Tasks): TaskAssignment {
  return { active: tasksOf("active"), standby: tasksOf("standby"), warmup: tasksOf("warmup") };
}

function hasAny(one: TaskAssignment, other: TaskAssignment): boolean {
  return TASK_ROLES.some((role) => intersects(one[role], other[role]));
}

function isIn(tasks: Tasks) {
  return (subtopologyId: string, partition: number) => hasTask(tasks, subtopologyId, partition);
}

function isNotIn(tasks: Tasks) {
  return (subtopologyId: string, partition: number) => !hasTask(tasks, subtopologyId, partition);
}

function count(tasks: Tasks): number {
  let sum = 0;
  for (const partitions of tasks.values()) sum += partitions.size;
  return sum;
}
