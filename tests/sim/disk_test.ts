/** What the simulated disk keeps, and what it may lose: the ground on which the worlds stand. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DiskError } from "../../lib/ports.ts";
import { SimDisk } from "./disk.ts";
import { Draw } from "./random.ts";

function diskOf(seed: number): SimDisk {
  return new SimDisk({
    clock: { now: () => 0 },
    draw: new Draw(seed),
    sleep: () => Promise.resolve(),
    trace: () => {},
  });
}

function write(disk: SimDisk, path: string, text: string): void {
  const file = disk.openSync(path, "create");
  file.writeSync(file.sizeSync(), new TextEncoder().encode(text));
  file.close();
}

async function sync(disk: SimDisk, path: string): Promise<void> {
  const file = disk.openSync(path, "write");
  await file.sync();
  file.close();
}

/** The text of a file; null where there is none. */
function read(disk: SimDisk, path: string): string | null {
  if (disk.statSync(path) === null) return null;
  const file = disk.openSync(path, "read");
  const bytes = new Uint8Array(file.sizeSync());
  file.readSync(0, bytes);
  file.close();
  return new TextDecoder().decode(bytes);
}

/** All that a file may be after a power cut, over many seeds. */
async function outcomes(path: string, prepare: (disk: SimDisk) => Promise<void>): Promise<Set<string | null>> {
  const found = new Set<string | null>();
  for (let seed = 1; seed <= 200; seed++) {
    const disk = diskOf(seed);
    await prepare(disk);
    disk.cutPower();
    found.add(read(disk, path));
  }
  return found;
}

Deno.test("a file survives a power cut when its bytes and its name were synced", async () => {
  const found = await outcomes("/a/f", async (disk) => {
    disk.makeFolderSync("/a");
    await disk.syncFolder("/");
    write(disk, "/a/f", "kept");
    await sync(disk, "/a/f");
    await disk.syncFolder("/a");
  });
  assertEquals(found, new Set(["kept"]));
});

Deno.test("a synced file whose name was not may be gone, and so may one in a folder whose name was not", async () => {
  const withoutName = await outcomes("/f", async (disk) => {
    write(disk, "/f", "bytes");
    await sync(disk, "/f");
  });
  assertEquals(withoutName, new Set(["bytes", null]));
  const withoutFolder = await outcomes("/a/f", async (disk) => {
    disk.makeFolderSync("/a");
    write(disk, "/a/f", "bytes");
    await sync(disk, "/a/f");
    await disk.syncFolder("/a");
  });
  assertEquals(withoutFolder, new Set(["bytes", null]));
});

Deno.test("what was written since the last sync may be there, gone or torn; what was synced is there", async () => {
  const found = await outcomes("/f", async (disk) => {
    write(disk, "/f", "old");
    await sync(disk, "/f");
    await disk.syncFolder("/");
    write(disk, "/f", "new");
  });
  assertEquals(found, new Set(["old", "oldn", "oldne", "oldnew"]));
});

Deno.test("later writes may survive without earlier ones: the gap reads as zeros", async () => {
  const found = await outcomes("/f", async (disk) => {
    write(disk, "/f", "");
    await disk.syncFolder("/");
    write(disk, "/f", "a");
    write(disk, "/f", "b");
  });
  assert(found.has("\0b"));
});

Deno.test("a sync covers what was written before it began, and nothing after", async () => {
  const found = await outcomes("/f", async (disk) => {
    write(disk, "/f", "1");
    await disk.syncFolder("/");
    const file = disk.openSync("/f", "write");
    const synced = file.sync();
    file.writeSync(1, new Uint8Array([50]));
    await synced;
  });
  assertEquals(found, new Set(["1", "12"]));
});

Deno.test("of two syncs at the same time, the one that ends last takes nothing back", async () => {
  const found = await outcomes("/f", async (disk) => {
    write(disk, "/f", "old");
    await disk.syncFolder("/");
    const waits: (() => void)[] = [];
    disk.world.sleep = () => new Promise((resolve) => waits.push(resolve));
    const file = disk.openSync("/f", "write");
    const first = file.sync();
    file.writeSync(0, new TextEncoder().encode("new"));
    const second = file.sync();
    waits[1]();
    await second;
    waits[0]();
    await first;
  });
  assertEquals(found, new Set(["new"]));
});

Deno.test("a renaming that was not synced is done or not done, and never half", async () => {
  const found = new Set<string>();
  for (let seed = 1; seed <= 100; seed++) {
    const disk = diskOf(seed);
    write(disk, "/f", "old");
    write(disk, "/f.tmp", "new");
    await Promise.all([sync(disk, "/f"), sync(disk, "/f.tmp")]);
    await disk.syncFolder("/");
    disk.renameSync("/f.tmp", "/f");
    disk.cutPower();
    found.add(`${read(disk, "/f")} ${read(disk, "/f.tmp")}`);
  }
  assertEquals(found, new Set(["old new", "new null"]));
});

Deno.test("the end of a process takes nothing but its locks", () => {
  const disk = diskOf(1);
  write(disk, "/f", "bytes");
  disk.lockSync("/lock");
  assertThrows(() => disk.lockSync("/lock"), DiskError, "another broker");
  disk.endProcesses();
  assertEquals(read(disk, "/f"), "bytes");
  disk.lockSync("/lock").release();
});

Deno.test("after a failed sync no later one of the same process makes up for it", async () => {
  const found = await outcomes("/f", async (disk) => {
    write(disk, "/f", "x");
    await disk.syncFolder("/");
    disk.faults.syncErrors = 1;
    await assertRejects(() => sync(disk, "/f"), DiskError);
    disk.repair();
    await sync(disk, "/f");
  });
  assertEquals(found, new Set(["", "x"]));
});

Deno.test("a full disk writes as much as it has room for, or less, and says so", () => {
  const sizes = new Set<number>();
  for (let seed = 1; seed <= 50; seed++) {
    const disk = diskOf(seed);
    disk.faults.capacityBytes = 3;
    const error = assertThrows(() => write(disk, "/f", "12345"), DiskError);
    assertEquals(error.kind, "no-space");
    sizes.add(disk.statSync("/f")!.size);
  }
  assertEquals([...sizes].sort(), [0, 1, 2, 3]);
});
