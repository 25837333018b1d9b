import { assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { batchesOf } from "../../lib/records/mod.ts";
import { prepareFolders } from "../../lib/metadata/format.ts";
import { MetaPropertiesError } from "../../lib/metadata/meta_properties.ts";
import { decodeSnapshot } from "../../lib/metadata/snapshot.ts";
import { readFileSync } from "../../lib/log/checkpoint_files.ts";
import type { Disk } from "../../lib/ports.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { SimDisk } from "../sim/disk.ts";
import { Draw } from "../sim/random.ts";
import { copyFixture, memoryDisk, names, NOW_MS, readFixture, readText, seededRandom, writeFile } from "./support.ts";

function prepare(disk: Disk, dataDirs: string[], more: Partial<Parameters<typeof prepareFolders>[0]> = {}) {
  return prepareFolders({ disk, random: seededRandom(), nowMs: NOW_MS, dataDirs, ...more });
}

Deno.test("an empty folder gets the files that Apache Kafka's formatting of a dynamic quorum makes", async () => {
  const [disk, theirs] = [memoryDisk(), memoryDisk()];
  copyFixture("dynamic-formatted", theirs, "data");
  const { isNew, nodeId, clusterId, directoryIds } = await prepare(disk, ["data"]);
  assertEquals([isNew, nodeId, directoryIds.length], [true, 1, 1]);
  for (const folder of ["data", "data/__cluster_metadata-0"]) assertEquals(names(disk, folder), names(theirs, folder));
  assertEquals(
    readText(disk, "data/meta.properties"),
    `cluster.id=${clusterId}\ndirectory.id=${directoryIds[0]}\nnode.id=1\nversion=1\n`,
  );
  const path = "__cluster_metadata-0/00000000000000000000-0000000000.checkpoint";
  const ours = readFileSync(disk, `data/${path}`)!;
  const { quorum } = decodeSnapshot(ours, runtimeCompressor);
  assertEquals(quorum?.kraftVersion, 1);
  assertEquals(quorum?.voters?.map(({ voterId, voterDirectoryId }) => [voterId, voterDirectoryId]), [[
    1,
    directoryIds[0],
  ]]);
  const shape = (bytes: Uint8Array) =>
    [...batchesOf(bytes)].map((batch) => batch.magic === 2 && [batch.baseOffset, batch.lastOffset, batch.isControl]);
  assertEquals(shape(ours), shape(readFixture(`dynamic-formatted/${path}`)));
});

Deno.test("a folder that is formatted survives a power cut, and so do those above it that are new", async () => {
  for (const folder of ["/new/data", "new/data", "/data"]) {
    for (let seed = 1; seed <= 20; seed++) {
      const world = { clock: { now: () => NOW_MS }, sleep: () => Promise.resolve(), trace: () => {} };
      const disk = new SimDisk({ ...world, draw: new Draw(seed) });
      const { clusterId } = await prepare(disk, [folder]);
      disk.cutPower();
      assertEquals((await prepare(disk, [folder], { random: seededRandom(2) })).clusterId, clusterId);
    }
  }
});

Deno.test("what is formatted once stays as it is", async () => {
  const disk = memoryDisk();
  const first = await prepare(disk, ["a", "b"]);
  const second = await prepare(disk, ["a", "b"], { random: seededRandom(2) });
  assertEquals(second, { ...first, isNew: false });
  assertNotEquals(first.directoryIds[0], first.directoryIds[1]);
});

Deno.test("a new folder beside others joins their cluster", async () => {
  const disk = memoryDisk();
  const before = await prepare(disk, ["a"], { nodeId: 7, clusterId: "mine" });
  const after = await prepare(disk, ["a", "b"], { random: seededRandom(2) });
  assertEquals([after.clusterId, after.nodeId, after.directoryIds[0]], ["mine", 7, before.directoryIds[0]]);
  assertStringIncludes(readText(disk, "b/meta.properties"), "cluster.id=mine\n");
});

Deno.test("a folder of Apache Kafka keeps its identity, and one without directory.id gets one", async () => {
  const disk = memoryDisk();
  copyFixture("static", disk, "data");
  const before = readText(disk, "data/meta.properties");
  const identity = await prepare(disk, ["data"]);
  assertEquals([identity.clusterId, identity.nodeId, identity.directoryIds], [
    "4L6g3nShT-eMCtK--X86sw",
    1,
    ["W1WxH8EXmYVpEP7WNmvJXA"],
  ]);
  assertEquals(readText(disk, "data/meta.properties"), before);

  writeFile(disk, "data/meta.properties", "node.id=5\ncluster.id=c\nversion=1\n");
  const { directoryIds, nodeId } = await prepare(disk, ["data"]);
  assertEquals(nodeId, 5);
  assertEquals((await prepare(disk, ["data"], { random: seededRandom(9) })).directoryIds, directoryIds);
});

Deno.test("the metadata log may have a folder of its own", async () => {
  const disk = memoryDisk();
  const { directoryIds, metadataDirectoryId } = await prepare(disk, ["a"], { metadataDir: "m" });
  assertNotEquals(directoryIds[0], metadataDirectoryId);
  assertEquals(names(disk, "m"), ["__cluster_metadata-0", "bootstrap.checkpoint", "meta.properties"]);
  assertEquals(names(disk, "a"), ["meta.properties"]);
});

Deno.test("folders that cannot be used are refused in one line that says what to do", async () => {
  const cases: [string, (disk: Disk) => void, string[], object, string][] = [
    ["another cluster", (disk) => copyFixture("static", disk, "a"), ["a"], { clusterId: "x" }, "cluster.id is 4L6g3n"],
    ["another node", (disk) => copyFixture("static", disk, "a"), ["a"], { nodeId: 2 }, "node.id is 1, configured is 2"],
    [
      "two clusters",
      (disk) => {
        writeFile(disk, "a/meta.properties", "cluster.id=a\nnode.id=1\n");
        writeFile(disk, "b/meta.properties", "cluster.id=b\nnode.id=1\n");
      },
      ["a", "b"],
      {},
      "Cannot use b with a: cluster.id is b in one and a in the other",
    ],
    [
      "a copy",
      (disk) => {
        copyFixture("static", disk, "a");
        writeFile(disk, "b/meta.properties", readText(disk, "a/meta.properties"));
      },
      ["a", "b"],
      {},
      "one is a copy of the other",
    ],
    ["the order", (disk) => copyFixture("static", disk, "b"), ["a", "b"], {}, "name that folder first in log.dirs"],
    [
      "a lost disk",
      (disk) => writeFile(disk, "b/meta.properties", "cluster.id=b\nnode.id=1\n"),
      ["a", "b"],
      {},
      "Is the disk missing?",
    ],
    [
      "no meta.properties beside a log",
      (disk) => {
        copyFixture("static", disk, "a");
        disk.removeSync("a/meta.properties");
      },
      ["a"],
      {},
      "has the data folder __cluster_metadata-0 and no meta.properties",
    ],
    [
      "no meta.properties beside a partition",
      (disk) => disk.makeFolderSync("a/orders-0"),
      ["a"],
      {},
      "has the data folder orders-0",
    ],
    ["damage", (disk) => writeFile(disk, "a/meta.properties", "node.id=x"), ["a"], {}, "Cannot use a/meta.properties"],
  ];
  for (const [, prepareDisk, dataDirs, more, message] of cases) {
    const disk = memoryDisk();
    for (const folder of ["a", "b"]) disk.makeFolderSync(folder);
    prepareDisk(disk);
    const error = await assertRejects(() => prepare(disk, dataDirs, more), MetaPropertiesError);
    assertStringIncludes(error.message, message);
    assertEquals(error.message.includes("\n"), false);
  }
});

Deno.test("a crash in the midst of formatting leaves a folder that formats again", async () => {
  for (let survives = 0;; survives++) {
    const disk = memoryDisk();
    const failing = failingAfter(disk, survives);
    const crashed = await prepare(failing, ["a", "b"]).then(() => false, () => true);
    const identity = await prepare(disk, ["a", "b"], { random: seededRandom(2) });
    const path = "a/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint";
    const { quorum } = decodeSnapshot(readFileSync(disk, path)!, runtimeCompressor);
    assertEquals(quorum?.voters?.[0].voterDirectoryId, identity.directoryIds[0]);
    if (!crashed) break;
  }
});

/** A disk that fails for good after so many renames: what was not put in its place by then never is. */
function failingAfter(disk: Disk, renames: number): Disk {
  let left = renames;
  return new Proxy(disk, {
    get(target, property) {
      const value = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      if (property !== "renameSync") return value.bind(target);
      return (...args: [string, string]) => {
        if (left-- <= 0) throw new Error("crash");
        return target.renameSync(...args);
      };
    },
  });
}
