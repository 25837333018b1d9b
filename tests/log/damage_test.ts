import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readFileSync, writeFileSync } from "../../lib/log/checkpoint_files.ts";
import { DecodeError } from "../../lib/bytes/mod.ts";
import type { FileLog } from "../../lib/log/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { BATCH_HEADER_BYTES, FIELD_AT } from "../../lib/records/mod.ts";
import { append, batchOf, NOW, readAll, recordsIn, World } from "./support.ts";

const ALL = { maxBytes: 1_000_000, atLeastOneBatch: true, isolationLevel: "read-uncommitted" } as const;
const SETTINGS = { tailCacheBytes: 0 };
/** A segment that is closed, with five batches of one record, from offset 5 on. */
const CLOSED = "/data/t-0/00000000000000000005.log";
const BATCH_BYTES = 100;

async function world(): Promise<{ world: World; log: FileLog }> {
  const world = new World();
  const log = world.create({ segmentBytes: 5 * BATCH_BYTES }, SETTINGS);
  while (log.logEndOffset < 12) {
    const start = batchOf([""], { timestamp: NOW }).length;
    const value = String(log.logEndOffset).padEnd(BATCH_BYTES - start, ".");
    await append(log, batchOf([value], { timestamp: NOW + log.logEndOffset }));
  }
  assertEquals(readFileSync(world.disk, CLOSED)!.length, 5 * BATCH_BYTES);
  return { world, log };
}

function flip(world: World, position: number, bit: number): void {
  const bytes = readFileSync(world.disk, CLOSED)!;
  bytes[position] ^= 1 << bit;
  writeFileSync(world.disk, CLOSED, bytes);
}

Deno.test("a flipped bit is told with file and position, and nobody gets the batch, whichever bit it is", async () => {
  const { world: disk, log } = await world();
  const sound = await readAll(log);
  const batchStart = 2 * BATCH_BYTES;
  for (let at = FIELD_AT.length; at < BATCH_BYTES; at++) {
    // A broker sets the leader epoch in place: the checksum does not cover it.
    if (at >= FIELD_AT.partitionLeaderEpoch && at < FIELD_AT.magic) continue;
    for (let bit = 0; bit < 8; bit++) {
      flip(disk, batchStart + at, bit);
      const toldBefore = disk.warnings.length;
      const before = await log.read(5, ALL);
      assertEquals(recordsIn(before.records), sound.slice(5, 7), `what comes before, byte ${at}, bit ${bit}`);
      const { errorCode, records } = await log.read(7, ALL);
      assertEquals([errorCode, records.length], [ErrorCode.CORRUPT_MESSAGE, 0], `byte ${at}, bit ${bit}`);
      await log.read(7, ALL);
      assert(disk.warnings.length <= toldBefore + 1, `told twice, byte ${at}, bit ${bit}`);
      assertStringIncludes(disk.warnings.at(-1)!, `${CLOSED})`);
      assertEquals(recordsIn((await log.read(0, ALL)).records).slice(0, 5), sound.slice(0, 5));
      assertEquals((await log.read(10, ALL)).errorCode, ErrorCode.NONE);
      flip(disk, batchStart + at, bit);
    }
  }
  assertEquals(await readAll(log), sound, "all is well again");
});

Deno.test("the position that is told is where the damaged batch starts", async () => {
  const { world: disk, log } = await world();
  flip(disk, 3 * BATCH_BYTES + BATCH_HEADER_BYTES + 5, 0);
  assertEquals((await log.read(8, ALL)).errorCode, ErrorCode.CORRUPT_MESSAGE);
  assertStringIncludes(disk.warnings[0], `The checksum of a batch is wrong (at byte ${3 * BATCH_BYTES}, in ${CLOSED})`);
  assertEquals(recordsIn((await log.read(9, ALL)).records)[0][0], 9);
});

Deno.test("a search by time does not answer from a damaged batch", async () => {
  const { world: disk, log } = await world();
  flip(disk, 3 * BATCH_BYTES + BATCH_HEADER_BYTES + 5, 0);
  await assertRejects(() => log.offsetForTimestamp(NOW + 8), DecodeError, CLOSED);
  assertEquals((await log.offsetForTimestamp(NOW + 9)).offset, 9);
  assert(disk.warnings[0].includes(CLOSED));
});

Deno.test("a file that has become shorter is told, and does not hold up its readers", async () => {
  const { world: disk, log } = await world();
  writeFileSync(disk.disk, CLOSED, readFileSync(disk.disk, CLOSED)!.subarray(0, 250));
  assertEquals((await log.read(8, ALL)).errorCode, ErrorCode.CORRUPT_MESSAGE);
  assertStringIncludes(disk.warnings[0], CLOSED);
  assertEquals((await log.read(10, ALL)).errorCode, ErrorCode.NONE);
});
