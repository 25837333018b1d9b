/**
 * Fetch answers, decoded and held against the history.
 *
 * @module
 */
import type { FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { batchesOf, RecordBatch, recordsOf } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { Violation } from "./history.ts";
import { idOf, type ReadBatch } from "./records.ts";

export type FetchedPartition = FetchResponse["responses"][number]["partitions"][number];

/** The batches of an answer. The last one may have been cut by a limit: it is left out, as clients do. */
export function batchesIn(records: Uint8Array | null): ReadBatch[] {
  const read: ReadBatch[] = [];
  for (const batch of batchesOf(records ?? new Uint8Array(0))) {
    if (!(batch instanceof RecordBatch)) {
      throw new Violation("a batch of an old format was read, which nobody has sent");
    }
    const records = [...recordsOf(batch, runtimeCompressor)];
    read.push({ batch, records: records.map((record) => ({ record, id: idOf(record) ?? noId(record.offset) })) });
  }
  return read;
}

function noId(offset: number): never {
  throw new Violation(`the record at offset ${offset} was sent by nobody here`);
}
