import { assertEquals, assertGreater, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import { decodeBatch, encodeBatches, LOG_BATCH_LIMITS } from "../../lib/metadata/batch.ts";
import { Metadata } from "../../lib/metadata/metadata.ts";
import { MetadataStorageError } from "../../lib/metadata/metadata_log.ts";
import { metadataRecord } from "../../lib/metadata/record.ts";
import { type Disk, DiskError } from "../../lib/ports.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { batchesOf, RecordBatch } from "../../lib/records/mod.ts";
import { readFileSync } from "../../lib/log/checkpoint_files.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import {
  copyFixture,
  createTopics,
  DATA_DIR,
  type Fixture,
  imageText,
  memoryDisk,
  metadataOptions,
  names,
  newTopic,
  readText,
  seededRandom,
  TestLogger,
  writeFile,
} from "./support.ts";

const LOG = `${DATA_DIR}/__cluster_metadata-0`;

/** The batches of all segments. */
function batches(disk: Disk): RecordBatch[] {
  return names(disk, LOG).filter((name) => name.endsWith(".log")).flatMap((name) =>
    [...batchesOf(readFileSync(disk, `${LOG}/${name}`)!)].filter((batch) => batch instanceof RecordBatch)
  );
}

/** The records of the log as names, with the epoch of their batch, from an offset on. */
function recordNames(disk: Disk, startOffset = 0): string[] {
  return batches(disk).filter(({ baseOffset }) => baseOffset >= startOffset).map((batch) => {
    const { records } = decodeBatch(batch, runtimeCompressor);
    return `${batch.partitionLeaderEpoch}: ${records.map(({ name }) => name).join(" ")}`;
  });
}

Deno.test("an empty folder becomes a cluster of one broker", async () => {
  const disk = memoryDisk();
  const metadata = await Metadata.open(metadataOptions(disk));
  assertEquals([metadata.nodeId, metadata.controllerEpoch, metadata.quorum.kraftVersion], [1, 1, 1]);
  assertEquals(Object.fromEntries(metadata.image.features), {
    "metadata.version": 30,
    "eligible.leader.replicas.version": 1,
    "group.version": 1,
    "share.version": 1,
    "streams.version": 1,
    "transaction.version": 2,
  });
  assertEquals(metadata.image.configs(4, "").get("min.insync.replicas"), "1");
  const broker = metadata.image.brokers.get(1)!;
  assertEquals([broker.fenced, broker.logDirs, broker.brokerEpoch], [
    false,
    metadata.directoryIds,
    metadata.brokerEpoch,
  ]);
  await metadata.close();
  assertEquals(recordNames(disk).map((text) => text.slice(0, 60)), [
    "1: LEADER_CHANGE KRAFT_VERSION KRAFT_VOTERS",
    "1: FeatureLevelRecord FeatureLevelRecord FeatureLevelRecord ".slice(0, 60),
    "1: RegisterBrokerRecord",
    "1: BrokerRegistrationChangeRecord",
  ]);
  assertEquals(
    readText(disk, `${LOG}/quorum-state`),
    '{"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}',
  );
  assertEquals(readText(disk, `${LOG}/partition.metadata`), "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ");
  assertEquals(readText(disk, `${LOG}/leader-epoch-checkpoint`), "0\n1\n1 0\n");
});

Deno.test("what was changed is there again after a restart, in a new epoch", async () => {
  const disk = memoryDisk();
  const before = await Metadata.open(metadataOptions(disk));
  await createTopics(before, "a", "b");
  await before.deleteTopics([{ name: "a", topicId: "AAAAAAAAAAAAAAAAAAAAAA" }]);
  const { firstProducerId } = await before.allocateProducerIds();
  assertEquals(firstProducerId, 0n);
  const { id } = before.image.topicByName("b")!;
  await before.close();
  const after = await Metadata.open(metadataOptions(disk));
  assertEquals([...after.image.topics()].map((topic) => topic.name), ["b"]);
  assertEquals(after.image.topicByName("b")?.id, id);
  assertEquals([after.clusterId, after.controllerEpoch], [before.clusterId, 2]);
  assertEquals((await after.allocateProducerIds()).firstProducerId, 1000n);
  assertGreater(after.brokerEpoch, before.brokerEpoch);
  await after.close();
});

Deno.test("what was answered is there after a crash, and partitions begin a new leader epoch", async () => {
  const disk = memoryDisk();
  const before = await Metadata.open(metadataOptions(disk));
  const [{ topicId }] = await createTopics(before, "a");
  const after = await Metadata.open(metadataOptions(disk));
  assertEquals(after.image.partition(topicId, 0)?.leaderEpoch, 1);
  await after.close();
  // A stop is clean where every data folder notes the epoch of the registration.
  writeFile(disk, `${DATA_DIR}/.kafka_cleanshutdown`, `{"version":0,"brokerEpoch":${after.brokerEpoch}}`);
  const again = await Metadata.open(metadataOptions(disk));
  assertEquals(again.image.partition(topicId, 0)?.leaderEpoch, 1);
  await again.close();
});

Deno.test("a torn tail of the log is cut, and an open transaction is aborted", async () => {
  const disk = memoryDisk();
  const before = await Metadata.open(metadataOptions(disk));
  await createTopics(before, "a");
  await before.commit([
    metadataRecord("BeginTransactionRecord", {}),
    metadataRecord("TopicRecord", { name: "half", topicId: "TOPICaaaaaaaaaaaaaaaaA" }),
  ]);
  const file = disk.openSync(`${LOG}/00000000000000000000.log`, "write");
  file.writeSync(file.sizeSync(), new Uint8Array(30).fill(7));
  file.close();
  const { endOffset } = before;
  const after = await Metadata.open(metadataOptions(disk));
  assertEquals([...after.image.topics()].map(({ name }) => name), ["a"]);
  assertEquals(recordNames(disk, endOffset).slice(0, 2), ["2: LEADER_CHANGE", "2: AbortTransactionRecord"]);
  await after.close();
  const again = await Metadata.open(metadataOptions(disk));
  assertEquals(imageText(again.image).filter((text) => text.startsWith("Topic")).length, 1);
  await again.close();
});

Deno.test("what another process appends to the log, though this one has locked the folder, is cut off", async () => {
  const disk = memoryDisk();
  const logger = new TestLogger();
  const metadata = await Metadata.open(metadataOptions(disk, { logger }));
  await createTopics(metadata, "a");
  const file = disk.openSync(`${LOG}/00000000000000000000.log`, "write");
  const foreign = encodeBatches(
    [metadataRecord("NoOpRecord", {})],
    { baseOffset: 9, epoch: 2, nowMs: 0 },
    LOG_BATCH_LIMITS,
  );
  const { bytes } = [...foreign][0];
  file.writeSync(file.sizeSync(), bytes);
  await createTopics(metadata, "b");
  assertStringIncludes(logger.warnings[0], `Cut ${bytes.length} bytes off the metadata log in ${LOG}`);
  file.writeSync(file.sizeSync(), bytes);
  await metadata.close();
  file.close();
  assertEquals(logger.warnings.length, 2);
  assertEquals(recordNames(disk).filter((names) => names.includes("NoOpRecord")), []);
  const again = await Metadata.open(metadataOptions(disk, { logger }));
  assertEquals([...again.image.topics()].map(({ name }) => name), ["a", "b"]);
  await again.close();
});

Deno.test("a change too large for one batch takes effect as a whole, by a transaction", async () => {
  const disk = memoryDisk();
  const metadata = await Metadata.open(metadataOptions(disk));
  const { endOffset } = metadata;
  const records = Array.from(
    { length: 10_001 },
    (_, index) =>
      metadataRecord("ConfigRecord", { resourceType: 32, resourceName: `g${index}`, name: "a", value: "b" }),
  );
  await metadata.commit(records);
  const [first, second] = recordNames(disk, endOffset);
  assertStringIncludes(first, "1: BeginTransactionRecord ConfigRecord");
  assertEquals(second, "1: ConfigRecord ConfigRecord EndTransactionRecord");
  await metadata.close();
  const after = await Metadata.open(metadataOptions(disk));
  assertEquals([...after.image.configuredResources(32)].length, 10_001);
  await after.close();
});

Deno.test("folders that Apache Kafka wrote are taken over, whatever the form of their quorum", async () => {
  const cases: [Fixture, number, string[]][] = [
    ["static-formatted", 0, []],
    ["dynamic-formatted", 1, []],
    ["static", 0, ["alpha", "beta", "__consumer_offsets"]],
    ["dynamic", 1, ["alpha", "fromA"]],
    ["dynamic-killed", 1, ["alpha"]],
  ];
  for (const [fixture, kraftVersion, topics] of cases) {
    const disk = memoryDisk();
    copyFixture(fixture, disk, DATA_DIR);
    const logger = new TestLogger();
    const metadata = await Metadata.open(metadataOptions(disk, { logger }));
    assertEquals([...metadata.image.topics()].map(({ name }) => name), topics);
    assertEquals([metadata.clusterId, metadata.quorum.kraftVersion], ["4L6g3nShT-eMCtK--X86sw", kraftVersion]);
    assertEquals(metadata.image.features.get("metadata.version"), 30);
    for (const topic of metadata.image.topics()) {
      for (const { leader, isr, leaderRecoveryState } of topic.partitions.values()) {
        assertEquals([leader, isr, leaderRecoveryState], [1, [1], 0]);
      }
    }
    await createTopics(metadata, "ours");
    const text = imageText(metadata.image).filter((line) => !line.startsWith("RegisterBroker"));
    await metadata.close();
    const again = await Metadata.open(metadataOptions(disk));
    assertNotEquals(again.image.topicByName("ours"), undefined);
    // What a crash does to leader epochs aside, nothing has changed.
    const after = imageText(again.image).filter((line) => !line.startsWith("RegisterBroker"));
    const strip = (lines: string[]) => lines.map((line) => line.replace(/"(leader|partition)Epoch":\d+/g, ""));
    assertEquals(strip(after), strip(text));
    await again.close();
    // The fixtures come without indexes.
    assertEquals(logger.warnings.filter((line) => !line.startsWith("The indexes of")), []);
  }
});

Deno.test("the epoch goes on from that of Apache Kafka, and quorum-state keeps its version", async () => {
  for (const [fixture, epoch, version] of [["static", 4, 0], ["dynamic", 3, 1], ["dynamic-killed", 3, 1]] as const) {
    const disk = memoryDisk();
    copyFixture(fixture, disk, DATA_DIR);
    const metadata = await Metadata.open(metadataOptions(disk));
    assertEquals(metadata.controllerEpoch, epoch);
    const state = JSON.parse(readText(disk, `${LOG}/quorum-state`));
    assertEquals([state.leaderEpoch, state.leaderId, state.data_version], [epoch, 1, version]);
    if (version === 0) assertEquals(state.currentVoters, [{ voterId: 1 }]);
    const epochs = readText(disk, `${LOG}/leader-epoch-checkpoint`).trim().split("\n").slice(2);
    assertEquals(epochs.length, epoch);
    await metadata.close();
  }
});

Deno.test("a half-filled folder of the protocol challenge is served as it is", async () => {
  const disk = memoryDisk();
  const topicId = "caWaUYlo-E-Ue0pZVkBeXg";
  const directory = "EAAAAAAAQACAAAAAAAAAAQ";
  disk.makeFolderSync(LOG);
  writeFile(disk, `${DATA_DIR}/meta.properties`, "cluster.id=c\nnode.id=1\nversion=1\n");
  writeChallengeLog(disk, [
    [metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: 20 })],
    [
      metadataRecord("TopicRecord", { name: "foo", topicId }),
      metadataRecord("PartitionRecord", {
        topicId,
        partitionId: 0,
        replicas: [1],
        isr: [1],
        leader: 1,
        leaderEpoch: 0,
        partitionEpoch: 0,
        directories: [directory],
      }, 1),
    ],
  ]);
  disk.makeFolderSync(`${DATA_DIR}/foo-0`);
  const metadata = await Metadata.open(metadataOptions(disk));
  const [topic, ...others] = metadata.image.topics();
  assertEquals(others, []);
  const { leader, leaderEpoch, replicas, isr } = topic.partitions.get(0)!;
  assertEquals([topic.name, topic.id, leader, leaderEpoch, replicas, isr], ["foo", topicId, 1, 0, [1], [1]]);
  assertEquals([metadata.nodeId, metadata.clusterId, metadata.image.metadataVersion], [1, "c", 20]);
  assertEquals(metadata.image.brokers.get(1)?.fenced, false);
  await createTopics(metadata, "ours");
  await metadata.close();
  const after = await Metadata.open(metadataOptions(disk));
  assertEquals([...after.image.topics()].map(({ name }) => name), ["foo", "ours"]);
  await after.close();
});

/** A log as the challenge makes it: batches from offset 1 on, and no other file. */
function writeChallengeLog(disk: Disk, contents: ReturnType<typeof metadataRecord>[][]): void {
  const bytes: Uint8Array[] = [];
  let baseOffset = 1;
  for (const records of contents) {
    const place = { baseOffset, epoch: 1, nowMs: 1_726_045_943_832 };
    for (const batch of encodeBatches(records, place, LOG_BATCH_LIMITS)) bytes.push(batch.bytes);
    baseOffset += records.length;
  }
  writeFile(disk, `${LOG}/00000000000000000000.log`, concat(bytes));
}

Deno.test("partitions of replicas elsewhere, or in a folder that is not there, are left alone", async () => {
  const disk = memoryDisk();
  const topicId = "caWaUYlo-E-Ue0pZVkBeXg";
  const base = { topicId, replicas: [5], isr: [5], leader: 5, leaderEpoch: 3, partitionEpoch: 0 };
  const lost = "EAAAAAAAQACAAAAAAAAAAQ";
  disk.makeFolderSync(LOG);
  writeFile(disk, `${DATA_DIR}/meta.properties`, "node.id=5\n");
  writeChallengeLog(disk, [[
    metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: 30 }),
    metadataRecord("TopicRecord", { name: "t", topicId }),
    metadataRecord("PartitionRecord", { ...base, partitionId: 0, directories: [lost] }, 2),
    metadataRecord("PartitionRecord", { ...base, partitionId: 1, directories: ["AAAAAAAAAAAAAAAAAAAAAA"] }, 2),
    metadataRecord("PartitionRecord", {
      ...base,
      partitionId: 2,
      replicas: [1],
      isr: [1],
      leader: 1,
      directories: [lost],
    }, 2),
    metadataRecord("PartitionRecord", { ...base, partitionId: 3, directories: [lost] }, 2),
  ]]);
  disk.makeFolderSync(`${DATA_DIR}/t-3`);
  const metadata = await Metadata.open(metadataOptions(disk));
  const [ours] = metadata.directoryIds;
  assertEquals(metadata.nodeId, 5);
  assertEquals(
    [...metadata.image.topicByName("t")!.partitions.values()].map(({ leader, directories }) => [leader, directories]),
    [
      [5, [lost]],
      [5, [ours]],
      [1, [lost]],
      [5, [ours]],
    ],
  );
  await metadata.close();
});

Deno.test("folders that this broker must not write to are refused in one line", async () => {
  const cases: [string, (disk: Disk) => void, string][] = [
    [
      "a quorum of three",
      (disk) => writeFile(disk, `${LOG}/quorum-state`, quorumState([1, 2, 3])),
      "its quorum has the voters 1, 2, 3, this node is 1",
    ],
    ["another voter", (disk) => writeFile(disk, `${LOG}/quorum-state`, quorumState([2])), "its quorum has the voter 2"],
    [
      "a damaged quorum-state",
      (disk) => writeFile(disk, `${LOG}/quorum-state`, "{"),
      "Cannot read data/__cluster_metadata-0/quorum-state",
    ],
    [
      "a metadata.version that is too old",
      (disk) =>
        writeChallengeLog(disk, [[
          metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: 5 }),
        ]]),
      "its metadata.version is 5, and this broker knows levels 7 to 30; upgrade it with Apache Kafka 3.3 or newer first",
    ],
    [
      "a metadata.version that is too new",
      (disk) =>
        writeChallengeLog(disk, [[
          metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: 31 }),
        ]]),
      "its metadata.version is 31, and this broker knows levels 7 to 30; a newer version of Kafka has written it",
    ],
    [
      "a feature of the future",
      (disk) =>
        writeChallengeLog(disk, [[
          metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: 30 }),
          metadataRecord("FeatureLevelRecord", { name: "time.travel", featureLevel: 1 }),
        ]]),
      "its time.travel is 1, and this broker knows not this feature",
    ],
    [
      "a log without its beginning",
      (disk) => {
        disk.renameSync(`${LOG}/00000000000000000000.log`, `${LOG}/00000000000000000007.log`);
      },
      "no sound snapshot stands for what came before",
    ],
  ];
  for (const [, damage, message] of cases) {
    const disk = memoryDisk();
    copyFixture("static", disk, DATA_DIR);
    damage(disk);
    const error = await assertRejects(() => Metadata.open(metadataOptions(disk)), Error);
    assertStringIncludes(error.message, message);
    assertEquals(error.message.includes("\n"), false);
  }
});

function quorumState(voterIds: number[]): string {
  const currentVoters = voterIds.map((voterId) => ({ voterId }));
  return JSON.stringify({ leaderId: 1, leaderEpoch: 3, currentVoters, data_version: 0 });
}

Deno.test("a snapshot takes the place of what came before, and old segments go", async () => {
  const disk = memoryDisk();
  const logSettings = { maxBytesBetweenSnapshots: 2000, retentionBytes: 6000, segmentBytes: 1500 };
  const metadata = await Metadata.open(metadataOptions(disk, { logSettings }));
  for (let index = 0; index < 60; index++) {
    await createTopics(metadata, `t${index}`);
    if (index % 2 === 0) await metadata.deleteTopics([{ name: `t${index}`, topicId: "AAAAAAAAAAAAAAAAAAAAAA" }]);
  }
  const text = imageText(metadata.image);
  await metadata.close();
  const segments = names(disk, LOG).filter((name) => name.endsWith(".log"));
  assertGreater(Number(segments[0].slice(0, 20)), 0);
  assertEquals(names(disk, LOG).filter((name) => name.endsWith(".part")), []);
  assertNotEquals(names(disk, LOG).filter((name) => name.endsWith(".checkpoint")), []);
  const after = await Metadata.open(metadataOptions(disk, { logSettings }));
  const strip = (lines: string[]) =>
    lines.filter((line) => !line.startsWith("RegisterBroker")).map((line) =>
      line.replace(/"(leader|partition)Epoch":\d+/g, "")
    );
  assertEquals(strip(imageText(after.image)), strip(text));
  assertEquals(after.quorum, metadata.quorum);
  await after.close();
});

Deno.test("a damaged snapshot is passed over with a warning, as long as the log has what it stood for", async () => {
  const disk = memoryDisk();
  copyFixture("dynamic-killed", disk, DATA_DIR);
  const reference = await Metadata.open(metadataOptions(copyOf("dynamic-killed")));
  writeFile(disk, `${LOG}/00000000000000000095-0000000002.checkpoint`, new Uint8Array(500));
  writeFile(disk, `${LOG}/00000000000000000099-0000000002.checkpoint.part`, new Uint8Array(5));
  const logger = new TestLogger();
  const metadata = await Metadata.open(metadataOptions(disk, { logger }));
  assertEquals(logger.warnings.filter((line) => line.startsWith("Passed over the damaged snapshot")).length, 1);
  assertEquals(imageText(metadata.image), imageText(reference.image));
  assertEquals(names(disk, LOG).some((name) => name.endsWith(".part")), false);
  await metadata.close();
  await reference.close();
});

function copyOf(fixture: Fixture): Disk {
  const disk = memoryDisk();
  copyFixture(fixture, disk, DATA_DIR);
  return disk;
}

Deno.test("a snapshot without the log that it stands for is enough", async () => {
  const disk = copyOf("dynamic-killed");
  for (const name of names(disk, LOG)) if (name.endsWith(".log")) disk.removeSync(`${LOG}/${name}`);
  const metadata = await Metadata.open(metadataOptions(disk));
  assertEquals([...metadata.image.topics()].map(({ name }) => name), ["alpha"]);
  assertEquals(names(disk, LOG).filter((name) => name.endsWith(".log")), ["00000000000000000095.log"]);
  await createTopics(metadata, "ours");
  await metadata.close();
  const after = await Metadata.open(metadataOptions(disk));
  assertEquals(after.image.topicCount, 2);
  await after.close();
});

Deno.test("changes asked for at once happen one after the other", async () => {
  const metadata = await Metadata.open(metadataOptions(memoryDisk()));
  const results = await Promise.all([
    createTopics(metadata, "a"),
    createTopics(metadata, "a"),
    createTopics(metadata, "b"),
  ]);
  assertEquals(results.map(([{ errorCode }]) => errorCode), [
    ErrorCode.NONE,
    ErrorCode.TOPIC_ALREADY_EXISTS,
    ErrorCode.NONE,
  ]);
  const blocks = await Promise.all([metadata.allocateProducerIds(), metadata.allocateProducerIds()]);
  assertEquals(blocks.map(({ firstProducerId }) => firstProducerId), [0n, 1000n]);
  await metadata.close();
});

Deno.test("listeners are told what a change comes to, and the answer waits for them", async () => {
  const metadata = await Metadata.open(metadataOptions(memoryDisk()));
  const told: unknown[] = [];
  let isAnswered = false;
  const watch = metadata.watch(async (change) => {
    await Promise.resolve();
    assertEquals(isAnswered, false);
    told.push({
      created: change.createdTopics.map(({ name, partitions }) => [name, partitions.size]),
      deleted: change.deletedTopics.map(({ name, partitions }) => [name, partitions.size]),
      partitions: change.changedPartitions.map(({ topic, partition }) => [topic.name, partition]),
      configs: change.changedConfigs,
    });
  });
  const nothing = { created: [], deleted: [], partitions: [], configs: [] };
  await metadata.createTopics({ topics: [newTopic("t", 2)], validateOnly: false }).then(() => isAnswered = true);
  isAnswered = false;
  await metadata.createPartitions({ topics: [{ name: "t", count: 3, assignments: null }], validateOnly: false });
  const configs = [{ name: "retention.ms", configOperation: 0, value: "5" }];
  const resources = [{ resourceType: 2, resourceName: "t", configs }];
  await metadata.incrementalAlterConfigs({ resources, validateOnly: false });
  await metadata.deleteTopics([{ name: "t", topicId: "AAAAAAAAAAAAAAAAAAAAAA" }]);
  assertEquals(told, [
    { ...nothing, created: [["t", 2]] },
    { ...nothing, partitions: [["t", 2]] },
    { ...nothing, configs: [{ resourceType: 2, resourceName: "t" }] },
    { ...nothing, deleted: [["t", 3]] },
  ]);
  watch.stop();
  await createTopics(metadata, "u");
  assertEquals(told.length, 4);
  await metadata.close();
});

Deno.test("after a failure of the device nothing is changed any more, and each request is told", async () => {
  const disk = memoryDisk();
  const metadata = await Metadata.open(metadataOptions(failing(disk)));
  await createTopics(metadata, "a");
  broken = "sync";
  const [refused] = await createTopics(metadata, "b");
  assertEquals(refused.errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assertStringIncludes(refused.errorMessage!, "Cannot append to the metadata log in data/__cluster_metadata-0");
  broken = null;
  assertEquals((await createTopics(metadata, "c"))[0].errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assertEquals([...metadata.image.topics()].map(({ name }) => name), ["a"]);
  await metadata.close();
});

Deno.test("a full disk refuses each change with its own error, and takes the next one when it has room", async () => {
  const disk = memoryDisk();
  const metadata = await Metadata.open(metadataOptions(failing(disk)));
  await createTopics(metadata, "a");
  broken = "writeSync";
  const [refused] = await createTopics(metadata, "b");
  assertEquals([refused.errorCode, refused.numPartitions], [ErrorCode.KAFKA_STORAGE_ERROR, -1]);
  assertEquals((await createTopics(metadata, "a"))[0].errorCode, ErrorCode.TOPIC_ALREADY_EXISTS);
  const [kept] = await metadata.deleteTopics([{ name: "a", topicId: "AAAAAAAAAAAAAAAAAAAAAA" }]);
  assertEquals(kept.errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  await assertRejects(() => metadata.allocateProducerIds(), MetadataStorageError);
  broken = null;
  assertEquals((await createTopics(metadata, "b"))[0].errorCode, ErrorCode.NONE);
  await metadata.close();
  const again = await Metadata.open(metadataOptions(disk));
  assertEquals([...again.image.topics()].map(({ name }) => name), ["a", "b"]);
  await again.close();
});

/** The operation that fails for all files of {@linkcode failing} disks. */
let broken: "sync" | "writeSync" | null = null;

/** A disk whose files fail as {@linkcode broken} says: syncs of a broken device, writes to a full one. */
function failing(disk: Disk): Disk {
  return new Proxy(disk, {
    get(target, property) {
      const value = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      if (property !== "openSync") return value.bind(target);
      return (path: string, mode: "read") => {
        const file = target.openSync(path, mode);
        return new Proxy(file, {
          get(inner, name) {
            if (name === broken) {
              if (name === "sync") return () => Promise.reject(new DiskError("io", path, `${path} is broken`));
              return () => {
                throw new DiskError("no-space", path, `${path} has no room`);
              };
            }
            const member = Reflect.get(inner, name);
            return typeof member === "function" ? member.bind(inner) : member;
          },
        });
      };
    },
  });
}

Deno.test("new partitions are placed where the device has not failed", async () => {
  const disk = memoryDisk();
  const metadata = await Metadata.open(metadataOptions(disk, { dataDirs: ["a", "b"] }));
  const [a, b] = metadata.directoryIds;
  const placed = (name: string) =>
    [...metadata.image.topicByName(name)!.partitions.values()].map(({ directories }) => directories[0]);
  await metadata.createTopics({ topics: [newTopic("t", 2)], validateOnly: false });
  assertEquals(placed("t"), [a, b]);
  await metadata.loseDirectory(a);
  await metadata.createTopics({ topics: [newTopic("u", 3)], validateOnly: false });
  await metadata.createPartitions({ topics: [{ name: "t", count: 4, assignments: null }], validateOnly: false });
  assertEquals([placed("u"), placed("t")], [[b, b, b], [a, b, b, b]]);
  assertEquals(metadata.image.brokers.get(1)!.logDirs, [b]);
  await metadata.close();
  await metadata.loseDirectory(b);
  const next = await Metadata.open(metadataOptions(disk, { dataDirs: ["a", "b"] }));
  assertEquals(next.image.brokers.get(1)!.logDirs, [a, b]);
  assertEquals([...next.image.topicByName("t")!.partitions.values()].map(({ leader }) => leader), [1, 1, 1, 1]);
  await next.close();
});

Deno.test("the identity of the folders is what was configured, where they are new", async () => {
  const disk = memoryDisk();
  const options = { clusterId: "mine", nodeId: 42, dataDirs: ["a", "b"] };
  const metadata = await Metadata.open(metadataOptions(disk, options));
  assertEquals([metadata.clusterId, metadata.nodeId, metadata.directoryIds.length], ["mine", 42, 2]);
  assertEquals([...metadata.image.brokers.keys()], [42]);
  await metadata.createTopics({ topics: [newTopic("t", 4)], validateOnly: false });
  const [a, b] = metadata.directoryIds;
  assertEquals([...metadata.image.topicByName("t")!.partitions.values()].map(({ directories }) => directories[0]), [
    a,
    b,
    a,
    b,
  ]);
  await metadata.close();
  const random = seededRandom(5);
  await assertRejects(
    () => Metadata.open(metadataOptions(disk, { ...options, nodeId: 1, random })),
    Error,
    "node.id is 42",
  );
});
