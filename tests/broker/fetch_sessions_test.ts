import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ZERO_UUID } from "../../lib/bytes/mod.ts";
import { type FetchPartition, type FetchPlan, FetchSessions } from "../../lib/broker/fetch_sessions.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";

function sessions(options: { maxSessions?: number; evictionMs?: number; maxPartitions?: number } = {}): FetchSessions {
  let seed = 0;
  const random = { fill: (bytes: Uint8Array) => bytes.fill(++seed) };
  return new FetchSessions({ maxSessions: 10, evictionMs: 1000, random, ...options });
}

function partition(index: number, fetchOffset = 0): FetchPartition {
  return {
    topic: "t",
    topicId: ZERO_UUID,
    partition: index,
    fetchOffset,
    maxBytes: 100,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  };
}

function request(
  sessionId: number,
  sessionEpoch: number,
  partitions: FetchPartition[],
  forgotten: FetchPartition[] = [],
) {
  return { sessionId, sessionEpoch, usesTopicIds: false, partitions, forgotten };
}

function planned(result: FetchPlan | { errorCode: ErrorCode }): FetchPlan {
  assert(!("errorCode" in result), `refused with ${(result as { errorCode: ErrorCode }).errorCode}`);
  return result;
}

const SAME = { highWatermark: 5, logStartOffset: 0, errorCode: ErrorCode.NONE };

function indexes(plan: FetchPlan): number[] {
  return plan.partitions.map(({ partition }) => partition);
}

Deno.test("a fetch with epoch -1 has no session", () => {
  const plan = planned(sessions().plan(request(0, -1, [partition(0)]), 0));
  assertEquals(plan.sessionId, 0);
  assertEquals(plan.include(partition(0), SAME, false), true);
});

Deno.test("a fetch with epoch 0 begins a session, and is answered in full", () => {
  const plan = planned(sessions().plan(request(0, 0, [partition(0), partition(1)]), 0));
  assertNotEquals(plan.sessionId, 0);
  assertEquals(indexes(plan), [0, 1]);
  assertEquals(plan.include(partition(0), SAME, false), true);
});

Deno.test("an incremental fetch reads what the session knows, as changed by the request", () => {
  const all = sessions();
  const { sessionId } = planned(all.plan(request(0, 0, [partition(0), partition(1)]), 0));
  const plan = planned(all.plan(request(sessionId, 1, [partition(1, 7), partition(2)], [partition(0)]), 0));
  assertEquals(indexes(plan), [1, 2]);
  assertEquals(plan.partitions[0].fetchOffset, 7);
});

Deno.test("an incremental answer leaves out what has not changed", () => {
  const all = sessions();
  const first = planned(all.plan(request(0, 0, [partition(0)]), 0));
  first.include(partition(0), SAME, false);
  const plan = planned(all.plan(request(first.sessionId, 1, []), 0));
  assertEquals(plan.include(partition(0), SAME, false), false);
  assertEquals(plan.include(partition(0), SAME, true), true);
  assertEquals(plan.include(partition(0), { ...SAME, highWatermark: 6 }, false), true);
  assertEquals(plan.include(partition(0), { ...SAME, highWatermark: 6, logStartOffset: 1 }, false), true);
});

Deno.test("an error is told each time, and so is its end", () => {
  const all = sessions();
  const first = planned(all.plan(request(0, 0, [partition(0)]), 0));
  const broken = { ...SAME, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  first.include(partition(0), broken, false);
  const plan = planned(all.plan(request(first.sessionId, 1, []), 0));
  assertEquals(plan.include(partition(0), broken, false), true);
  assertEquals(plan.include(partition(0), SAME, false), true);
  assertEquals(plan.include(partition(0), SAME, false), false);
});

Deno.test("a partition that had records is read last the next time", () => {
  const all = sessions();
  const first = planned(all.plan(request(0, 0, [partition(0), partition(1)]), 0));
  const second = planned(all.plan(request(first.sessionId, 1, []), 0));
  second.include(partition(0), SAME, true);
  assertEquals(indexes(planned(all.plan(request(first.sessionId, 2, []), 0))), [1, 0]);
});

Deno.test("unknown sessions, wrong epochs and changed kinds of names are refused", () => {
  const all = sessions();
  const { sessionId } = planned(all.plan(request(0, 0, [partition(0)]), 0));
  assertEquals(all.plan(request(sessionId + 1, 1, []), 0), { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND });
  assertEquals(all.plan(request(sessionId, 2, []), 0), { errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH });
  assertEquals(all.plan({ ...request(sessionId, 1, []), usesTopicIds: true }, 0), {
    errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
  });
  planned(all.plan(request(sessionId, 1, []), 0));
});

Deno.test("epoch -1 with a session's id ends the session", () => {
  const all = sessions();
  const { sessionId } = planned(all.plan(request(0, 0, [partition(0)]), 0));
  planned(all.plan(request(sessionId, -1, []), 0));
  assertEquals(all.size, 0);
});

Deno.test("where there is no room, only a session that was not used for long gives way", () => {
  const all = sessions({ maxSessions: 1, evictionMs: 1000 });
  const first = planned(all.plan(request(0, 0, [partition(0)]), 0));
  assertEquals(planned(all.plan(request(0, 0, [partition(1)]), 999)).sessionId, 0);
  const second = planned(all.plan(request(0, 0, [partition(1)]), 1000));
  assertNotEquals(second.sessionId, 0);
  assertEquals(all.plan(request(first.sessionId, 1, []), 1000), { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND });
});

Deno.test("all sessions together have so many partitions and no more", () => {
  const all = sessions({ maxPartitions: 4 });
  const first = planned(all.plan(request(0, 0, [partition(0), partition(1), partition(1)]), 0));
  const second = planned(all.plan(request(0, 0, [partition(0)]), 0));
  assertNotEquals(second.sessionId, 0);
  assertEquals(planned(all.plan(request(0, 0, [partition(2), partition(3)]), 0)).sessionId, 0);
  // What a session has already, and what it forgets, does not count.
  planned(all.plan(request(first.sessionId, 1, [partition(0), partition(1)]), 0));
  planned(all.plan(request(first.sessionId, 2, [partition(2), partition(3)], [partition(0), partition(1)]), 0));
  planned(all.plan(request(second.sessionId, 1, [partition(4)]), 0));
  const notFound = { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND };
  assertEquals(all.plan(request(second.sessionId, 2, [partition(5)]), 0), notFound);
  planned(all.plan(request(first.sessionId, -1, []), 0));
  assertNotEquals(planned(all.plan(request(0, 0, [0, 1, 2, 3].map((index) => partition(index))), 0)).sessionId, 0);
});
