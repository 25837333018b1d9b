/**
 * Sets of tasks. A task is a partition of a subtopology: it processes that partition of all the subtopology's source
 * topics. Active tasks do the work, standby tasks keep a copy of their state in reserve, and warm-up tasks restore state
 * so that an active task can move there (KIP-1071).
 *
 * @module
 */

/** Partitions of a subtopology: a set, or a map from each to something. */
export interface Partitions {
  readonly size: number;
  has(partition: number): boolean;
  keys(): IterableIterator<number>;
}

/** Partitions by subtopology; a subtopology without partitions is left out. */
export type Tasks = ReadonlyMap<string, Partitions>;

/** Tasks, and for each the epoch of the assignment by which its member got it. */
export type TasksWithEpochs = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** Tasks in their three roles. */
export interface TaskAssignment {
  readonly active: Tasks;
  readonly standby: Tasks;
  readonly warmup: Tasks;
}

/** The roles, in the order in which requests, answers and records have them. */
export const TASK_ROLES = ["active", "standby", "warmup"] as const;
export type TaskRole = typeof TASK_ROLES[number];

/** The tasks that a member has. */
export interface OwnedTasks extends TaskAssignment {
  readonly active: TasksWithEpochs;
}

export const NO_TASKS: TasksWithEpochs = new Map();
export const NO_ASSIGNMENT: OwnedTasks = { active: NO_TASKS, standby: NO_TASKS, warmup: NO_TASKS };

/** Tasks of one role as requests and records list them. */
export interface TaskIds {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

/** Reads a list of tasks; what it names twice counts once. */
export function tasksFrom(list: readonly TaskIds[]): Tasks {
  const tasks = new Map<string, Set<number>>();
  for (const { subtopologyId, partitions } of list) {
    for (const partition of partitions) addTask(tasks, subtopologyId, partition);
  }
  return tasks;
}

/** Lists tasks, by ascending subtopology and partition. */
export function listOf(tasks: Tasks): { subtopologyId: string; partitions: number[] }[] {
  return Array.from(tasks, ([subtopologyId, partitions]) => ({ subtopologyId, partitions: ascending(partitions) }))
    .sort((one, other) => compareText(one.subtopologyId, other.subtopologyId));
}

/** Adds a task to a set that is being made. */
export function addTask(tasks: Map<string, Set<number>>, subtopologyId: string, partition: number): void {
  const partitions = tasks.get(subtopologyId);
  if (partitions === undefined) tasks.set(subtopologyId, new Set([partition]));
  else partitions.add(partition);
}

export function hasTask(tasks: Tasks, subtopologyId: string, partition: number): boolean {
  return tasks.get(subtopologyId)?.has(partition) ?? false;
}

/** Every task of a set. */
export function* each(tasks: Tasks): Generator<readonly [subtopologyId: string, partition: number]> {
  for (const [subtopologyId, partitions] of tasks) {
    for (const partition of partitions.keys()) yield [subtopologyId, partition];
  }
}

/** The tasks for which `holds`. */
export function filterTasks(tasks: Tasks, holds: (subtopologyId: string, partition: number) => boolean): Tasks {
  const kept = new Map<string, Set<number>>();
  for (const [subtopologyId, partition] of each(tasks)) {
    if (holds(subtopologyId, partition)) addTask(kept, subtopologyId, partition);
  }
  return kept;
}

/** These tasks, with the epoch that `epochOf` tells of each. */
export function withEpochs(
  tasks: Tasks,
  epochOf: (subtopologyId: string, partition: number) => number,
): TasksWithEpochs {
  const result = new Map<string, Map<number, number>>();
  for (const [subtopologyId, partition] of each(tasks)) {
    const epochs = result.get(subtopologyId);
    const epoch = epochOf(subtopologyId, partition);
    if (epochs === undefined) result.set(subtopologyId, new Map([[partition, epoch]]));
    else epochs.set(partition, epoch);
  }
  return result;
}

/** What is in either. */
export function union(one: Tasks, other: Tasks): Tasks {
  if (one.size === 0) return other;
  if (other.size === 0) return one;
  const all = new Map<string, Set<number>>();
  for (const tasks of [one, other]) {
    for (const [subtopologyId, partition] of each(tasks)) addTask(all, subtopologyId, partition);
  }
  return all;
}

/** True where a task is in both. */
export function intersects(one: Tasks, other: Tasks): boolean {
  for (const [subtopologyId, partition] of each(one)) if (hasTask(other, subtopologyId, partition)) return true;
  return false;
}

export function isSameTasks(one: Tasks, other: Tasks): boolean {
  if (one.size !== other.size) return false;
  for (const [subtopologyId, partitions] of one) {
    const others = other.get(subtopologyId);
    if (others === undefined || others.size !== partitions.size) return false;
    for (const partition of partitions.keys()) if (!others.has(partition)) return false;
  }
  return true;
}

export function isSameAssignment(one: TaskAssignment, other: TaskAssignment): boolean {
  return TASK_ROLES.every((role) => isSameTasks(one[role], other[role]));
}

export function isEmptyAssignment(assignment: TaskAssignment): boolean {
  return TASK_ROLES.every((role) => assignment[role].size === 0);
}

/** Orders texts by their UTF-16 units, as Java does. */
export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function ascending(partitions: Partitions): number[] {
  return [...partitions.keys()].sort((one, other) => one - other);
}
