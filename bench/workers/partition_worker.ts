/**
 * The worker of the prototype in `main.ts`: it owns some partitions, does for a batch what an append costs most in (checksum, write to the page
 * cache), and gives the memory of the batch back.
 *
 * @module
 */
import { crc32c } from "../../lib/bytes/crc32c.ts";
import { type BatchFile, openBatchFile } from "./batch_file.ts";

/** From the loop to the worker; the memory of the batches moves, it is not copied. */
export interface ToWorker {
  readonly path: string;
  readonly batches: readonly Uint8Array<ArrayBuffer>[];
}

/** From the worker to the loop. */
export interface FromWorker {
  readonly checksums: readonly number[];
  readonly batches: readonly Uint8Array<ArrayBuffer>[];
}

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}

const files = new Map<string, BatchFile>();
const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { path, batches } }) => {
  let file = files.get(path);
  if (file === undefined) files.set(path, file = openBatchFile(path));
  const checksums = batches.map((batch) => {
    file.append(batch);
    return crc32c(batch);
  });
  scope.postMessage({ checksums, batches }, batches.map(({ buffer }) => buffer));
};
