/**
 * The assignors, held to those of Apache Kafka 4.3.1.
 *
 * `tests/golden/consumer_assignments.jsonl` has a group a line, with four rounds in which members come and go, topics
 * get partitions and subscriptions change; each round's targets are the next one's past. It was made by a small Java
 * program that drew the groups from a seed and called `UniformAssignor` and `RangeAssignor` of the jars
 * (`kafka-group-coordinator`), with members and topics in `HashMap`s as the coordinator has them.
 */
import { assertEquals } from "@std/assert";
import type { Uuid } from "../../../../../lib/bytes/mod.ts";
import { CONSUMER_ASSIGNORS } from "../../../../../lib/coordinator/group/consumer/assignors/mod.ts";
import type { Assignment, GroupSpec } from "../../../../../lib/coordinator/group/modern/mod.ts";

interface GoldenGroup {
  readonly seed: number;
  readonly topics: readonly { readonly id: Uuid }[];
  readonly rounds: readonly GoldenRound[];
}

interface GoldenRound {
  readonly assignor: string;
  readonly homogeneous: boolean;
  /** By topic index. */
  readonly partitions: readonly number[];
  readonly members: readonly {
    readonly id: string;
    readonly instance: string | null;
    /** Indexes of the topics that it subscribes to. */
    readonly topics: readonly number[];
    /** Partitions by topic index. */
    readonly gets: Readonly<Record<string, readonly number[]>>;
  }[];
}

const GOLDEN = new URL("../../../../golden/consumer_assignments.jsonl", import.meta.url);

const groups = (await Deno.readTextFile(GOLDEN)).trim().split("\n").map((line) => JSON.parse(line) as GoldenGroup);

Deno.test("groups are assigned exactly as Apache Kafka assigns them, from what they had before", () => {
  for (const group of groups) {
    let targets = new Map<string, Assignment>();
    for (const [number, round] of group.rounds.entries()) {
      const assigned = CONSUMER_ASSIGNORS.get(round.assignor)!.assign(specOf(group, round, targets));
      targets = new Map(round.members.map(({ id }) => [id, assigned.get(id) ?? new Map()]));
      const wanted = round.members.map(({ id, gets }) => ({ id, gets }));
      const got = round.members.map(({ id }) => ({ id, gets: byIndex(group, targets.get(id)!) }));
      assertEquals(got, wanted, `round ${number} of the group of seed ${group.seed}`);
    }
  }
});

function specOf({ topics }: GoldenGroup, round: GoldenRound, targets: ReadonlyMap<string, Assignment>): GroupSpec {
  const present = new Set(round.members.map(({ id }) => id));
  return {
    isHomogeneous: round.homogeneous,
    partitionCount: (id) => round.partitions[topics.findIndex((topic) => topic.id === id)],
    targetOwner: (topicId, partition) => {
      for (const [id, target] of targets) if (present.has(id) && target.get(topicId)?.has(partition)) return id;
      return undefined;
    },
    members: new Map(round.members.map(({ id, instance, topics: indexes }) => [id, {
      instanceId: instance,
      rackId: null,
      topicIds: new Set(indexes.map((index) => topics[index].id)),
      target: targets.get(id) ?? new Map(),
    }])),
  };
}

function byIndex({ topics }: GoldenGroup, assignment: Assignment): Record<string, number[]> {
  const gets: Record<string, number[]> = {};
  for (const [index, { id }] of topics.entries()) {
    const partitions = assignment.get(id);
    if (partitions !== undefined) gets[index] = [...partitions].sort((a, b) => a - b);
  }
  return gets;
}
