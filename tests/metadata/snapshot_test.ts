import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { DecodeError } from "../../lib/bytes/mod.ts";
import { defaultFeatureRecords } from "../../lib/metadata/bootstrap.ts";
import { metadataRecord } from "../../lib/metadata/record.ts";
import { decodeSnapshot, encodeBootstrap, encodeSnapshot, snapshotBatches } from "../../lib/metadata/snapshot.ts";
import { batchesOf } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { NOW_MS, readFixture } from "./support.ts";

const QUORUM = { kraftVersion: 0, voters: null };

Deno.test("a snapshot of Apache Kafka is read, with its voters", () => {
  const bytes = readFixture("dynamic-killed/__cluster_metadata-0/00000000000000000095-0000000002.checkpoint");
  const { quorum, records, lastContainedLogTimestamp } = decodeSnapshot(bytes, runtimeCompressor);
  assertEquals(quorum?.kraftVersion, 1);
  assertEquals(quorum?.voters?.map(({ voterId, endpoints }) => [voterId, endpoints[0].port]), [[1, 21211]]);
  assertGreater(lastContainedLogTimestamp, 1_700_000_000_000);
  const names = new Set(records.map(({ name }) => name));
  assertEquals(names.has("UserScramCredentialRecord") && names.has("AccessControlEntryRecord"), true);
});

Deno.test("bootstrap.checkpoint is written byte for byte as Apache Kafka writes it, times aside", () => {
  const theirs = readFixture("static-formatted/bootstrap.checkpoint");
  const [header, features, footer] = batchesOf(theirs);
  assertEquals(decodeSnapshot(theirs, runtimeCompressor).records, defaultFeatureRecords());
  const ours = [...batchesOf(encodeBootstrap(defaultFeatureRecords(), NOW_MS))];
  assertEquals(ours.length, 3);
  for (const [index, batch] of [header, features, footer].entries()) {
    if (batch.magic !== 2 || ours[index].magic !== 2) throw new Error("not of magic 2");
    assertEquals(ours[index].bytes.subarray(61), batch.bytes.subarray(61));
    assertEquals(ours[index].attributes, batch.attributes);
    assertEquals(ours[index].baseOffset, batch.baseOffset);
    assertEquals(ours[index].partitionLeaderEpoch, batch.partitionLeaderEpoch);
  }
});

Deno.test("a large snapshot is written in batches that count their offsets on", () => {
  const records = Array.from(
    { length: 2500 },
    (_, index) =>
      metadataRecord("ConfigRecord", { resourceType: 32, resourceName: `g${index}`, name: "a", value: "b" }),
  );
  const init = { lastContainedLogTimestamp: 5, quorum: QUORUM, records, epoch: 3, nowMs: NOW_MS };
  const batches = [...batchesOf(encodeSnapshot(init))].map((batch) => batch.magic === 2 ? batch : null);
  assertEquals(batches.map((batch) => batch?.baseOffset), [0, 1, 1001, 2001, 2501]);
  assertEquals(batches.map((batch) => batch?.partitionLeaderEpoch), [3, 3, 3, 3, 3]);
  assertEquals(decodeSnapshot(encodeSnapshot(init), runtimeCompressor), {
    lastContainedLogTimestamp: 5,
    quorum: null,
    records,
  });
});

Deno.test("a snapshot that is cut short or damaged is refused", () => {
  const init = { lastContainedLogTimestamp: 5, quorum: QUORUM, records: defaultFeatureRecords(), epoch: 3, nowMs: 1 };
  const bytes = encodeSnapshot(init);
  const withoutFooter = [...snapshotBatches(init)].slice(0, -1).reduce((sum, { length }) => sum + length, 0);
  for (const length of [0, 10, 61, withoutFooter, bytes.length - 1]) {
    assertThrows(() => decodeSnapshot(bytes.subarray(0, length), runtimeCompressor), DecodeError);
  }
  const damaged = bytes.slice();
  damaged[200] ^= 1;
  assertThrows(() => decodeSnapshot(damaged, runtimeCompressor), DecodeError, "checksum");
});
