/**
 * What a partition knows of one producer, and the rules that its next batch must meet (KIP-98, KIP-360).
 *
 * @module
 */
import { ErrorCode } from "../protocol/error_code.ts";

/**
 * How many batches of a producer are remembered: as many as a client may have in flight, so that each retry is
 * recognized.
 */
export const REMEMBERED_BATCHES = 5;

const MAX_SEQUENCE = 2 ** 31 - 1;

/** A batch that was appended. */
export interface BatchMetadata {
  readonly lastSequence: number;
  readonly lastOffset: number;
  /** Last minus first offset, which is also last minus first sequence. */
  readonly offsetDelta: number;
  /** The greatest of its records, in milliseconds since the epoch. */
  readonly timestamp: number;
}

/** What the rules look at in a batch of data. */
export interface ProducerBatch {
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly isTransactional: boolean;
}

/** What is remembered of a batch, as its header has it. */
export interface AppendedProducerBatch {
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
}

/** Why a batch must not be appended. */
export interface ProducerFailure {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
}

/** A producer as the partition has seen it. */
export class ProducerEntry {
  /** -1 while nothing was appended. */
  producerEpoch = -1;
  /** The epoch of the coordinator that wrote the last transaction marker; -1 before one. */
  coordinatorEpoch = -1;
  /** Milliseconds since the epoch, of the last batch or marker; -1 before one. */
  lastTimestamp = -1;
  /** -1 where no transaction is open. */
  currentTxnFirstOffset = -1;
  /** The last batches of the current epoch, oldest first. */
  batches: BatchMetadata[] = [];

  constructor(readonly producerId: bigint) {}

  /** A copy that can change on its own. */
  clone(): ProducerEntry {
    const copy = new ProducerEntry(this.producerId);
    copy.producerEpoch = this.producerEpoch;
    copy.coordinatorEpoch = this.coordinatorEpoch;
    copy.lastTimestamp = this.lastTimestamp;
    copy.currentTxnFirstOffset = this.currentTxnFirstOffset;
    copy.batches = this.batches.slice();
    return copy;
  }

  /** -1 where no batch of the current epoch is remembered. */
  get lastSequence(): number {
    return this.batches.at(-1)?.lastSequence ?? -1;
  }

  /** The remembered batch that has the epoch and sequences of this one. */
  findDuplicate(batch: ProducerBatch): BatchMetadata | undefined {
    if (batch.producerEpoch !== this.producerEpoch) return undefined;
    return this.batches.find((known) =>
      known.lastSequence === batch.lastSequence && firstSequenceOf(known) === batch.baseSequence
    );
  }

  /** Null where the batch may follow; `checkSequence` is false where the log holds it already. */
  check(batch: ProducerBatch, checkSequence: boolean): ProducerFailure | null {
    const failure = this.checkEpoch(batch.producerEpoch) ?? (checkSequence ? this.#checkSequence(batch) : null);
    if (failure !== null || this.currentTxnFirstOffset === -1 || batch.isTransactional) return failure;
    return {
      errorCode: ErrorCode.INVALID_TXN_STATE,
      errorMessage: `Producer ${this.producerId} has a transaction open, and its batch belongs to none`,
    };
  }

  /** Null where a batch or marker of that epoch may follow. */
  checkEpoch(producerEpoch: number): ProducerFailure | null {
    if (producerEpoch >= this.producerEpoch) return null;
    return {
      errorCode: ErrorCode.INVALID_PRODUCER_EPOCH,
      errorMessage:
        `Epoch ${producerEpoch} of producer ${this.producerId} is behind the epoch ${this.producerEpoch} seen last`,
    };
  }

  /** Null where a marker of that coordinator may follow. */
  checkCoordinatorEpoch(coordinatorEpoch: number): ProducerFailure | null {
    if (coordinatorEpoch >= this.coordinatorEpoch) return null;
    return {
      errorCode: ErrorCode.TRANSACTION_COORDINATOR_FENCED,
      errorMessage:
        `Coordinator epoch ${coordinatorEpoch} of producer ${this.producerId} is behind ${this.coordinatorEpoch}`,
    };
  }

  /**
   * A new epoch begins with sequence 0, and in an epoch each batch follows the one before. A producer that is not known
   * may begin anywhere: retention may have removed its records, and it is not to fail for that (KIP-360).
   */
  #checkSequence({ producerEpoch, baseSequence }: ProducerBatch): ProducerFailure | null {
    if (this.producerEpoch === -1) return null;
    const isNewEpoch = producerEpoch !== this.producerEpoch;
    const lastSequence = isNewEpoch ? -1 : this.lastSequence;
    const expected = nextSequenceOf(lastSequence);
    if (baseSequence === expected) return null;
    return {
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      errorMessage: `Out of order sequence number of producer ${this.producerId} in epoch ${producerEpoch}: ` +
        `the batch begins with ${baseSequence}, ${expected} is next`,
    };
  }

  /** Notes a batch that passed {@linkcode check}, or that the log holds. */
  addBatch({ producerEpoch, lastSequence, baseOffset, lastOffset, maxTimestamp }: AppendedProducerBatch): void {
    this.#moveToEpoch(producerEpoch);
    if (this.batches.length === REMEMBERED_BATCHES) this.batches.shift();
    this.batches.push({ lastSequence, lastOffset, offsetDelta: lastOffset - baseOffset, timestamp: maxTimestamp });
    this.lastTimestamp = maxTimestamp;
  }

  /** Notes batches that the log holds from before those that are remembered, where they lead up to them. */
  addEarlier({ producerEpoch, batches }: ProducerEntry): void {
    if (producerEpoch !== this.producerEpoch) return;
    for (const earlier of [...batches].reverse()) {
      const [first] = this.batches;
      if (first === undefined || this.batches.length === REMEMBERED_BATCHES) return;
      if (earlier.lastOffset >= first.lastOffset) continue;
      if (nextSequenceOf(earlier.lastSequence) !== firstSequenceOf(first)) return;
      this.batches.unshift(earlier);
    }
  }

  /** Notes a marker, which ends the open transaction if there is one. */
  addMarker(producerEpoch: number, coordinatorEpoch: number, timestamp: number): void {
    this.#moveToEpoch(producerEpoch);
    this.coordinatorEpoch = coordinatorEpoch;
    this.lastTimestamp = timestamp;
    this.currentTxnFirstOffset = -1;
  }

  #moveToEpoch(producerEpoch: number): void {
    if (producerEpoch === this.producerEpoch) return;
    this.producerEpoch = producerEpoch;
    this.batches = [];
  }
}

/** Sequences wrap: after 2^31 − 1 comes 0. */
function nextSequenceOf(sequence: number): number {
  return sequence === MAX_SEQUENCE ? 0 : sequence + 1;
}

function firstSequenceOf({ lastSequence, offsetDelta }: BatchMetadata): number {
  const first = lastSequence - offsetDelta;
  return first < 0 ? first + MAX_SEQUENCE + 1 : first;
}
