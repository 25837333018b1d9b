import { assert, assertEquals } from "@std/assert";
import { DescribeQuorumRequest, DescribeQuorumResponse } from "../../../lib/protocol/messages/describe_quorum.ts";
import { errorOf, TestBroker } from "./support.ts";

const METADATA_LOG = [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] }];

function describe(broker: TestBroker, version: number, topics: typeof METADATA_LOG) {
  return broker.ask(DescribeQuorumRequest, DescribeQuorumResponse, version, { topics });
}

Deno.test("this node leads the metadata log, votes alone, and is caught up", async () => {
  await using broker = await TestBroker.start();
  for (const version of [0, 1, 2]) {
    const { errorCode, topics, nodes } = await describe(broker, version, METADATA_LOG);
    const [partition] = topics[0].partitions;
    assertEquals([errorCode, errorOf(partition)], [0, "NONE"]);
    assertEquals([partition.leaderId, partition.leaderEpoch, partition.observers], [1, 1, []]);
    assert(partition.highWatermark > 0n);
    const [voter] = partition.currentVoters;
    assertEquals([voter.replicaId, voter.logEndOffset], [1, partition.highWatermark]);
    assertEquals(voter.lastFetchTimestamp === -1n, version === 0);
    assertEquals(nodes.map(({ nodeId }) => nodeId), version === 2 ? [1] : []);
  }
});

Deno.test("a change moves the end of the metadata log", async () => {
  await using broker = await TestBroker.start();
  const endOffset = async () => (await describe(broker, 2, METADATA_LOG)).topics[0].partitions[0].highWatermark;
  const before = await endOffset();
  await broker.createTopics({ t: 3 });
  assertEquals(await endOffset() - before, 4n);
});

Deno.test("there is no quorum of anything else", async () => {
  await using broker = await TestBroker.start();
  const others = [
    [{ topicName: "t", partitions: [{ partitionIndex: 0 }] }],
    [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 1 }] }],
    [...METADATA_LOG, { topicName: "t", partitions: [{ partitionIndex: 0 }] }],
  ];
  for (const topics of others) {
    const answer = await describe(broker, 2, topics);
    assertEquals([answer.errorCode, answer.nodes], [0, []]);
    for (const { partitions } of answer.topics) {
      assertEquals(partitions.map(errorOf), [
        "UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.",
      ]);
    }
  }
  assertEquals((await describe(broker, 2, [])).topics, []);
});
