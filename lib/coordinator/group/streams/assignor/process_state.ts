/**
 * A process of a streams group while tasks are handed out: its members, and how much each has got.
 *
 * The load of a process is its tasks by member: a process with more threads takes more. No task is twice in a process,
 * since its members share the state on its disk.
 *
 * @module
 */
import { inHashOrder, PriorityQueue } from "../java_collections.ts";

/** What a task is for its member. */
export type AssignedRole = "active" | "standby";

/** A task by name. */
export interface TaskId {
  readonly subtopologyId: string;
  readonly partition: number;
}

interface MemberLoad {
  readonly memberId: string;
  count: number;
}

export class ProcessState {
  readonly #counts = new Map<string, number>();
  readonly #tasks = new Set<string>();
  readonly #assigned: Record<AssignedRole, Map<string, TaskId[]>> = { active: new Map(), standby: new Map() };
  /** Null where a task went to a member of choice since it was made: it is made again when it is needed. */
  #membersByLoad: PriorityQueue<MemberLoad> | null = null;
  #taskCount = 0;

  addMember(memberId: string): void {
    this.#counts.set(memberId, 0);
  }

  /** Tasks by member. */
  get load(): number {
    return this.#taskCount / this.#counts.size;
  }

  hasTask(task: TaskId): boolean {
    return this.#tasks.has(keyOf(task));
  }

  /** How many tasks the member has got so far. */
  countOf(memberId: string): number {
    return this.#counts.get(memberId)!;
  }

  /** The tasks that the member has got. */
  assignedTo(memberId: string, role: AssignedRole): readonly TaskId[] {
    return this.#assigned[role].get(memberId) ?? [];
  }

  /** Gives a task to a member; returns how many it has then. */
  add(memberId: string, task: TaskId, role: AssignedRole): number {
    this.#membersByLoad = null;
    return this.#add(memberId, task, role);
  }

  /** Gives a task to the member that has the fewest; returns how many that has then. */
  addToLeastLoadedMember(task: TaskId, role: AssignedRole): number {
    const queue = this.#membersByLoad ??= this.#queue();
    const member = queue.poll()!;
    member.count = this.#add(member.memberId, task, role);
    queue.add(member);
    return member.count;
  }

  #add(memberId: string, task: TaskId, role: AssignedRole): number {
    this.#taskCount++;
    this.#tasks.add(keyOf(task));
    const assigned = this.#assigned[role];
    const tasks = assigned.get(memberId);
    if (tasks === undefined) assigned.set(memberId, [task]);
    else tasks.push(task);
    const count = this.countOf(memberId) + 1;
    this.#counts.set(memberId, count);
    return count;
  }

  #queue(): PriorityQueue<MemberLoad> {
    const queue = new PriorityQueue<MemberLoad>((one, other) => one.count - other.count);
    for (const memberId of inHashOrder(this.#counts.keys())) queue.add({ memberId, count: this.countOf(memberId) });
    return queue;
  }
}

/** One text for a task. A partition is a number, so that the first space ends it. */
export function keyOf({ subtopologyId, partition }: TaskId): string {
  return `${partition} ${subtopologyId}`;
}
