/**
 * Which process has a task at the moment, in which role. What a member must still give up counts as its own.
 *
 * @module
 */
import type { StreamsMember } from "./member.ts";
import { each, TASK_ROLES, type TaskRole } from "./tasks.ts";

export class TaskOwners {
  /** By role and task, how many members of each process have it: one, but for the moments of a move between them. */
  readonly #processes: Readonly<Record<TaskRole, Map<string, Map<string, number>>>> = {
    active: new Map(),
    standby: new Map(),
    warmup: new Map(),
  };

  /** Counts the member's tasks in. */
  add(member: StreamsMember): void {
    for (const [role, task] of tasksOf(member)) {
      let processes = this.#processes[role].get(task);
      if (processes === undefined) this.#processes[role].set(task, processes = new Map());
      processes.set(member.processId, (processes.get(member.processId) ?? 0) + 1);
    }
  }

  /** Takes out what {@linkcode add} has counted in for this very member. */
  remove(member: StreamsMember): void {
    for (const [role, task] of tasksOf(member)) {
      const processes = this.#processes[role].get(task)!;
      const left = processes.get(member.processId)! - 1;
      if (left > 0) processes.set(member.processId, left);
      else processes.delete(member.processId);
      if (processes.size === 0) this.#processes[role].delete(task);
    }
  }

  /** True where any process has the task as an active one. */
  isActive(subtopologyId: string, partition: number): boolean {
    return this.#processes.active.has(keyOf(subtopologyId, partition));
  }

  /** True where this process has the task in that role. */
  has(role: TaskRole, processId: string, subtopologyId: string, partition: number): boolean {
    return this.#processes[role].get(keyOf(subtopologyId, partition))?.has(processId) ?? false;
  }
}

function* tasksOf({ assigned, pendingRevocation }: StreamsMember): Generator<readonly [role: TaskRole, task: string]> {
  for (const tasks of [assigned, pendingRevocation]) {
    for (const role of TASK_ROLES) {
      for (const [subtopologyId, partition] of each(tasks[role])) yield [role, keyOf(subtopologyId, partition)];
    }
  }
}

/** A partition is a number, so that the first space ends it. */
function keyOf(subtopologyId: string, partition: number): string {
  return `${partition} ${subtopologyId}`;
}
