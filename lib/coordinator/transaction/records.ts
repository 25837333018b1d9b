/**
 * The records by which the transaction coordinator changes its state, in the versions in which Apache Kafka 4.3 writes
 * them.
 *
 * @module
 */
import { DecodeError } from "../../bytes/mod.ts";
import {
  decodeTransactionRecord as decodeRecord,
  encodeCoordinatorRecord,
  type RecordBytes,
  TRANSACTION_RECORDS,
  type TransactionLogValue,
  type TransactionRecord as WrittenRecord,
  type UnknownCoordinatorRecord,
} from "../../protocol/records/mod.ts";
import {
  NO_PARTITIONS,
  NO_PRODUCER_EPOCH,
  TRANSACTION_STATES,
  type TransactionMetadata,
  type TransactionPartitions,
} from "./transaction_metadata.ts";

/** A record, and what it says beyond what is written of it. */
export type TransactionRecord = WrittenRecord & {
  /** See {@linkcode TransactionMetadata}; left out for -1. */
  readonly lastProducerEpoch?: number;
};

const TOMBSTONE_VERSION = -1;

/**
 * The record of a transactional id.
 *
 * @param transactionVersion the finalized level of the feature: from 1 on the records are flexible (KIP-890)
 */
export function transactionRecord(metadata: TransactionMetadata, transactionVersion: number): TransactionRecord {
  const { transactionalId, partitions, startTimestampMs, lastUpdateTimestampMs } = metadata;
  const isFlexible = transactionVersion >= 1;
  return {
    name: "TransactionLog",
    key: { transactionalId, unknownTaggedFields: [] },
    version: isFlexible ? 1 : 0,
    lastProducerEpoch: metadata.lastProducerEpoch,
    value: {
      producerId: metadata.producerId,
      previousProducerId: isFlexible ? metadata.previousProducerId : -1n,
      nextProducerId: isFlexible ? metadata.nextProducerId : -1n,
      producerEpoch: metadata.producerEpoch,
      nextProducerEpoch: NO_PRODUCER_EPOCH,
      transactionTimeoutMs: metadata.timeoutMs,
      transactionStatus: TRANSACTION_STATES.indexOf(metadata.state),
      transactionPartitions: metadata.state === "Empty" ? null : Array.from(
        partitions,
        ([topic, indexes]) => ({ topic, partitionIds: [...indexes], unknownTaggedFields: [] }),
      ),
      transactionLastUpdateTimestampMs: BigInt(lastUpdateTimestampMs),
      transactionStartTimestampMs: BigInt(startTimestampMs),
      clientTransactionVersion: isFlexible ? metadata.clientTransactionVersion : 0,
      unknownTaggedFields: [],
    },
  };
}

/** The record of a transactional id that is forgotten. */
export function transactionTombstone(transactionalId: string): TransactionRecord {
  return {
    name: "TransactionLog",
    key: { transactionalId, unknownTaggedFields: [] },
    version: TOMBSTONE_VERSION,
    value: null,
  };
}

/** What a record says of its transactional id; null where the id is forgotten. */
export function metadataOf({ key, value, lastProducerEpoch }: TransactionRecord): TransactionMetadata | null {
  if (value === null) return null;
  return {
    transactionalId: key.transactionalId,
    producerId: value.producerId,
    previousProducerId: value.previousProducerId,
    nextProducerId: value.nextProducerId,
    producerEpoch: value.producerEpoch,
    lastProducerEpoch: lastProducerEpoch ?? NO_PRODUCER_EPOCH,
    timeoutMs: value.transactionTimeoutMs,
    state: TRANSACTION_STATES[value.transactionStatus],
    partitions: partitionsIn(value.transactionPartitions),
    startTimestampMs: Number(value.transactionStartTimestampMs),
    lastUpdateTimestampMs: Number(value.transactionLastUpdateTimestampMs),
    clientTransactionVersion: value.clientTransactionVersion,
  };
}

function partitionsIn(topics: TransactionLogValue["transactionPartitions"]): TransactionPartitions {
  if (topics === null || topics.length === 0) return NO_PARTITIONS;
  return new Map(topics.map(({ topic, partitionIds }) => [topic, new Set(partitionIds)]));
}

/** A record as it stands in the log. */
export function encodeTransactionRecord({ key, version, value }: TransactionRecord): RecordBytes {
  return encodeCoordinatorRecord(TRANSACTION_RECORDS.TransactionLog, key, version, value);
}

/**
 * What {@linkcode encodeTransactionRecord} made, or Apache Kafka.
 *
 * @throws {DecodeError} where it is damaged, or its version or state is not known
 */
export function decodeTransactionRecord(bytes: RecordBytes): TransactionRecord | UnknownCoordinatorRecord {
  const record = decodeRecord(bytes);
  if (record.name !== null && record.value !== null) {
    const { transactionStatus } = record.value;
    if (TRANSACTION_STATES[transactionStatus] === undefined) {
      throw new DecodeError(
        `The transactional id ${record.key.transactionalId} has the state ${transactionStatus}, which is not known`,
        0,
      );
    }
  }
  return record;
}
