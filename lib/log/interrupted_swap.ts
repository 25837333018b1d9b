/**
 * Finishing what a crash interrupted: the cleaner writes new segments as `.cleaned`, renames them to `.swap` when they
 * are whole, removes the segments that they take the place of, and renames them again. From the first renaming on the
 * new ones count.
 *
 * @module
 */
import { CorruptBatchError } from "../records/mod.ts";
import type { LogContext } from "./log_context.ts";
import { CLEANED_SUFFIX, DELETED_SUFFIX, LOG_SUFFIX, type LogFolder, SWAP_SUFFIX } from "./log_folder.ts";
import { scanBatches } from "./segment_reader.ts";

/** Snapshots of the metadata log that are being removed; they belong to the metadata. */
const METADATA_SNAPSHOT_DELETED_SUFFIX = ".checkpoint.deleted";

/** Brings a folder to a state in which only whole segments are there. */
export async function finishInterruptedWork(context: LogContext, folder: LogFolder): Promise<void> {
  const names = context.disk.listSync(folder.path).map(({ name }) => name);
  const cleaned = names.filter((name) => name.endsWith(CLEANED_SUFFIX));
  const firstCleaned = Math.min(...cleaned.map(offsetIn));
  // Swapped-in segments at or after one that is not whole yet come from a segment that was being split: the old one
  // still counts.
  const isSwapValid = (name: string) => offsetIn(name) < firstCleaned;
  const swaps = names.filter((name) => name.endsWith(SWAP_SUFFIX));
  const removable = names.filter((name) =>
    name.endsWith(DELETED_SUFFIX) && !name.endsWith(METADATA_SNAPSHOT_DELETED_SUFFIX)
  );
  for (const name of [...removable, ...cleaned, ...swaps.filter((name) => !isSwapValid(name))]) {
    context.disk.removeSync(folder.file(name));
  }
  const valid = swaps.filter(isSwapValid);
  if (valid.length > 0) await swapIn(context, folder, valid, names);
}

async function swapIn(context: LogContext, folder: LogFolder, swaps: string[], names: string[]): Promise<void> {
  let first = Infinity;
  let end = -Infinity;
  for (const name of swaps.filter((name) => name.endsWith(LOG_SUFFIX + SWAP_SUFFIX))) {
    first = Math.min(first, offsetIn(name));
    end = Math.max(end, await endOffsetOf(context, folder.file(name)));
  }
  const replaced = names.filter((name) =>
    /^\d{20}\.\w+$/.test(name) && offsetIn(name) >= first && offsetIn(name) < end
  );
  for (const name of replaced) context.disk.removeSync(folder.file(name));
  // A power cut must not bring one of these back beside what takes its place.
  await context.disk.syncFolder(folder.path);
  for (const name of swaps) {
    context.disk.renameSync(folder.file(name), folder.file(name.slice(0, -SWAP_SUFFIX.length)));
  }
  const what = first === Infinity ? "the indexes" : `offsets ${first} to ${end - 1}`;
  context.logger.warn(`Finished an interrupted cleaning of ${folder.path}: ${what} are swapped in`);
}

async function endOffsetOf(context: LogContext, path: string): Promise<number> {
  const file = context.disk.openSync(path, "read");
  let end = offsetIn(path.slice(path.lastIndexOf("/") + 1));
  try {
    for await (const { batch } of scanBatches(file, 0, file.sizeSync())) end = batch.nextOffset;
  } catch (error) {
    if (!(error instanceof CorruptBatchError)) throw error;
  } finally {
    file.close();
  }
  return end;
}

/** The offset that a file name begins with. */
function offsetIn(name: string): number {
  return Number(name.slice(0, 20));
}
