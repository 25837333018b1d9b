import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Assignment,
  assignmentFrom,
  type GroupSpec,
  type MemberSpec,
} from "../../../../lib/coordinator/group/modern/mod.ts";
import { simpleAssignor } from "../../../../lib/coordinator/group/share/simple_assignor.ts";

/** Members, and the topics that each names; all partitions may be given. */
function assign(
  partitions: Readonly<Record<string, number>>,
  members: Readonly<Record<string, readonly string[]>>,
  targets: ReadonlyMap<string, Assignment> = new Map(),
): ReadonlyMap<string, Assignment> {
  const specs = new Map(
    Object.entries(members).map(([memberId, topics]): [string, MemberSpec] => [memberId, {
      instanceId: null,
      rackId: null,
      topicIds: new Set(topics),
      target: targets.get(memberId) ?? new Map(),
    }]),
  );
  const names = Object.values(members).map((topics) => [...topics].sort().join());
  const group: GroupSpec = {
    members: specs,
    isHomogeneous: new Set(names).size < 2,
    partitionCount: (topicId) => partitions[topicId],
    targetOwner: () => undefined,
  };
  const assignable = assignmentFrom(
    Object.entries(partitions).map(([topicId, count]) => ({
      topicId,
      partitions: Array.from({ length: count }, (_, i) => i),
    })),
  );
  return simpleAssignor(assignable).assign(group);
}

function textOf(assigned: ReadonlyMap<string, Assignment>): Record<string, string> {
  return Object.fromEntries(Array.from(assigned, ([memberId, topics]) => [
    memberId,
    Array.from(topics, ([topicId, partitions]) => [...partitions].map((partition) => `${topicId}${partition}`)).flat()
      .join(" "),
  ]));
}

Deno.test("members share the partitions that there are, all of them and each about as many", () => {
  assertEquals(textOf(assign({ t: 3 }, { a: ["t"] })), { a: "t0 t1 t2" });
  assertEquals(textOf(assign({ t: 4 }, { a: ["t"], b: ["t"] })), { a: "t0 t2", b: "t1 t3" });
  assertEquals(textOf(assign({ t: 1 }, { a: ["t"], b: ["t"], c: ["t"] })), { a: "t0", b: "t0", c: "t0" });
  assertEquals(textOf(assign({ t: 2 }, { a: ["t"], b: ["t"], c: ["t"] })), { a: "t0 t1", b: "t0", c: "t1" });
});

Deno.test("who reads a partition goes on to read it, as far as the others get their part", () => {
  const before = assign({ t: 4 }, { a: ["t"], b: ["t"] });
  assertEquals(textOf(assign({ t: 4 }, { a: ["t"], b: ["t"] }, before)), textOf(before));
  assertEquals(textOf(assign({ t: 4 }, { a: ["t"], b: ["t"], c: ["t"] }, before)), { a: "t0 t2", b: "t1", c: "t3" });
});

Deno.test("members that subscribe to different topics share each with those who do so too", () => {
  assertEquals(textOf(assign({ t: 2, u: 1 }, { a: ["t", "u"], b: ["t"] })), { a: "t0 u0", b: "t1" });
});

Deno.test("whatever members and partitions there are, each partition is read and no member is left out", () => {
  const members = fc.integer({ min: 1, max: 12 });
  const partitions = fc.integer({ min: 1, max: 12 });
  fc.assert(fc.property(members, members, partitions, (before, after, count) => {
    const named = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, index) => [`m${index}`, ["t"]]));
    const assigned = assign({ t: count }, named(after), assign({ t: count }, named(before)));
    const sizes = [...assigned.values()].map((topics) => topics.get("t")?.size ?? 0);
    const sharing = Math.ceil(after / count);
    assert(Math.max(...sizes) - Math.min(...sizes) <= 1, `members have ${sizes}`);
    for (let partition = 0; partition < count; partition++) {
      const readers = [...assigned.values()].filter((topics) => topics.get("t")?.has(partition)).length;
      assert(readers >= 1 && readers <= sharing, `partition ${partition} has ${readers} readers`);
    }
    assert(sizes.every((size) => size > 0));
  }));
});
