import { assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { RawClient } from "../../interop/support/raw_client.ts";
import { produce, shareFrom, ShareMember } from "./share_support.ts";
import { TestBroker } from "./support.ts";

const [ACCEPT, RELEASE, REJECT, RENEW] = [1, 2, 3, 4];

/** A broker with a topic that the group "g" reads from its beginning. */
async function started(set: Readonly<Record<string, string>> = {}) {
  const broker = await TestBroker.start(set);
  const [topicId] = await broker.createTopics({ t: 1 });
  await shareFrom(broker, "g", topicId);
  return { broker, topicId, member: (memberId: string) => new ShareMember(broker, topicId, memberId) };
}

Deno.test("each record is given to one member of a share group, and accepted records are given to none again", async () => {
  const { broker, topicId, member } = await started();
  await using _ = broker;
  await produce(broker, topicId, 3);
  await produce(broker, topicId, 2);
  const [a, b] = [member("a"), member("b")];
  assertEquals(await a.fetch({ maxRecords: 1 }), "0-2×1");
  assertEquals(await b.fetch(), "3-4×1");
  assertEquals(await a.fetch(), "nothing");
  assertEquals(await a.say([0, 2, ACCEPT]), "NONE");
  assertEquals(await b.fetch({ maxWaitMs: 10_000, said: [[3, 3, ACCEPT], [4, 4, RELEASE]] }), "4-4×2");
  assertEquals(await a.fetch(), "nothing");
});

Deno.test("a released record is given again with a higher count, and a rejected one never", async () => {
  const { broker, topicId, member } = await started();
  await using _ = broker;
  await produce(broker, topicId, 4);
  const a = member("a");
  assertEquals(await a.fetch(), "0-3×1");
  assertEquals(await a.say([0, 3, ACCEPT, RELEASE, REJECT, RELEASE]), "NONE");
  assertEquals(await a.fetch(), "1-1×2 3-3×2");
});

Deno.test("a record that is released as often as may be is given up", async () => {
  const { broker, topicId, member } = await started({ "group.share.delivery.count.limit": "2" });
  await using _ = broker;
  await produce(broker, topicId, 1);
  const a = member("a");
  assertEquals(await a.fetch(), "0-0×1");
  assertEquals(await a.fetch({ maxWaitMs: 10_000, said: [[0, 0, RELEASE]] }), "0-0×2");
  assertEquals(await a.fetch({ said: [[0, 0, RELEASE]] }), "nothing");
});

Deno.test("a member cannot speak of records that it does not have", async () => {
  const { broker, topicId, member } = await started();
  await using _ = broker;
  await produce(broker, topicId, 3);
  const [a, b] = [member("a"), member("b")];
  await a.fetch();
  await b.fetch();
  assertEquals(await b.say([0, 2, ACCEPT]), "INVALID_RECORD_STATE: Member is not the owner of offset");
  assertEquals(
    await a.say([2, 5, ACCEPT]),
    "INVALID_REQUEST: Batch record not found. The last offset in request is past acquired records.",
  );
  assertEquals(await a.say([2, 1, ACCEPT]), "INVALID_REQUEST");
  assertEquals(await a.say([0, 2, ACCEPT, ACCEPT]), "INVALID_REQUEST");
  assertEquals(await a.say([0, 2, 9]), "INVALID_REQUEST");
  assertEquals(await a.say([0, 2, ACCEPT]), "NONE");
});

Deno.test("what a member has goes back when its session ends", async () => {
  const { broker, topicId, member } = await started();
  await using _ = broker;
  await produce(broker, topicId, 2);
  const [a, b] = [member("a"), member("b")];
  assertEquals(await a.fetch(), "0-1×1");
  assertEquals(await b.fetch(), "nothing");
  assertEquals(await a.leave(), "NONE");
  assertEquals(await b.fetch({ maxWaitMs: 10_000 }), "0-1×2");
});

Deno.test("a share session goes on with the epochs that it must have", async () => {
  const { broker, member } = await started();
  await using _ = broker;
  const a = member("a");
  a.epoch = 7;
  assertEquals(await a.fetch(), "SHARE_SESSION_NOT_FOUND");
  a.epoch = 0;
  assertEquals(await a.fetch({ said: [[0, 0, ACCEPT]] }), "INVALID_REQUEST");
  assertEquals(await a.fetch(), "nothing");
  a.epoch = 5;
  assertEquals(await a.fetch(), "INVALID_SHARE_SESSION_EPOCH");
  a.epoch = 0;
  assertEquals(await a.say([0, 0, ACCEPT]), "INVALID_SHARE_SESSION_EPOCH");
});

Deno.test("a member whose name is none, and a group that has none, are refused", async () => {
  const { broker, member } = await started();
  await using _ = broker;
  assertEquals(await member("").fetch(), "INVALID_REQUEST");
  assertEquals(await member("x".repeat(37)).fetch(), "INVALID_REQUEST");
  assertEquals(await member("a").fetch({ groupId: null }), "INVALID_REQUEST");
});

Deno.test("no more sessions are begun than may be", async () => {
  const { broker, member } = await started({ "group.share.max.share.sessions": "1" });
  await using _ = broker;
  assertEquals(await member("a").fetch(), "nothing");
  assertEquals(await member("b").fetch(), "SHARE_SESSION_LIMIT_REACHED");
});

Deno.test("a fetch of no more records than asked for gets just these (KIP-1206)", async () => {
  const { broker, topicId, member } = await started();
  await using _ = broker;
  await produce(broker, topicId, 5);
  const [a, b] = [member("a"), member("b")];
  assertEquals(await a.fetch({ maxRecords: 2, shareAcquireMode: 1 }), "0-1×1");
  assertEquals(await b.fetch({ maxRecords: 2, shareAcquireMode: 1 }), "2-3×1");
  assertEquals(await a.fetch(), "4-4×1");
});

Deno.test("a lock is renewed where the request says that it does so (KIP-1222)", async () => {
  const { broker, topicId, member } = await started();
  await using _ = broker;
  await produce(broker, topicId, 2);
  const a = member("a");
  await a.fetch();
  assertEquals(await a.say([0, 1, RENEW]), "NONE");
  const renewing = { isRenewAck: true, maxBytes: 0, minBytes: 0, maxRecords: 0 };
  assertEquals(await a.fetch({ ...renewing, said: [[0, 1, RENEW]] }), "nothing");
  assertEquals(await a.fetch({ said: [[0, 1, RENEW]] }), "(INVALID_REQUEST)");
  assertEquals(await a.fetch({ ...renewing, maxRecords: 1 }), "INVALID_REQUEST");
  assertEquals(await a.say([0, 1, ACCEPT]), "NONE");
});

Deno.test("a share fetch waits until there are records", async () => {
  const { broker, topicId, member } = await started();
  await using _ = broker;
  const fetching = member("a").fetch({ maxWaitMs: 10_000 });
  using other = await RawClient.connect({ hostname: "127.0.0.1", port: broker.port });
  await produce(other, topicId, 1);
  assertEquals(await fetching, "0-0×1");
});

Deno.test("partitions that are not there, and that the group has not begun to read, have errors of their own", async () => {
  const { broker, topicId } = await started();
  await using _ = broker;
  assertEquals(await new ShareMember(broker, topicId, "a", "other").fetch(), "UNKNOWN_SERVER_ERROR");
  assertEquals(await new ShareMember(broker, "AAAAAAAAAAAAAAAAAAAAAg", "a").fetch(), "UNKNOWN_TOPIC_ID");
  const { responses } = await new ShareMember(broker, topicId, "a").fetchRaw({
    topics: [{ topicId, partitions: [{ partitionIndex: 5 }] }],
  });
  assertEquals(responses[0].partitions[0].errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
});
