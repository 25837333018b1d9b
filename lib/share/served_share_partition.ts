/**
 * A share partition that is served: its state machine, bound to the log that its records lie in, to the share coordinator
 * that keeps what became of them, and to a clock.
 *
 * What a member says of records is answered once the coordinator has it on the disk. Where it cannot be written now, it is
 * tried again; where it cannot be at all, it is undone.
 *
 * @module
 */
import { toNumberClamped } from "../bytes/mod.ts";
import type { ShareCoordinator, SharePartitionKey, StateResult } from "../coordinator/share/mod.ts";
import { type IsolationLevel, type PartitionLog, readErrorOf, type ReadResult } from "../log/mod.ts";
import type { Clock, Compressor, Timer, Timers } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { type Batch, batchesOf, firstOffsetOf } from "../records/mod.ts";
import { abortedBatches } from "./aborted_batches.ts";
import type { Acknowledgement } from "./acknowledge.ts";
import type { AcquiredRecords, Acquisition, FetchedBatch } from "./acquire.ts";
import { RecordState } from "./record_state.ts";
import { type Refusal, SharePartition, type StateBatch, type StateWrite } from "./share_partition.ts";
import { Watchers } from "./watchers.ts";

/** The settings of a share group, in force now. */
export interface ShareGroupSettings {
  readonly maxInFlightRecords: number;
  readonly maxDeliveryCount: number;
  readonly recordLockDurationMs: number;
  readonly isRenewEnabled: boolean;
  readonly isolationLevel: IsolationLevel;
  /** `latest`, `earliest`, or how many milliseconds back. */
  readonly offsetReset: "latest" | "earliest" | { readonly durationMs: number };
}

/** What a share partition works with. */
export interface ServedSharePartitionPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly compressor: Compressor;
  readonly coordinator: ShareCoordinator;
  readonly settings: (groupId: string) => ShareGroupSettings;
}

/** What was read of the log, and not given to anybody yet. */
export interface ShareRead {
  readonly fetchOffset: number;
  /** NONE, KAFKA_STORAGE_ERROR, CORRUPT_MESSAGE, or UNSUPPORTED_COMPRESSION_TYPE. */
  readonly errorCode: ErrorCode;
  readonly bytes: Uint8Array;
  readonly batches: readonly ReadBatch[];
  /** Batches of aborted transactions, for a group that reads committed records. */
  readonly aborted: readonly FetchedBatch[];
}

/** A batch that was read. */
interface ReadBatch extends FetchedBatch {
  readonly sizeInBytes: number;
}

/** What a member has got: record batches that contain the acquired records. */
export interface ShareRecords {
  readonly bytes: Uint8Array;
  readonly acquired: readonly AcquiredRecords[];
}

/** How often a write that could not be done is tried again, and after how long the first time. */
const WRITE_RETRIES = 4;
const FIRST_RETRY_MS = 100;

export class ServedSharePartition {
  readonly key: SharePartitionKey;
  readonly log: PartitionLog;
  readonly #partition: SharePartition;
  readonly #stateEpoch: number;
  readonly #leaderEpoch: number;
  readonly #ports: ServedSharePartitionPorts;
  readonly #watchers = new Watchers();
  #timer: { readonly atMs: number; readonly timer: Timer } | null = null;
  #isFetching = false;
  #isClosed = false;

  private constructor(
    key: SharePartitionKey,
    log: PartitionLog,
    partition: SharePartition,
    epochs: { readonly stateEpoch: number; readonly leaderEpoch: number },
    ports: ServedSharePartitionPorts,
  ) {
    this.key = key;
    this.log = log;
    this.#partition = partition;
    this.#stateEpoch = epochs.stateEpoch;
    this.#leaderEpoch = epochs.leaderEpoch;
    this.#ports = ports;
  }

  /** Reads what is kept of the share partition. Resolves to why it cannot be served where that is so. */
  static async open(
    key: SharePartitionKey,
    log: PartitionLog,
    ports: ServedSharePartitionPorts,
  ): Promise<ServedSharePartition | Refusal> {
    const { leaderEpoch } = log;
    const read = await ports.coordinator.read(key, leaderEpoch);
    if (read.errorCode !== undefined && read.errorCode !== ErrorCode.NONE) return coordinatorRefusal(read);
    const kept = toNumberClamped(BigInt(read.startOffset!));
    const settings = () => ports.settings(key.groupId);
    let startOffset = kept;
    try {
      if (kept === UNINITIALIZED_START_OFFSET) startOffset = await resetOffset(log, settings(), ports.clock);
    } catch (error) {
      return { errorCode: readErrorOf(error), errorMessage: "The offset to begin at cannot be found." };
    }
    const partition = new SharePartition(startOffset, read.stateBatches!.map(stateBatchOf), settings);
    return new ServedSharePartition(key, log, partition, { stateEpoch: read.stateEpoch!, leaderEpoch }, ports);
  }

  /** False while a fetch reads the log for it, and while as many records are out as may be. */
  get canFetch(): boolean {
    return !this.#isClosed && !this.#isFetching && this.#partition.canAcquire;
  }

  /** Whether it was closed: it must be opened anew. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Reads from where there is something to give. Until {@linkcode ServedSharePartition.acquire} or
   * {@linkcode ServedSharePartition.abandonRead} is called, nobody else reads.
   */
  async read(maxBytes: number, atLeastOneBatch: boolean): Promise<ShareRead> {
    this.#isFetching = true;
    this.#partition.moveStartOffset(this.log.logStartOffset);
    const fetchOffset = this.#partition.nextFetchOffset;
    const { isolationLevel } = this.#ports.settings(this.key.groupId);
    if (fetchOffset >= this.#readableEnd(isolationLevel)) return nothingRead(fetchOffset, ErrorCode.NONE);
    const result = await this.log.read(fetchOffset, { maxBytes, atLeastOneBatch, isolationLevel });
    // Its beginning was cut off meanwhile; the next read sees where it begins now.
    if (result.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) return nothingRead(fetchOffset, ErrorCode.NONE);
    if (result.errorCode !== ErrorCode.NONE) return nothingRead(fetchOffset, result.errorCode);
    try {
      return { fetchOffset, errorCode: ErrorCode.NONE, ...this.#batchesIn(result) };
    } catch (error) {
      return nothingRead(fetchOffset, readErrorOf(error));
    }
  }

  /** Gives what was read to a member. */
  acquire(read: ShareRead, who: Pick<Acquisition, "memberId" | "mode" | "maxRecords" | "batchSize">): ShareRecords {
    this.#isFetching = false;
    if (this.#isClosed || read.batches.length === 0 || who.maxRecords <= 0) return NO_RECORDS;
    const nowMs = this.#ports.clock.now();
    const { fetchOffset, batches } = read;
    let acquired = this.#partition.acquire({ ...who, fetchOffset, batches, nowMs });
    for (const { baseOffset, lastOffset } of read.aborted) {
      this.#partition.archive(baseOffset, lastOffset, RecordState.ACQUIRED);
      acquired = without(acquired, baseOffset, lastOffset);
    }
    this.#partition.advance();
    this.#arm(nowMs + this.#partition.settings.recordLockDurationMs);
    this.#watchers.notify();
    if (acquired.length === 0) return NO_RECORDS;
    return { bytes: slice(read, acquired), acquired };
  }

  /** Gives what was read to nobody: it is less than was asked for. Who waits for it waits on. */
  abandonRead(): void {
    this.#isFetching = false;
  }

  /** Takes a member's word on records; resolves once that is kept, to null or to why it is not. */
  acknowledge(memberId: string, acknowledgements: readonly Acknowledgement[]): Promise<Refusal | null> {
    const nowMs = this.#ports.clock.now();
    const change = this.#partition.acknowledge(memberId, acknowledgements, nowMs);
    if (change !== null && "errorCode" in change) return Promise.resolve(change);
    // A renewed lock may expire before all others, if the setting has changed.
    this.#arm(nowMs + this.#partition.settings.recordLockDurationMs);
    return change === null ? Promise.resolve(null) : this.#writeChange(change.transition, change);
  }

  /** Takes back all that a member has, whose session has ended; resolves as {@linkcode ServedSharePartition.acknowledge} does. */
  release(memberId: string): Promise<Refusal | null> {
    const change = this.#partition.release(memberId);
    return change === null ? Promise.resolve(null) : this.#writeChange(change.transition, change);
  }

  /** Calls `listener` whenever there may be something to give that was not there, until `stop` is called. */
  watch(listener: () => void): { stop(): void } {
    return this.#watchers.watch(listener);
  }

  /** Nothing is given any more; who waits looks again. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.timer.cancel();
    this.#watchers.notify();
  }

  #batchesIn({ records, abortedTransactions }: ReadResult): Pick<ShareRead, "bytes" | "batches" | "aborted"> {
    const { compressor } = this.#ports;
    const batches = [...batchesOf(records)];
    const extentOf = (batch: Batch) => ({
      baseOffset: firstOffsetOf(batch, compressor),
      lastOffset: batch.lastOffset,
      sizeInBytes: batch.sizeInBytes,
    });
    const aborted = abortedBatches(batches, abortedTransactions ?? [], compressor);
    return { bytes: records, batches: batches.map(extentOf), aborted: aborted.map(extentOf) };
  }

  #readableEnd(isolationLevel: IsolationLevel): number {
    return isolationLevel === "read-committed" ? this.log.lastStableOffset : this.log.highWatermark;
  }

  async #writeChange(
    transition: Parameters<SharePartition["complete"]>[0],
    write: StateWrite,
  ): Promise<Refusal | null> {
    const result = await this.#write(write);
    this.#partition.complete(transition, result.errorCode === ErrorCode.NONE);
    this.#armNext();
    this.#watchers.notify();
    return result.errorCode === ErrorCode.NONE ? null : coordinatorRefusal(result);
  }

  async #write({ startOffset, deliveryCompleteCount, stateBatches }: StateWrite): Promise<StateResult> {
    const written = {
      stateEpoch: this.#stateEpoch,
      leaderEpoch: this.#leaderEpoch,
      startOffset: BigInt(startOffset),
      deliveryCompleteCount,
      stateBatches: stateBatches.map((batch) => ({
        ...batch,
        firstOffset: BigInt(batch.firstOffset),
        lastOffset: BigInt(batch.lastOffset),
      })),
    };
    for (let attempt = 0;; attempt++) {
      const result = await this.#ports.coordinator.write(this.key, written);
      if (attempt === WRITE_RETRIES || this.#isClosed || !isRetriable(result.errorCode)) return result;
      await new Promise<void>((resolve) => this.#ports.timers.after(FIRST_RETRY_MS * 2 ** attempt, resolve));
    }
  }

  /** Sees to it that locks are looked at no later than at that time. */
  #arm(atMs: number): void {
    if (this.#isClosed || atMs === Infinity || (this.#timer !== null && this.#timer.atMs <= atMs)) return;
    this.#timer?.timer.cancel();
    const timer = this.#ports.timers.after(Math.max(0, atMs - this.#ports.clock.now()), () => this.#expire());
    this.#timer = { atMs, timer };
  }

  #armNext(): void {
    if (this.#timer === null) this.#arm(this.#partition.nextExpiryMs);
  }

  #expire(): void {
    this.#timer = null;
    const expired = this.#partition.expireLocks(this.#ports.clock.now());
    this.#armNext();
    if (expired === null) return;
    this.#watchers.notify();
    this.#write(expired).then(() => {
      // Records that were delivered for the last time are done with, whether or not that could be written.
      this.#partition.advance();
      this.#watchers.notify();
    });
  }
}

const UNINITIALIZED_START_OFFSET = -1;
const NO_BYTES = new Uint8Array(0);
const NO_RECORDS: ShareRecords = { bytes: NO_BYTES, acquired: [] };

function nothingRead(fetchOffset: number, errorCode: ErrorCode): ShareRead {
  return { fetchOffset, errorCode, bytes: NO_BYTES, batches: [], aborted: [] };
}

/** Where a group begins that has not read yet. Where nothing is as new as asked for, it is what comes next. */
async function resetOffset(log: PartitionLog, { offsetReset }: ShareGroupSettings, clock: Clock): Promise<number> {
  if (offsetReset === "latest") return log.highWatermark;
  if (offsetReset === "earliest") return log.logStartOffset;
  const { offset } = await log.offsetForTimestamp(clock.now() - offsetReset.durationMs);
  return offset < 0 ? log.highWatermark : Math.min(offset, log.highWatermark);
}

function stateBatchOf(batch: {
  readonly firstOffset?: bigint | number;
  readonly lastOffset?: bigint | number;
  readonly deliveryState?: number;
  readonly deliveryCount?: number;
}): StateBatch {
  return {
    firstOffset: toNumberClamped(BigInt(batch.firstOffset!)),
    lastOffset: toNumberClamped(BigInt(batch.lastOffset!)),
    deliveryState: batch.deliveryState as RecordState,
    deliveryCount: batch.deliveryCount!,
  };
}

function isRetriable(errorCode: ErrorCode): boolean {
  return errorCode === ErrorCode.NOT_COORDINATOR || errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE;
}

/** What a client is told where the share coordinator said this. */
function coordinatorRefusal(
  { errorCode, errorMessage }: { readonly errorCode?: number; readonly errorMessage?: string | null },
): Refusal {
  return { errorCode: clientError(errorCode as ErrorCode), errorMessage: errorMessage ?? "" };
}

function clientError(errorCode: ErrorCode): ErrorCode {
  switch (errorCode) {
    case ErrorCode.NOT_COORDINATOR:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    case ErrorCode.GROUP_ID_NOT_FOUND:
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
      return errorCode;
    case ErrorCode.FENCED_LEADER_EPOCH:
    case ErrorCode.FENCED_STATE_EPOCH:
      return ErrorCode.NOT_LEADER_OR_FOLLOWER;
    default:
      return ErrorCode.UNKNOWN_SERVER_ERROR;
  }
}

/** What is left of the records when the offsets from `first` to `last` are taken out. */
function without(acquired: readonly AcquiredRecords[], first: number, last: number): AcquiredRecords[] {
  return acquired.flatMap((records) => {
    const { firstOffset, lastOffset } = records;
    if (lastOffset < first || firstOffset > last) return [records];
    const before = firstOffset < first ? [{ ...records, lastOffset: first - 1 }] : [];
    return lastOffset > last ? [...before, { ...records, firstOffset: last + 1 }] : before;
  });
}

/** The bytes of the batches that contain acquired records, from the first to the last. */
function slice({ bytes, batches }: ShareRead, acquired: readonly AcquiredRecords[]): Uint8Array {
  const first = acquired[0].firstOffset;
  const last = acquired.at(-1)!.lastOffset;
  let start = 0;
  let end = 0;
  for (const { baseOffset, lastOffset, sizeInBytes } of batches) {
    if (lastOffset < first) start += sizeInBytes;
    if (baseOffset <= last) end += sizeInBytes;
  }
  return bytes.subarray(start, end);
}
