/**
 * Fetch answers, decoded and held against the history.
 *
 * @module
 */
import type { FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { batchesOf, RecordBatch, recordsOf } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { type ReadBatch, Violation } from "./history.ts";

export type FetchedPartition = FetchResponse["responses"][number]["partitions"][number];

const TEXT = new TextDecoder();

/** The batches of an answer. The last one may have been cut by a limit: it is left out, as clients do. */
export function batchesIn(records: Uint8Array | null): ReadBatch[] {
  const read: ReadBatch[] = [];
  for (const batch of batchesOf(records ?? new Uint8Array(0))) {
    if (!(batch instanceof RecordBatch)) {
      throw new Violation("a batch of an old format was read, which nobody has sent");
    }
    const records = [...recordsOf(batch, runtimeCompressor)];
    read.push({ batch, records: records.map((record) => ({ record, value: TEXT.decode(record.key!) })) });
  }
  return read;
}
