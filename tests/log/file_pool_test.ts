import { assertEquals, assertThrows } from "@std/assert";
import { FilePool } from "../../lib/log/file_pool.ts";
import { DiskError, type DiskFile } from "../../lib/ports.ts";
import { MemoryDisk } from "../../lib/shell/memory_disk.ts";

/** A disk that counts its open files, with the files 0 to 9 in `/d`. */
class CountingDisk extends MemoryDisk {
  openCount = 0;

  constructor() {
    super({ now: () => 0 });
    this.makeFolderSync("/d");
    for (let name = 0; name < 10; name++) super.openSync(`/d/${name}`, "create");
  }

  override openSync(path: string, mode: "read" | "write" | "create" | "truncate"): DiskFile {
    const file = super.openSync(path, mode);
    const close = file.close.bind(file);
    this.openCount++;
    file.close = () => {
      this.openCount--;
      close();
    };
    return file;
  }
}

Deno.test("no more files stay open than the pool may have, and those used last stay", () => {
  const disk = new CountingDisk();
  const pool = new FilePool(disk, 3);
  const first = pool.open("/d/0");
  for (let name = 1; name < 10; name++) {
    pool.open(`/d/${name}`);
    assertEquals(pool.open("/d/0"), first);
    assertEquals(disk.openCount <= 3, true);
  }
  pool.closeAll();
  assertEquals([disk.openCount, pool.openCount], [0, 0]);
});

Deno.test("a file that is being read stays open until that is done, however many others are opened", async () => {
  const disk = new CountingDisk();
  const pool = new FilePool(disk, 2);
  let finish = () => {};
  const use = pool.using("/d/0", (file) =>
    new Promise<number>((resolve) => {
      finish = () => resolve(file.sizeSync());
    }));
  for (let name = 1; name < 10; name++) pool.open(`/d/${name}`);
  pool.close("/d/0");
  finish();
  assertEquals(await use, 0);
  assertEquals(disk.openCount, pool.openCount);
});

Deno.test("a folder's files are closed together", () => {
  const disk = new CountingDisk();
  disk.makeFolderSync("/d2");
  const pool = new FilePool(disk, 10);
  pool.open("/d/0");
  pool.open("/d/1");
  pool.create("/d2/x");
  pool.closeFolder("/d");
  assertEquals([disk.openCount, pool.openCount], [1, 1]);
});

Deno.test("a file that is not there is made only where that is asked for", () => {
  const pool = new FilePool(new CountingDisk(), 10);
  assertThrows(() => pool.open("/d/none"), DiskError);
  pool.create("/d/none");
  pool.open("/d/none");
});
