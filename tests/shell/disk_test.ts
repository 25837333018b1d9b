/**
 * One suite of cases for every disk: whatever the core may rely on holds for the real one, the one in memory and the simulated one.
 */
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { type Disk, DiskError, type DiskErrorKind } from "../../lib/ports.ts";
import { DenoDisk } from "../../lib/shell/disk.ts";
import { MemoryDisk } from "../../lib/shell/memory_disk.ts";
import { SimDisk } from "../sim/disk.ts";
import { Draw } from "../sim/random.ts";

/** Runs a case on each kind of disk, in a fresh folder. */
function onEachDisk(name: string, run: (disk: Disk, folder: string) => void | Promise<void>): void {
  Deno.test(`memory disk: ${name}`, async () => {
    const disk = new MemoryDisk({ now: () => 1_700_000_000_000 });
    disk.makeFolderSync("/data");
    await run(disk, "/data");
  });
  Deno.test(`simulated disk: ${name}`, async () => {
    const clock = { now: () => 1_700_000_000_000 };
    const disk = new SimDisk({ clock, draw: new Draw(1), sleep: () => Promise.resolve(), trace: () => {} });
    disk.makeFolderSync("/data");
    await run(disk, "/data");
  });
  Deno.test(`real disk: ${name}`, async () => {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-disk-" });
    try {
      await run(new DenoDisk(), folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

/** `length` bytes that tell their position. */
function pattern(length: number): Uint8Array {
  return new Uint8Array(length).map((_, index) => (index * 7) ^ (index >> 8));
}

function readAll(disk: Disk, path: string): Uint8Array {
  const file = disk.openSync(path, "read");
  const into = new Uint8Array(file.sizeSync() + 1);
  const count = file.readSync(0, into);
  file.close();
  return into.slice(0, count);
}

function assertFails(kind: DiskErrorKind, run: () => unknown): DiskError {
  const error = assertThrows(run, DiskError);
  assertEquals(error.kind, kind, error.message);
  return error;
}

onEachDisk("a file keeps what is written at each position", (disk, folder) => {
  const file = disk.openSync(`${folder}/a`, "create");
  file.writeSync(0, bytes(1, 2, 3));
  file.writeSync(3, bytes(4, 5));
  file.writeSync(1, bytes(9));
  assertEquals(file.sizeSync(), 5);
  file.close();
  assertEquals(readAll(disk, `${folder}/a`), bytes(1, 9, 3, 4, 5));
});

onEachDisk("a gap before what is written reads as zeros", (disk, folder) => {
  const file = disk.openSync(`${folder}/a`, "create");
  file.writeSync(200_000, bytes(7));
  const into = new Uint8Array(200_001).fill(1);
  assertEquals(file.readSync(0, into), 200_001);
  const expected = new Uint8Array(200_001);
  expected[200_000] = 7;
  assertEquals(into, expected);
  file.close();
});

onEachDisk("megabytes come back as written, from any position, waiting or not", async (disk, folder) => {
  const content = pattern(3_000_000);
  const file = disk.openSync(`${folder}/a`, "create");
  for (let at = 0; at < content.length; at += 70_001) file.writeSync(at, content.subarray(at, at + 70_001));
  for (const [position, length] of [[0, 1], [65_535, 2], [1_000_003, 1_500_000], [2_999_990, 10]]) {
    const into = new Uint8Array(length);
    assertEquals(file.readSync(position, into), length);
    assertEquals(into, content.slice(position, position + length));
    into.fill(0);
    assertEquals(await file.read(position, into), length);
    assertEquals(into, content.slice(position, position + length));
  }
  file.close();
});

onEachDisk("a read gives fewer bytes only at the end of the file", async (disk, folder) => {
  const file = disk.openSync(`${folder}/a`, "create");
  file.writeSync(0, bytes(1, 2, 3));
  const into = new Uint8Array(10);
  assertEquals(file.readSync(1, into), 2);
  assertEquals(into.slice(0, 2), bytes(2, 3));
  assertEquals(await file.read(2, into), 1);
  assertEquals(file.readSync(3, into), 0);
  assertEquals(await file.read(50, into), 0);
  file.close();
});

onEachDisk("reads that wait race neither with each other nor with writes", async (disk, folder) => {
  const content = pattern(100_000);
  const file = disk.openSync(`${folder}/a`, "create");
  file.writeSync(0, content);
  const pending = [];
  for (let index = 0; index < 200; index++) {
    const at = (index * 7919) % 99_000;
    const into = new Uint8Array(100);
    pending.push(file.read(at, into).then(() => assertEquals(into, content.slice(at, at + 100))));
    file.writeSync(100_000 + index, bytes(index));
    const back = new Uint8Array(1);
    file.readSync(100_000 + index, back);
    assertEquals(back, bytes(index));
  }
  await Promise.all(pending);
  assertEquals(file.sizeSync(), 100_200);
  file.close();
});

onEachDisk("writes go on while a sync is under way", async (disk, folder) => {
  const file = disk.openSync(`${folder}/a`, "create");
  file.writeSync(0, new Uint8Array(1 << 22));
  const synced = file.sync();
  for (let index = 0; index < 100; index++) file.writeSync((1 << 22) + index, bytes(index));
  const again = file.sync();
  await Promise.all([synced, again]);
  assertEquals(file.sizeSync(), (1 << 22) + 100);
  file.close();
});

onEachDisk("truncating cuts, and lengthens with zeros what was cut before", (disk, folder) => {
  const file = disk.openSync(`${folder}/a`, "create");
  file.writeSync(0, new Uint8Array(150_000).fill(5));
  file.truncateSync(70_000);
  assertEquals(file.sizeSync(), 70_000);
  file.truncateSync(140_000);
  const into = new Uint8Array(140_000);
  assertEquals(file.readSync(0, into), 140_000);
  assertEquals(into.subarray(0, 70_000).every((byte) => byte === 5), true);
  assertEquals(into.subarray(70_000).every((byte) => byte === 0), true);
  file.truncateSync(0);
  file.writeSync(2, bytes(1));
  assertEquals(readAll(disk, `${folder}/a`), bytes(0, 0, 1));
  file.close();
});

onEachDisk("each mode of opening does its own", (disk, folder) => {
  const path = `${folder}/a`;
  assertFails("not-found", () => disk.openSync(path, "read"));
  assertFails("not-found", () => disk.openSync(path, "write"));
  assertFails("not-found", () => disk.openSync(`${folder}/none/a`, "create"));
  const created = disk.openSync(path, "create");
  created.writeSync(0, bytes(1, 2));
  created.close();
  disk.openSync(path, "create").close();
  disk.openSync(path, "write").close();
  assertEquals(readAll(disk, path), bytes(1, 2));
  disk.openSync(path, "truncate").close();
  assertEquals(readAll(disk, path), bytes());
});

onEachDisk("a file opened for reading refuses writes and knows its size", async (disk, folder) => {
  const path = `${folder}/a`;
  disk.openSync(path, "create").close();
  const file = disk.openSync(path, "read");
  assertFails("io", () => file.writeSync(0, bytes(1)));
  assertFails("io", () => file.truncateSync(1));
  assertEquals(file.sizeSync(), 0);
  await file.sync();
  file.close();
});

onEachDisk("a closed file fails with a disk error and nothing else", async (disk, folder) => {
  const file = disk.openSync(`${folder}/a`, "create");
  file.close();
  file.close();
  assertFails("io", () => file.writeSync(0, bytes(1)));
  assertFails("io", () => file.readSync(0, new Uint8Array(1)));
  assertFails("io", () => file.sizeSync());
  await assertRejects(() => file.read(0, new Uint8Array(1)), DiskError);
  await assertRejects(() => file.sync(), DiskError);
});

onEachDisk("an open file outlives its name", async (disk, folder) => {
  const file = disk.openSync(`${folder}/a`, "create");
  file.writeSync(0, bytes(1));
  const into = new Uint8Array(1);
  await file.read(0, into);
  disk.renameSync(`${folder}/a`, `${folder}/b`);
  file.writeSync(1, bytes(2));
  assertEquals(readAll(disk, `${folder}/b`), bytes(1, 2));
  disk.removeSync(`${folder}/b`);
  file.writeSync(2, bytes(3));
  assertEquals(file.sizeSync(), 3);
  assertEquals(await file.read(2, into), 1);
  assertEquals(into, bytes(3));
  file.close();
});

onEachDisk("a folder lists its names in order", (disk, folder) => {
  for (const name of ["b", "a.10", "a.9", "Z"]) disk.openSync(`${folder}/${name}`, "create").close();
  disk.makeFolderSync(`${folder}/c/d`);
  disk.makeFolderSync(`${folder}/c/d`);
  assertEquals(disk.listSync(folder), [
    { name: "Z", isFolder: false },
    { name: "a.10", isFolder: false },
    { name: "a.9", isFolder: false },
    { name: "b", isFolder: false },
    { name: "c", isFolder: true },
  ]);
  assertEquals(disk.listSync(`${folder}/c`), [{ name: "d", isFolder: true }]);
  assertEquals(disk.listSync(`${folder}/c/d`), []);
  assertFails("not-found", () => disk.listSync(`${folder}/none`));
  assertFails("io", () => disk.listSync(`${folder}/b`));
});

onEachDisk("what has a path is told, and what has none is null", (disk, folder) => {
  const file = disk.openSync(`${folder}/a`, "create");
  file.writeSync(0, bytes(1, 2, 3));
  file.close();
  const stat = disk.statSync(`${folder}/a`);
  assertEquals([stat?.isFolder, stat?.size], [false, 3]);
  assert(stat !== null && stat.modifiedMs > 1_600_000_000_000);
  assertEquals(disk.statSync(folder)?.isFolder, true);
  assertEquals(disk.statSync(folder)?.size, 0);
  assertEquals(disk.statSync(`${folder}/none`), null);
  assertEquals(disk.statSync(`${folder}/none/none`), null);
});

onEachDisk(
  "a renamed file takes the place of another, and a folder moves with all that it contains",
  (disk, folder) => {
    for (const [name, byte] of [["a", 1], ["b", 2]] as const) {
      const file = disk.openSync(`${folder}/${name}`, "create");
      file.writeSync(0, bytes(byte));
      file.close();
    }
    disk.renameSync(`${folder}/a`, `${folder}/b`);
    assertEquals(readAll(disk, `${folder}/b`), bytes(1));
    assertEquals(disk.statSync(`${folder}/a`), null);
    disk.makeFolderSync(`${folder}/from`);
    disk.openSync(`${folder}/from/x`, "create").close();
    disk.renameSync(`${folder}/from`, `${folder}/to`);
    assertEquals(disk.listSync(folder).map((entry) => entry.name), ["b", "to"]);
    assertEquals(disk.listSync(`${folder}/to`).map((entry) => entry.name), ["x"]);
    assertFails("not-found", () => disk.renameSync(`${folder}/none`, `${folder}/c`));
  },
);

onEachDisk("removing takes a file, a folder with its content, or nothing", (disk, folder) => {
  disk.makeFolderSync(`${folder}/a/b`);
  disk.openSync(`${folder}/a/b/c`, "create").close();
  disk.openSync(`${folder}/d`, "create").close();
  disk.removeSync(`${folder}/a`);
  disk.removeSync(`${folder}/d`);
  disk.removeSync(`${folder}/d`);
  disk.removeSync(`${folder}/none/none`);
  assertEquals(disk.listSync(folder), []);
});

onEachDisk("a folder cannot be where a file is", (disk, folder) => {
  disk.openSync(`${folder}/a`, "create").close();
  assertFails("exists", () => disk.makeFolderSync(`${folder}/a`));
  assertFails("io", () => disk.openSync(folder, "write"));
});

onEachDisk("the names in a folder can be synced", async (disk, folder) => {
  disk.openSync(`${folder}/a`, "create").close();
  await disk.syncFolder(folder);
  const error = await assertRejects(() => disk.syncFolder(`${folder}/none`), DiskError);
  assertEquals(error.kind, "not-found");
});

onEachDisk("a lock is had by one at a time", (disk, folder) => {
  const lock = disk.lockSync(`${folder}/.lock`);
  const error = assertFails("locked", () => disk.lockSync(`${folder}/.lock`));
  assertStringIncludes(error.message, `${folder}/.lock`);
  lock.release();
  const second = disk.lockSync(`${folder}/.lock`);
  lock.release();
  assertFails("locked", () => disk.lockSync(`${folder}/.lock`));
  second.release();
  assertEquals(disk.listSync(folder), [{ name: ".lock", isFolder: false }]);
  assertEquals(disk.statSync(`${folder}/.lock`)?.size, 0);
});

onEachDisk("the volume has room, or is not known", (disk, folder) => {
  const volume = disk.volumeSync(folder);
  assert(volume === null || (volume.freeBytes >= 0 && volume.freeBytes <= volume.totalBytes && volume.totalBytes > 0));
});

onEachDisk("an error names the operation and the path", (disk, folder) => {
  const error = assertFails("not-found", () => disk.openSync(`${folder}/none`, "read"));
  assertEquals(error.path, `${folder}/none`);
  assertStringIncludes(error.message, `Cannot open ${folder}/none: `);
});

Deno.test("real disk: a folder that thousands want synced at once is opened once at a time", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-disk-" });
  try {
    const disk = new DenoDisk();
    const before = Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/fd")].length : 0;
    const syncs = Array.from({ length: 5000 }, () => disk.syncFolder(folder));
    if (Deno.build.os === "linux") assert([...Deno.readDirSync("/proc/self/fd")].length < before + 50);
    await Promise.all(syncs);
    await disk.syncFolder(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({
  name: "real disk: a full device is told as such",
  ignore: Deno.build.os !== "linux",
  fn() {
    const file = new DenoDisk().openSync("/dev/full", "write");
    assertFails("no-space", () => file.writeSync(0, bytes(1)));
    file.close();
  },
});

Deno.test("real disk: a lock that another process holds is refused, and ends when that process is killed", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-lock-" });
  const disk = new DenoDisk();
  const program = `
    import { DenoDisk } from ${JSON.stringify(new URL("../../lib/shell/disk.ts", import.meta.url).href)};
    new DenoDisk().lockSync(${JSON.stringify(`${folder}/.lock`)});
    console.log("locked");
    setInterval(() => {}, 1000);
  `;
  Deno.writeTextFileSync(`${folder}/holder.ts`, program);
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-config", "--allow-read", "--allow-write", `${folder}/holder.ts`],
    stdout: "piped",
  }).spawn();
  const output = holder.stdout.getReader();
  assertEquals(new TextDecoder().decode((await output.read()).value), "locked\n");
  assertFails("locked", () => disk.lockSync(`${folder}/.lock`));
  holder.kill("SIGKILL");
  await holder.status;
  await output.cancel();
  disk.lockSync(`${folder}/.lock`).release();
  Deno.removeSync(folder, { recursive: true });
});
