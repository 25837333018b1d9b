/**
 * A file that batches are appended to, as a segment is, but which begins anew when it is full, so that the prototype does not fill a disk.
 *
 * @module
 */
const MOST_BYTES = 256 << 20;

export interface BatchFile {
  append(batch: Uint8Array): void;
}

/** Opens an empty file. */
export function openBatchFile(path: string): BatchFile {
  const file = Deno.openSync(path, { create: true, write: true, truncate: true });
  let position = 0;
  return {
    append(batch) {
      if (position + batch.length > MOST_BYTES) {
        // Its pages are given back, so that each append takes new ones, as on a segment.
        file.truncateSync(0);
        file.seekSync(0, Deno.SeekMode.Start);
        position = 0;
      }
      for (let written = 0; written < batch.length;) written += file.writeSync(batch.subarray(written));
      position += batch.length;
    },
  };
}
