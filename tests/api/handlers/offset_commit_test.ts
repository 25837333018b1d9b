import { assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../../lib/protocol/messages/offset_commit.ts";
import { TestBroker } from "./support.ts";

Deno.test("an offset that a client wants kept longer than there are timestamps is kept", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const { topics } = await broker.ask(OffsetCommitRequest, OffsetCommitResponse, 2, {
    groupId: "g",
    retentionTimeMs: (1n << 63n) - 1n,
    topics: [{ name: "t", partitions: [{ partitionIndex: 0, committedOffset: 5n }] }],
  });
  assertEquals(topics[0].partitions[0].errorCode, ErrorCode.NONE);
});
