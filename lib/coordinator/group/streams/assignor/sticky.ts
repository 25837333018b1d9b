/**
 * The sticky task assignor of Apache Kafka (KIP-1071): tasks stay where they are, or go where their state is, and
 * otherwise to whoever has the fewest.
 *
 * Active tasks come first, then standby tasks of those subtopologies that have state. Each is handed out in three steps:
 * to the member that has it, to one that has a copy of its state, to the process with the least load. A quota keeps the
 * first two from making any member busier than the others: the tasks that are left, by member that has room.
 *
 * Warm-up tasks are never handed out, as in Apache Kafka 4.3: an active task moves at once.
 *
 * @module
 */
import { addTask, compareText, each, NO_TASKS, type TaskAssignment, type Tasks } from "../tasks.ts";
import { inHashOrder, PriorityQueue } from "../java_collections.ts";
import { type AssignedRole, keyOf, ProcessState, type TaskId } from "./process_state.ts";

/** A member to which tasks can be given. */
export interface AssignableMember {
  readonly memberId: string;
  readonly processId: string;
  /** What it should have until now. */
  readonly assignment: TaskAssignment;
}

/** A subtopology whose tasks are handed out. */
export interface AssignableSubtopology {
  readonly subtopologyId: string;
  readonly numberOfTasks: number;
  /** Whether its tasks have state, of which there can be copies. */
  readonly isStateful: boolean;
}

/**
 * Hands out all tasks.
 *
 * @param members one or more
 * @param numStandbyReplicas how many copies of each state there should be; where there are too few processes, fewer are
 * @returns the tasks of each member, by member id
 */
export function assignSticky(
  members: readonly AssignableMember[],
  subtopologies: readonly AssignableSubtopology[],
  numStandbyReplicas: number,
): Map<string, TaskAssignment> {
  const round = new Round(members, subtopologies, numStandbyReplicas);
  round.assignActive(subtopologies.flatMap(tasksOf));
  if (numStandbyReplicas > 0) {
    round.assignStandby(subtopologies.filter(({ isStateful }) => isStateful).flatMap(tasksOf));
  }
  return new Map(members.map((member) => [member.memberId, round.assignmentOf(member)]));
}

/** How many tasks a member may have before it is as busy as all others. */
class Quota {
  #tasks: number;
  #members: number;

  constructor(tasks: number, members: number) {
    this.#tasks = tasks;
    this.#members = members;
  }

  get perMember(): number {
    return this.#members === 0 ? 0 : Math.ceil(this.#tasks / this.#members);
  }

  /** A member has so many tasks now: where it is full, what is left is for the others. */
  note(count: number): void {
    if (count !== this.perMember) return;
    this.#members--;
    this.#tasks -= count;
  }
}

interface StandbyToAssign {
  readonly task: TaskId;
  readonly replicas: number;
}

class Round {
  readonly #processes = new Map<string, ProcessState>();
  readonly #activeQuota: Quota;
  readonly #quota: Quota;
  readonly #numStandbyReplicas: number;
  /** By task, the member that has it, and those that have a copy of its state. */
  readonly #previousActive = new Map<string, AssignableMember>();
  readonly #previousStandbys = new Map<string, AssignableMember[]>();
  readonly #processOrder: readonly string[];

  constructor(
    members: readonly AssignableMember[],
    subtopologies: readonly AssignableSubtopology[],
    numStandbyReplicas: number,
  ) {
    this.#numStandbyReplicas = numStandbyReplicas;
    const count = (replicas: number) =>
      subtopologies.reduce(
        (sum, { numberOfTasks, isStateful }) => sum + numberOfTasks * (1 + (isStateful ? replicas : 0)),
        0,
      );
    this.#activeQuota = new Quota(count(0), members.length);
    this.#quota = new Quota(count(numStandbyReplicas), members.length);
    const byId = new Map(members.map((member) => [member.memberId, member]));
    const ordered = inHashOrder(byId.keys()).map((memberId) => byId.get(memberId)!);
    for (const member of ordered) this.#admit(member);
    this.#processOrder = inHashOrder(this.#processes.keys(), members.length);
  }

  assignActive(tasks: readonly TaskId[]): void {
    // Who has the same partition of several subtopologies keeps it.
    let left = tasks.toSorted(byPartition);
    left = left.filter((task) => !this.#assignActiveTo(this.#previousActive.get(keyOf(task)), task));
    left = left.filter((task) => !this.#assignActiveTo(this.#leastLoaded(this.#standbysOf(task), null), task));
    // At first, each member gets a range.
    const queue = this.#processesByLoad();
    for (const task of left.toSorted(bySubtopology)) {
      const process = queue.poll()!;
      const count = process.addToLeastLoadedMember(task, "active");
      this.#activeQuota.note(count);
      this.#quota.note(count);
      queue.add(process);
    }
  }

  assignStandby(tasks: readonly TaskId[]): void {
    const left: StandbyToAssign[] = [];
    for (const task of tasks.toSorted((one, other) => byPartition(other, one))) {
      let replicas = this.#numStandbyReplicas;
      while (replicas > 0 && this.#assignStandbyWhereItWas(task)) replicas--;
      if (replicas > 0) left.push({ task, replicas });
    }
    left.sort((one, other) => bySubtopology(other.task, one.task));
    const queue = this.#processesByLoad();
    for (const { task, replicas } of left) {
      for (let replica = 0; replica < replicas; replica++) if (!this.#assignStandbyToLeastLoaded(queue, task)) break;
    }
  }

  assignmentOf(member: AssignableMember): TaskAssignment {
    const process = this.#processOf(member);
    const assigned = (role: AssignedRole): Tasks => {
      const tasks = new Map<string, Set<number>>();
      for (const task of process.assignedTo(member.memberId, role)) addTask(tasks, task.subtopologyId, task.partition);
      return tasks;
    };
    return { active: assigned("active"), standby: assigned("standby"), warmup: NO_TASKS };
  }

  #admit(member: AssignableMember): void {
    let process = this.#processes.get(member.processId);
    if (process === undefined) this.#processes.set(member.processId, process = new ProcessState());
    process.addMember(member.memberId);
    for (const [subtopologyId, partition] of each(member.assignment.active)) {
      this.#previousActive.set(keyOf({ subtopologyId, partition }), member);
    }
    for (const [subtopologyId, partition] of each(member.assignment.standby)) {
      const key = keyOf({ subtopologyId, partition });
      const standbys = this.#previousStandbys.get(key);
      if (standbys === undefined) this.#previousStandbys.set(key, [member]);
      else standbys.push(member);
    }
  }

  #assignActiveTo(member: AssignableMember | undefined, task: TaskId): boolean {
    if (member === undefined || this.#countOf(member) >= this.#activeQuota.perMember) return false;
    const count = this.#processOf(member).add(member.memberId, task, "active");
    this.#activeQuota.note(count);
    this.#quota.note(count);
    return true;
  }

  /** Whoever had the active task has its state, and so has who had a copy. */
  #assignStandbyWhereItWas(task: TaskId): boolean {
    const active = this.#previousActive.get(keyOf(task));
    if (active !== undefined && !this.#processOf(active).hasTask(task) && this.#assignStandbyTo(active, task)) {
      return true;
    }
    const standby = this.#leastLoaded(this.#standbysOf(task), task);
    return standby !== undefined && this.#assignStandbyTo(standby, task);
  }

  #assignStandbyTo(member: AssignableMember, task: TaskId): boolean {
    if (this.#countOf(member) >= this.#quota.perMember) return false;
    this.#quota.note(this.#processOf(member).add(member.memberId, task, "standby"));
    return true;
  }

  /** Gives the task to the process with the least load of those that lack it; false where there is none. */
  #assignStandbyToLeastLoaded(queue: PriorityQueue<ProcessState>, task: TaskId): boolean {
    const passedOver: ProcessState[] = [];
    let process = queue.poll();
    while (process?.hasTask(task)) {
      passedOver.push(process);
      process = queue.poll();
    }
    if (process !== undefined) {
      this.#quota.note(process.addToLeastLoadedMember(task, "standby"));
      queue.add(process);
    }
    for (const other of passedOver.reverse()) queue.add(other);
    return process !== undefined;
  }

  /**
   * Of these members the one whose process and who itself has the least to do.
   *
   * @param task which its process must not have yet; null where it cannot. Apache Kafka asks this of the first
   *   member's process in the end, whoever is chosen, and so do we
   */
  #leastLoaded(members: readonly AssignableMember[], task: TaskId | null): AssignableMember | undefined {
    if (members.length === 0) return undefined;
    let candidate = members[0];
    for (const member of members) {
      const process = this.#processOf(member);
      const isLess = process.load < this.#loadOf(candidate) && this.#countOf(member) < this.#countOf(candidate);
      if (isLess && (task === null || !process.hasTask(task))) candidate = member;
    }
    return task !== null && this.#processOf(members[0]).hasTask(task) ? undefined : candidate;
  }

  #processesByLoad(): PriorityQueue<ProcessState> {
    const queue = new PriorityQueue<ProcessState>((one, other) => one.load - other.load);
    for (const processId of this.#processOrder) queue.add(this.#processes.get(processId)!);
    return queue;
  }

  #standbysOf(task: TaskId): readonly AssignableMember[] {
    return this.#previousStandbys.get(keyOf(task)) ?? [];
  }

  #processOf({ processId }: AssignableMember): ProcessState {
    return this.#processes.get(processId)!;
  }

  #loadOf(member: AssignableMember): number {
    return this.#processOf(member).load;
  }

  #countOf(member: AssignableMember): number {
    return this.#processOf(member).countOf(member.memberId);
  }
}

function tasksOf({ subtopologyId, numberOfTasks }: AssignableSubtopology): TaskId[] {
  return Array.from({ length: numberOfTasks }, (_, partition) => ({ subtopologyId, partition }));
}

function byPartition(one: TaskId, other: TaskId): number {
  return one.partition - other.partition || compareText(one.subtopologyId, other.subtopologyId);
}

function bySubtopology(one: TaskId, other: TaskId): number {
  return compareText(one.subtopologyId, other.subtopologyId) || one.partition - other.partition;
}
