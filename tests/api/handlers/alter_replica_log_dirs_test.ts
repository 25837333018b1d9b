import { assertEquals } from "@std/assert";
import type { RequestContext } from "../../../lib/api/context.ts";
import { alterReplicaLogDirsApi } from "../../../lib/api/handlers/alter_replica_log_dirs.ts";
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from "../../../lib/protocol/messages/alter_replica_log_dirs.ts";
import { errorOf, TestBroker } from "./support.ts";

function errorsOf({ results }: AlterReplicaLogDirsResponse): Record<string, string> {
  return Object.fromEntries(
    results.flatMap(({ topicName, partitions }) =>
      partitions.map((partition) => [`${topicName}-${partition.partitionIndex}`, errorOf(partition)])
    ),
  );
}

Deno.test("a partition can be told to lie where it does, in every version", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 2 });
  for (const version of [1, 2]) {
    const answer = await broker.ask(AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, version, {
      dirs: [
        { path: "memory", topics: [{ name: "t", partitions: [0, 9] }, { name: "nosuch", partitions: [0] }] },
        { path: "/nowhere", topics: [{ name: "t", partitions: [1] }] },
      ],
    });
    assertEquals(answer.results.map(({ topicName }) => topicName), ["t", "nosuch"]);
    assertEquals(errorsOf(answer), {
      "t-0": "NONE",
      "t-9": "UNKNOWN_TOPIC_OR_PARTITION",
      "t-1": "LOG_DIR_NOT_FOUND",
      "nosuch-0": "UNKNOWN_TOPIC_OR_PARTITION",
    });
  }
});

Deno.test("a partition is not moved to another directory, and the broker says so", async () => {
  const log = {};
  const warnings: string[] = [];
  const context = {
    authorizer: null,
    logs: {
      get: () => log,
      directories: () => [
        { path: "/a", isOffline: false, logs: [log] },
        { path: "/b", isOffline: false, logs: [] },
        { path: "/c", isOffline: true, logs: [] },
      ],
    },
    logger: { warn: (line: string) => warnings.push(line) },
  } as unknown as RequestContext;
  const topics = [{ name: "t", partitions: [0] }];
  const move = async (path: string) =>
    errorsOf(
      await alterReplicaLogDirsApi.handle({ dirs: [{ path, topics }] }, context) as AlterReplicaLogDirsResponse,
    )["t-0"];
  assertEquals(await move("/a"), "NONE");
  assertEquals(warnings, []);
  assertEquals(await move("/b"), "POLICY_VIOLATION");
  assertEquals(warnings, ["Partition t-0 was not moved to /b: partitions stay in the log directory they have"]);
  assertEquals(await move("/c"), "KAFKA_STORAGE_ERROR");
});
