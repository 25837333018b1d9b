import { assertEquals, assertThrows } from "@std/assert";
import {
  CorruptCheckpointError,
  formatCleanShutdown,
  formatLeaderEpochCheckpoint,
  formatOffsetCheckpoint,
  formatPartitionMetadata,
  parseLeaderEpochCheckpoint,
  parseOffsetCheckpoint,
  parsePartitionMetadata,
  readTextSync,
  replaceFile,
} from "../../lib/log/checkpoint_files.ts";
import { MemoryDisk } from "../../lib/shell/memory_disk.ts";

Deno.test("an offset checkpoint is read and written as Apache Kafka writes it", () => {
  const text = "0\n2\nplain 0 3000\nwith-dashes-1 12 9007199254740991\n";
  assertEquals([...parseOffsetCheckpoint(text)], [["plain-0", 3000], ["with-dashes-1-12", 9007199254740991]]);
  assertEquals(
    formatOffsetCheckpoint([
      [{ topic: "plain", partition: 0 }, 3000],
      [{ topic: "with-dashes-1", partition: 12 }, 9007199254740991],
    ]),
    text,
  );
  assertEquals(formatOffsetCheckpoint([]), "0\n0\n");
  assertEquals(parseOffsetCheckpoint("0\n0\n").size, 0);
});

Deno.test("an offset checkpoint that Apache Kafka has made and not filled yet has no offsets", () => {
  assertEquals(parseOffsetCheckpoint("").size, 0);
});

Deno.test("a leader epoch checkpoint is read and written as Apache Kafka writes it", () => {
  const text = "0\n2\n0 0\n7 3000\n";
  const entries = [{ epoch: 0, startOffset: 0 }, { epoch: 7, startOffset: 3000 }];
  assertEquals(parseLeaderEpochCheckpoint(text), entries);
  assertEquals(formatLeaderEpochCheckpoint(entries), text);
});

Deno.test("partition.metadata holds the topic id, without a line break at its end", () => {
  const text = "version: 0\ntopic_id: 1Uh3XZ_2TrmOmsUTL7WaDA";
  assertEquals(parsePartitionMetadata(text), "1Uh3XZ_2TrmOmsUTL7WaDA");
  assertEquals(parsePartitionMetadata(text.replace("\n", "\r\n") + "\n"), "1Uh3XZ_2TrmOmsUTL7WaDA");
  assertEquals(formatPartitionMetadata("1Uh3XZ_2TrmOmsUTL7WaDA"), text);
});

Deno.test("the marker of a clean stop has the broker epoch", () => {
  assertEquals(formatCleanShutdown(11n), '{"version":0,"brokerEpoch":11}');
});

Deno.test("a damaged checkpoint is told as such", () => {
  for (
    const text of ["1\n0\n", "0\n", "0\n2\nt 0 5\n", "0\n1\nt 0\n", "0\n1\nt 0 x\n", "0\n1\nt 0 1 2\n", "\0\0\0\0"]
  ) {
    assertThrows(() => parseOffsetCheckpoint(text), CorruptCheckpointError);
  }
  assertThrows(() => parseLeaderEpochCheckpoint("0\n1\n5\n"), CorruptCheckpointError);
  for (
    const text of ["", "version: 0\n", "version: 1\ntopic_id: 1Uh3XZ_2TrmOmsUTL7WaDA", "version: 0\ntopic_id: short"]
  ) {
    assertThrows(() => parsePartitionMetadata(text), CorruptCheckpointError);
  }
});

Deno.test("replacing a file leaves the new content and nothing else", async () => {
  const disk = new MemoryDisk({ now: () => 0 });
  disk.makeFolderSync("/a");
  await replaceFile(disk, "/a/b", "one");
  await replaceFile(disk, "/a/b", "two");
  assertEquals(readTextSync(disk, "/a/b"), "two");
  assertEquals(disk.listSync("/a").map(({ name }) => name), ["b"]);
  assertEquals(readTextSync(disk, "/a/c"), null);
});
