/** Whatever members do, in whatever order, and whatever answers are lost: a task has one owner, and all come to rest. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Refusal } from "../../../../lib/coordinator/group/group.ts";
import { describeStreamsGroup } from "../../../../lib/coordinator/group/streams/mod.ts";
import { each, TASK_ROLES } from "../../../../lib/coordinator/group/streams/tasks.ts";
import { GROUP } from "../group_world.ts";
import { counting, type Heartbeat, lineOf, StreamsWorld } from "./streams_world.ts";

/** A thread of the application, which does as Kafka Streams does. */
interface Thread {
  readonly memberId: string;
  readonly processId: string;
  /** Null where it is not in the group. */
  epoch: number | null;
  active: readonly TaskList[];
  standby: readonly TaskList[];
}

type TaskList = NonNullable<Heartbeat["activeTasks"]>[number];

const THREADS = 4;
const PARTITIONS = 5;
const SESSION_TIMEOUT_MS = 45_000;
const thread = fc.nat({ max: THREADS - 1 });

const event = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("beat" as const), thread, isLost: fc.boolean(), tells: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("beat" as const),
      thread,
      isLost: fc.constant(false),
      tells: fc.constant(true),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave" as const), thread }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("die" as const), thread }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

Deno.test("a task has one owner, and the group comes to rest", () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 60, size: "max" }),
      fc.nat({ max: 2 }),
      fc.constantFrom([0, 1, 2, 3], [0, 0, 1, 1], [0, 0, 0, 1]),
      (events, replicas, processes) => {
        const model = new Model(replicas, processes);
        for (const each of events) model.play(each);
        model.settle();
      },
    ),
    { numRuns: 300 },
  );
});

class Model {
  #world: StreamsWorld;
  readonly #configs: Readonly<Record<string, string>>;
  readonly #threads: readonly Thread[];

  constructor(replicas: number, processes: readonly number[]) {
    this.#configs = { "streams.num.standby.replicas": String(replicas) };
    this.#world = new StreamsWorld(TOPICS, this.#configs);
    this.#threads = processes.map((process, index) => ({
      memberId: `m${index}`,
      processId: `p${process}`,
      epoch: null,
      active: [],
      standby: [],
    }));
  }

  play(event: Event): void {
    if (event.kind === "restart") this.#restart();
    else {
      const thread = this.#threads[event.thread];
      if (event.kind === "beat") this.#beat(thread, event.isLost, event.tells);
      else if (event.kind === "leave") this.#leave(thread);
      else this.#die(thread);
    }
    this.#assertSound();
  }

  /** All threads are there and hear every answer: soon nothing changes any more, and every task is worked on. */
  settle(): void {
    for (let round = 0; round < 12; round++) {
      for (const thread of this.#threads) this.#beat(thread, false, true);
      this.#assertSound();
    }
    const { group } = this.#world;
    assertEquals(group.state, "Stable");
    const active = this.#threads.flatMap((thread) => tasksOf(thread.active));
    assertEquals(active.toSorted(), Array.from({ length: PARTITIONS }, (_, partition) => `0-${partition}`));
    for (const { memberId, active, standby } of this.#threads) {
      const target = group.targets.get(memberId)!;
      assertEquals(tasksOf(active), Array.from(each(target.active), (task) => task.join("-")).sort());
      assertEquals(tasksOf(standby), Array.from(each(target.standby), (task) => task.join("-")).sort());
    }
  }

  #beat(thread: Thread, isLost: boolean, tells: boolean): void {
    const { memberId, processId, epoch, active, standby } = thread;
    const owned = tells || epoch === null ? { activeTasks: active, standbyTasks: standby, warmupTasks: [] } : {};
    const joining = { memberEpoch: 0, rebalanceTimeoutMs: 60_000, processId, topology: counting("in") };
    const answer = this.#world.heartbeatOf(memberId, {
      ...(epoch === null ? joining : { memberEpoch: epoch }),
      ...(owned as Heartbeat),
    });
    if (isLost) return;
    if (answer instanceof Refusal) {
      assert(epoch !== null, lineOf(answer));
      return this.#abandon(thread);
    }
    const { memberEpoch, activeTasks, standbyTasks } = answer.response;
    thread.epoch = memberEpoch!;
    if (activeTasks == null) return;
    thread.active = activeTasks;
    thread.standby = standbyTasks!;
  }

  #leave(thread: Thread): void {
    if (thread.epoch === null) return;
    this.#world.heartbeatOf(thread.memberId, { memberEpoch: -1 });
    this.#abandon(thread);
  }

  /** It is gone without a word; the others go on, and its session ends. */
  #die(thread: Thread): void {
    this.#abandon(thread);
    for (let passedMs = 0; passedMs < SESSION_TIMEOUT_MS; passedMs += SESSION_TIMEOUT_MS / 3) {
      this.#world.advance(SESSION_TIMEOUT_MS / 3);
      for (const other of this.#threads) if (other !== thread && other.epoch !== null) this.#beat(other, false, true);
    }
  }

  #abandon(thread: Thread): void {
    thread.epoch = null;
    thread.active = [];
    thread.standby = [];
  }

  /** The broker is killed, and loads what it has written. */
  #restart(): void {
    const later = new StreamsWorld(TOPICS, this.#configs, this.#world.log);
    later.nowMs = this.#world.nowMs;
    const described = describeStreamsGroup(this.#world.state, GROUP);
    if (described.errorCode === 0) {
      const { topology: _, ...rest } = described;
      const { topology: __, ...laterRest } = describeStreamsGroup(later.state, GROUP);
      assertEquals(laterRest, rest);
    }
    this.#world = later;
  }

  #assertSound(): void {
    const active = this.#threads.flatMap((thread) => tasksOf(thread.active));
    assertEquals(new Set(active).size, active.length, "a task is active in two threads");
    for (const processId of new Set(this.#threads.map((thread) => thread.processId))) {
      const own = this.#threads.filter((thread) => thread.processId === processId);
      const all = own.flatMap(({ active, standby }) => [...tasksOf(active), ...tasksOf(standby)]);
      assertEquals(new Set(all).size, all.length, "a process has a task twice");
    }
    this.#assertRecordedOnce();
  }

  /** By the broker's own account, too. */
  #assertRecordedOnce(): void {
    const members = [...this.#world.group?.members.values() ?? []];
    const active = members.flatMap(({ assigned, pendingRevocation }) =>
      [assigned, pendingRevocation].flatMap((tasks) => Array.from(each(tasks.active), (task) => task.join("-")))
    );
    assertEquals(new Set(active).size, active.length);
    for (const { assigned } of members) {
      const all = TASK_ROLES.flatMap((role) => Array.from(each(assigned[role]), (task) => task.join("-")));
      assertEquals(new Set(all).size, all.length);
    }
  }
}

const TOPICS = { in: PARTITIONS, log: PARTITIONS };

function tasksOf(list: readonly TaskList[]): string[] {
  return list.flatMap(({ subtopologyId, partitions }) =>
    partitions!.map((partition) => `${subtopologyId}-${partition}`)
  )
    .sort();
}
