/**
 * Reading as `read_committed` consumers do: up to the last stable offset, without the records of aborted transactions,
 * of which the answer says where they begin.
 *
 * @module
 */
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { ControlRecordType } from "../../lib/protocol/records/producer.ts";
import { batchesOf, controlRecordTypeOf, RecordBatch, recordsOf } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import type { SimClient } from "./client.ts";
import { Violation } from "./history.ts";
import type { Draw } from "./random.ts";
import type { FetchedPartition } from "./reading.ts";
import { idOf } from "./records.ts";
import type { TransactionHistory } from "./transaction_history.ts";

/** A partition of a topic that transactions write to. */
export interface TransactionalPartition {
  readonly topic: string;
  readonly index: number;
}

/** What a reader has got. */
export interface CommittedRecords {
  /** By offset, the ids of the records that are committed. */
  readonly records: ReadonlyMap<number, string>;
  /** Where to read on. */
  readonly nextOffset: number;
  readonly highWatermark: number;
}

const VERSIONS = [4, 7, 11, 12];
const READ_COMMITTED = 1;

export function partitionName({ topic, index }: TransactionalPartition): string {
  return `${topic}-${index}`;
}

/** Reads from an offset on, and tells the history; null where nothing is to be had now. */
export async function readCommitted(
  client: SimClient,
  draw: Draw,
  history: TransactionHistory,
  partition: TransactionalPartition,
  offset: number,
): Promise<CommittedRecords | null> {
  const name = partitionName(partition);
  const known = history.lastStableOffset(name);
  const fetched = await fetch(client, draw, partition, offset);
  if (fetched === null) return null;
  if (fetched.errorCode !== ErrorCode.NONE) {
    if (RETRIABLE.has(fetched.errorCode)) return null;
    throw new Violation(`${name} from ${offset}: ${errorName(fetched.errorCode)}`);
  }
  const highWatermark = Number(fetched.highWatermark);
  const lastStableOffset = Number(fetched.lastStableOffset);
  if (lastStableOffset > highWatermark) throw new Violation(`${name}: last stable offset beyond the high watermark`);
  const { records, nextOffset } = committedIn(fetched, offset);
  if (nextOffset > Math.max(lastStableOffset, offset)) {
    throw new Violation(`${name}: offsets before ${nextOffset} were shown, and ${lastStableOffset} is the last stable`);
  }
  history.noteRead(name, { from: offset, to: nextOffset, lastStableOffset, known }, records);
  return { records, nextOffset, highWatermark };
}

async function fetch(
  client: SimClient,
  draw: Draw,
  { topic, index }: TransactionalPartition,
  offset: number,
): Promise<FetchedPartition | null> {
  const answer = await client.ask(FetchRequest, FetchResponse, draw.pick(VERSIONS), {
    maxWaitMs: draw.pick([0, 20, 200]),
    minBytes: draw.pick([0, 1]),
    isolationLevel: READ_COMMITTED,
    topics: [{
      topic,
      partitions: [{ partition: index, fetchOffset: offset, partitionMaxBytes: draw.pick([1, 500, 1 << 20]) }],
    }],
  });
  return answer?.responses[0]?.partitions[0] ?? null;
}

function committedIn({ records, abortedTransactions }: FetchedPartition, fromOffset: number) {
  const committed = new Map<number, string>();
  const toAbort = [...abortedTransactions ?? []].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const aborted = new Set<bigint>();
  let nextOffset = fromOffset;
  for (const batch of batchesOf(records ?? new Uint8Array(0))) {
    if (!(batch instanceof RecordBatch)) throw new Violation("a batch of an old format was read, which nobody sent");
    while (toAbort.length > 0 && toAbort[0].firstOffset <= BigInt(batch.lastOffset)) {
      aborted.add(toAbort.shift()!.producerId);
    }
    if (batch.isControl) {
      for (const record of recordsOf(batch, runtimeCompressor)) {
        if (controlRecordTypeOf(record) === ControlRecordType.ABORT) aborted.delete(batch.producerId);
      }
    } else if (!batch.isTransactional || !aborted.has(batch.producerId)) {
      for (const record of recordsOf(batch, runtimeCompressor)) {
        const id = idOf(record);
        if (id === undefined) throw new Violation(`the record at offset ${record.offset} was sent by nobody here`);
        if (record.offset >= fromOffset) committed.set(record.offset, id);
      }
    }
    nextOffset = batch.nextOffset;
  }
  return { records: committed, nextOffset };
}

const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.LEADER_NOT_AVAILABLE,
]);
