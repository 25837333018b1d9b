import { assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
} from "../../../lib/protocol/messages/delete_share_group_state.ts";
import {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from "../../../lib/protocol/messages/initialize_share_group_state.ts";
import {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from "../../../lib/protocol/messages/read_share_group_state.ts";
import {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from "../../../lib/protocol/messages/read_share_group_state_summary.ts";
import {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from "../../../lib/protocol/messages/write_share_group_state.ts";
import { errorOf, TestBroker } from "./support.ts";

/** What ReadShareGroupState tells of a partition, in a line. */
async function read(broker: TestBroker, topicId: string, { leaderEpoch = -1 } = {}): Promise<string> {
  const partitions = [{ partition: 0, leaderEpoch }];
  const request = { groupId: "g", topics: [{ topicId, partitions }] };
  const { results } = await broker.ask(ReadShareGroupStateRequest, ReadShareGroupStateResponse, 0, request);
  const [state] = results[0].partitions;
  if (state.errorCode !== ErrorCode.NONE) return errorOf(state);
  const batches = state.stateBatches.map(({ firstOffset, lastOffset, deliveryState, deliveryCount }) =>
    `${firstOffset}-${lastOffset}:${deliveryState}×${deliveryCount}`
  );
  return [`epoch ${state.stateEpoch}`, `start ${state.startOffset}`, ...batches].join(" ");
}

async function initialize(
  broker: TestBroker,
  topicId: string,
  { stateEpoch = 0, startOffset = 0n, partition = 0 } = {},
) {
  const request = { groupId: "g", topics: [{ topicId, partitions: [{ partition, stateEpoch, startOffset }] }] };
  const response = InitializeShareGroupStateResponse;
  const { results } = await broker.ask(InitializeShareGroupStateRequest, response, 0, request);
  return errorOf(results[0].partitions[0]);
}

async function write(
  broker: TestBroker,
  topicId: string,
  batches: readonly [first: number, last: number, state: number, count: number][],
  { stateEpoch = 0, leaderEpoch = 0, startOffset = 0n } = {},
) {
  const stateBatches = batches.map(([firstOffset, lastOffset, deliveryState, deliveryCount]) => ({
    firstOffset: BigInt(firstOffset),
    lastOffset: BigInt(lastOffset),
    deliveryState,
    deliveryCount,
  }));
  const partitions = [{ partition: 0, stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount: 0, stateBatches }];
  const request = { groupId: "g", topics: [{ topicId, partitions }] };
  const { results } = await broker.ask(WriteShareGroupStateRequest, WriteShareGroupStateResponse, 1, request);
  return errorOf(results[0].partitions[0]);
}

async function summary(broker: TestBroker, topicId: string) {
  const request = { groupId: "g", topics: [{ topicId, partitions: [{ partition: 0, leaderEpoch: -1 }] }] };
  const response = ReadShareGroupStateSummaryResponse;
  const { results } = await broker.ask(ReadShareGroupStateSummaryRequest, response, 1, request);
  const { startOffset, stateEpoch, leaderEpoch, deliveryCompleteCount } = results[0].partitions[0];
  return { startOffset, stateEpoch, leaderEpoch, deliveryCompleteCount };
}

Deno.test("the share coordinator keeps what is written of a share partition, and lays new states over old ones", async () => {
  await using broker = await TestBroker.start();
  const [topicId] = await broker.createTopics({ t: 1 });
  assertEquals(await initialize(broker, topicId, { startOffset: 5n }), "NONE");
  assertEquals(await read(broker, topicId), "epoch 0 start 5");
  assertEquals(await write(broker, topicId, [[5, 9, 0, 1], [10, 14, 2, 1]], { startOffset: 5n }), "NONE");
  assertEquals(await write(broker, topicId, [[7, 8, 2, 2]], { startOffset: 6n }), "NONE");
  assertEquals(await read(broker, topicId), "epoch 0 start 6 6-6:0×1 7-8:2×2 9-9:0×1 10-14:2×1");
});

Deno.test("the state of a share partition that nobody has made can be neither written nor read", async () => {
  await using broker = await TestBroker.start();
  const [topicId] = await broker.createTopics({ t: 1 });
  const refusal = (verb: string) => `INVALID_REQUEST: ${verb} operation on uninitialized share partition not allowed.`;
  assertEquals(await read(broker, topicId), refusal("Read"));
  assertEquals(await write(broker, topicId, []), refusal("Write"));
  assertEquals(await summary(broker, topicId), {
    startOffset: -1n,
    stateEpoch: 0,
    leaderEpoch: 0,
    deliveryCompleteCount: -1,
  });
});

Deno.test("who comes with an older epoch is fenced by the share coordinator", async () => {
  await using broker = await TestBroker.start();
  const [topicId] = await broker.createTopics({ t: 1 });
  await initialize(broker, topicId, { stateEpoch: 3 });
  const older = "The leader epoch in the request is older than the epoch on the broker.";
  const other = "The share coordinator rejected the request because the share-group state epoch did not match.";
  assertEquals(await read(broker, topicId, { leaderEpoch: 7 }), "epoch 3 start 0");
  assertEquals(await read(broker, topicId, { leaderEpoch: 6 }), `FENCED_LEADER_EPOCH: ${older}`);
  assertEquals(await write(broker, topicId, [], { stateEpoch: 3, leaderEpoch: 6 }), `FENCED_LEADER_EPOCH: ${older}`);
  assertEquals(await write(broker, topicId, [], { stateEpoch: 2, leaderEpoch: 7 }), `FENCED_STATE_EPOCH: ${other}`);
  assertEquals(await initialize(broker, topicId, { stateEpoch: 2 }), `FENCED_STATE_EPOCH: ${other}`);
  assertEquals((await summary(broker, topicId)).leaderEpoch, 7);
});

Deno.test("a share partition that is deleted is not known any more", async () => {
  await using broker = await TestBroker.start();
  const [topicId] = await broker.createTopics({ t: 1 });
  await initialize(broker, topicId);
  const request = { groupId: "g", topics: [{ topicId, partitions: [{ partition: 0 }] }] };
  const { results } = await broker.ask(DeleteShareGroupStateRequest, DeleteShareGroupStateResponse, 0, request);
  assertEquals(errorOf(results[0].partitions[0]), "NONE");
  assertEquals((await summary(broker, topicId)).startOffset, -1n);
});

Deno.test("the share coordinator refuses partitions that are not there, and answers nothing where nothing is asked", async () => {
  await using broker = await TestBroker.start();
  const [topicId] = await broker.createTopics({ t: 1 });
  const negative = "INVALID_REQUEST: The partition id cannot be a negative number.";
  const unknown = "UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.";
  assertEquals(await initialize(broker, topicId, { partition: -1 }), negative);
  assertEquals(await initialize(broker, topicId, { partition: 1 }), unknown);
  assertEquals(await initialize(broker, "AAAAAAAAAAAAAAAAAAAAAg"), unknown);
  for (const request of [{ groupId: "", topics: [] }, { groupId: "g", topics: [{ topicId, partitions: [] }] }]) {
    const { results } = await broker.ask(ReadShareGroupStateRequest, ReadShareGroupStateResponse, 0, request);
    assertEquals(results, []);
  }
});
