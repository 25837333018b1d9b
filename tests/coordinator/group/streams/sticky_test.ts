/** Tasks are assigned as Apache Kafka's own assignor assigns them, tie by tie. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { assignSticky } from "../../../../lib/coordinator/group/streams/assignor/sticky.ts";
import { inHashOrder, PriorityQueue } from "../../../../lib/coordinator/group/streams/java_collections.ts";
import {
  each,
  hasTask,
  NO_ASSIGNMENT,
  NO_TASKS,
  type TaskAssignment,
  type Tasks,
} from "../../../../lib/coordinator/group/streams/tasks.ts";

type TaskTable = Readonly<Record<string, readonly number[]>>;

interface GoldenStep {
  readonly standbyReplicas: number;
  readonly subtopologies: readonly { subtopologyId: string; numberOfTasks: number; isStateful: boolean }[];
  readonly members: readonly {
    readonly memberId: string;
    readonly processId: string;
    readonly before: { active: TaskTable; standby: TaskTable };
    readonly after: { active: TaskTable; standby: TaskTable };
  }[];
}

/** See tests/golden/streams_assignor/README.md. */
const GOLDEN = new URL("../../../golden/streams_assignor/streams_assignments.jsonl", import.meta.url);

Deno.test("tasks go to the members that Apache Kafka gives them to", () => {
  const lines = Deno.readTextFileSync(GOLDEN).trimEnd().split("\n");
  for (const [index, line] of lines.entries()) {
    const { standbyReplicas, subtopologies, members } = JSON.parse(line) as GoldenStep;
    const assigned = assignSticky(
      members.map(({ memberId, processId, before }) => ({ memberId, processId, assignment: assignmentOf(before) })),
      subtopologies,
      standbyReplicas,
    );
    for (const { memberId, after } of members) {
      const { active, standby, warmup } = assigned.get(memberId)!;
      assertEquals({ active: tableOf(active), standby: tableOf(standby) }, after, `line ${index + 1}, ${memberId}`);
      assertEquals(warmup, NO_TASKS);
    }
  }
  assert(lines.length > 300);
});

Deno.test("each task is active once, and no process has it twice", () => {
  const member = fc.record({ memberId: fc.uuid(), processId: fc.constantFrom("p", "q", "r", "s") });
  const subtopology = fc.record({ numberOfTasks: fc.nat({ max: 9 }), isStateful: fc.boolean() });
  fc.assert(fc.property(
    fc.uniqueArray(member, { minLength: 1, maxLength: 8, selector: ({ memberId }) => memberId }),
    fc.array(subtopology, { maxLength: 3 }),
    fc.nat({ max: 2 }),
    (members, sizes, standbyReplicas) => {
      const subtopologies = sizes.map((size, index) => ({ ...size, subtopologyId: String(index) }));
      const first = assign(members, subtopologies, standbyReplicas, new Map());
      assertSound(members, subtopologies, standbyReplicas, first);
      // One leaves.
      const [, ...others] = members;
      if (others.length > 0) {
        assertSound(others, subtopologies, standbyReplicas, assign(others, subtopologies, standbyReplicas, first));
      }
    },
  ));
});

Deno.test("keys come in the order of a Java HashMap", () => {
  // As `new HashMap<>(capacity)` of OpenJDK 17 prints its keys.
  const keys = "process1 process2 member10 a b zz Aa BB c d e f process10 process11".split(" ");
  assertEquals(inHashOrder(keys).join(" "), "zz Aa BB a b c d e f process11 process10 member10 process1 process2");
  assertEquals(inHashOrder(keys, 64).join(" "), "zz Aa BB a b c d e f process11 process10 member10 process1 process2");
  assertEquals(inHashOrder(keys, 1), inHashOrder(keys));
});

Deno.test("the least comes out of a priority queue first", () => {
  fc.assert(fc.property(fc.array(fc.integer()), (items) => {
    const queue = new PriorityQueue<number>((one, other) => one - other);
    for (const item of items) queue.add(item);
    const out: number[] = [];
    while (!queue.isEmpty) out.push(queue.poll()!);
    assertEquals(out, items.toSorted((one, other) => one - other));
    assertEquals(queue.poll(), undefined);
  }));
});

interface TestMember {
  readonly memberId: string;
  readonly processId: string;
}

function assign(
  members: readonly TestMember[],
  subtopologies: GoldenStep["subtopologies"],
  standbyReplicas: number,
  before: ReadonlyMap<string, TaskAssignment>,
): Map<string, TaskAssignment> {
  const assignable = members.map((member) => ({
    ...member,
    assignment: before.get(member.memberId) ?? NO_ASSIGNMENT,
  }));
  return assignSticky(assignable, subtopologies, standbyReplicas);
}

function assertSound(
  members: readonly TestMember[],
  subtopologies: GoldenStep["subtopologies"],
  standbyReplicas: number,
  assigned: ReadonlyMap<string, TaskAssignment>,
): void {
  const processes = new Set(members.map(({ processId }) => processId)).size;
  for (const { subtopologyId, numberOfTasks, isStateful } of subtopologies) {
    for (let partition = 0; partition < numberOfTasks; partition++) {
      const having = (role: "active" | "standby") =>
        members.filter(({ memberId }) => hasTask(assigned.get(memberId)![role], subtopologyId, partition));
      const all = [...having("active"), ...having("standby")];
      assertEquals(having("active").length, 1);
      assertEquals(new Set(all.map(({ processId }) => processId)).size, all.length);
      assertEquals(having("standby").length, isStateful ? Math.min(standbyReplicas, processes - 1) : 0);
    }
  }
  const counts = members.map(({ memberId }) => [...each(assigned.get(memberId)!.active)].length);
  const total = subtopologies.reduce((sum, { numberOfTasks }) => sum + numberOfTasks, 0);
  assertEquals(counts.reduce((sum, count) => sum + count, 0), total);
  // Processes are loaded evenly, by member.
  if (processes === members.length) assertLessOrEqual(Math.max(...counts), Math.ceil(total / members.length) + 1);
}

function assignmentOf({ active, standby }: { active: TaskTable; standby: TaskTable }): TaskAssignment {
  return { active: tasksOf(active), standby: tasksOf(standby), warmup: NO_TASKS };
}

function tasksOf(table: TaskTable): Tasks {
  return new Map(Object.entries(table).map(([id, partitions]) => [id, new Set(partitions)]));
}

function tableOf(tasks: Tasks): TaskTable {
  return Object.fromEntries(
    Array.from(tasks, ([id, partitions]) => [id, [...partitions.keys()].sort((one, other) => one - other)]),
  );
}
