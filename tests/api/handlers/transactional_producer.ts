/**
 * A transactional producer that asks a broker, one request at a time, so that a test can do what no client does.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from "../../../lib/protocol/messages/add_offsets_to_txn.ts";
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from "../../../lib/protocol/messages/add_partitions_to_txn.ts";
import { EndTxnRequest, EndTxnResponse } from "../../../lib/protocol/messages/end_txn.ts";
import { FetchRequest, FetchResponse } from "../../../lib/protocol/messages/fetch.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "../../../lib/protocol/messages/init_producer_id.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../../lib/protocol/messages/offset_fetch.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "../../../lib/protocol/messages/txn_offset_commit.ts";
import type { Init, Message } from "../../../lib/protocol/schema.ts";
import { batchesOf } from "../../../lib/records/batches.ts";
import { recordsOf } from "../../../lib/records/records_of.ts";
import { RawClient, requestFrame } from "../../interop/support/raw_client.ts";
import { Attributes, batch } from "../../interop/support/record_batch.ts";

/** Whom one can ask. */
export interface Asked {
  ask<Q, R>(request: Message<Q>, response: Message<R>, version: number, value: Init<Q>): Promise<R>;
}

/** The versions by which a producer of each protocol asks: before KIP-890, and since. */
const VERSIONS = {
  1: { init: 4, produce: 11, end: 4, offsets: 4 },
  2: { init: 5, produce: 12, end: 5, offsets: 5 },
} as const;

export class TransactionalProducer {
  producerId = -1n;
  producerEpoch = -1;
  readonly #sequences = new Map<string, number>();

  /** @param protocol which version of the protocol of transactions it speaks */
  constructor(readonly broker: Asked, readonly transactionalId: string, readonly protocol: 1 | 2 = 2) {}

  /** Takes the transactional id over, as often as the broker says that it must be tried again. */
  async init(request: Partial<Init<InitProducerIdRequest>> = {}): Promise<number> {
    for (;;) {
      const answer = await this.broker.ask(
        InitProducerIdRequest,
        InitProducerIdResponse,
        VERSIONS[this.protocol].init,
        { transactionalId: this.transactionalId, transactionTimeoutMs: 60_000, ...request },
      );
      if (answer.errorCode === ErrorCode.CONCURRENT_TRANSACTIONS) continue;
      this.#become(answer);
      return answer.errorCode;
    }
  }

  async addPartitions(topic: string, ...partitions: number[]): Promise<number> {
    const { resultsByTopicV3AndBelow } = await this.broker.ask(
      AddPartitionsToTxnRequest,
      AddPartitionsToTxnResponse,
      3,
      {
        v3AndBelowTransactionalId: this.transactionalId,
        v3AndBelowProducerId: this.producerId,
        v3AndBelowProducerEpoch: this.producerEpoch,
        v3AndBelowTopics: [{ name: topic, partitions }],
      },
    );
    return resultsByTopicV3AndBelow[0].resultsByPartition[0].partitionErrorCode;
  }

  /** Writes records as part of the transaction, which their partition joins by it if the protocol has it so. */
  async send(topic: string, partition: number, ...values: string[]): Promise<number> {
    const name = `${topic}-${partition}`;
    const baseSequence = this.#sequences.get(name) ?? 0;
    const request = this.#batchOf(topic, partition, values, baseSequence);
    const { responses } = await this.broker.ask(
      ProduceRequest,
      ProduceResponse,
      VERSIONS[this.protocol].produce,
      request,
    );
    const { errorCode } = responses[0].partitionResponses[0];
    if (errorCode === ErrorCode.NONE) this.#sequences.set(name, baseSequence + values.length);
    return errorCode;
  }

  /** Writes each value as a batch of its own, on one connection without waiting for answers. */
  async sendAtOnce(
    broker: Parameters<typeof RawClient.connect>[0],
    topic: string,
    partition: number,
    values: readonly string[],
  ): Promise<number[]> {
    using client = await RawClient.connect(broker);
    const version = VERSIONS[this.protocol].produce;
    const frames = values.map((value, index) =>
      requestFrame(ProduceRequest, version, this.#batchOf(topic, partition, [value], index), { correlationId: index })
    );
    await client.sendBytes(concat(frames));
    const errorCodes: number[] = [];
    for (const index of values.keys()) {
      const { responses } = await client.receiveAs(ProduceResponse, version, index);
      errorCodes.push(responses[0].partitionResponses[0].errorCode);
    }
    return errorCodes;
  }

  async addOffsets(groupId: string): Promise<number> {
    const { errorCode } = await this.broker.ask(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, 4, {
      transactionalId: this.transactionalId,
      producerId: this.producerId,
      producerEpoch: this.producerEpoch,
      groupId,
    });
    return errorCode;
  }

  async commitOffset(
    groupId: string,
    topic: string,
    offset: number,
    member: Partial<Init<TxnOffsetCommitRequest>> = {},
  ): Promise<number> {
    const { topics } = await this.broker.ask(
      TxnOffsetCommitRequest,
      TxnOffsetCommitResponse,
      VERSIONS[this.protocol].offsets,
      {
        transactionalId: this.transactionalId,
        groupId,
        producerId: this.producerId,
        producerEpoch: this.producerEpoch,
        topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: BigInt(offset) }] }],
        ...member,
      },
    );
    return topics[0].partitions[0].errorCode;
  }

  commit(): Promise<number> {
    return this.#end(true);
  }

  abort(): Promise<number> {
    return this.#end(false);
  }

  async #end(committed: boolean): Promise<number> {
    const answer = await this.broker.ask(EndTxnRequest, EndTxnResponse, VERSIONS[this.protocol].end, {
      transactionalId: this.transactionalId,
      producerId: this.producerId,
      producerEpoch: this.producerEpoch,
      committed,
    });
    if (this.protocol === 2 && answer.errorCode === ErrorCode.NONE) this.#become(answer);
    return answer.errorCode;
  }

  #batchOf(
    topic: string,
    partition: number,
    values: readonly string[],
    baseSequence: number,
  ): Init<ProduceRequest> {
    const records = batch(values, {
      attributes: Attributes.TRANSACTIONAL,
      producerId: this.producerId,
      producerEpoch: this.producerEpoch,
      baseSequence,
    });
    return {
      transactionalId: this.transactionalId,
      acks: -1,
      topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
    };
  }

  /** Sequences begin anew with each epoch. */
  #become({ producerId, producerEpoch }: { readonly producerId: bigint; readonly producerEpoch: number }): void {
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.#sequences.clear();
  }
}

/** The values of a partition that a reader of the isolation level sees, from the beginning. */
export async function valuesOf(
  broker: Asked,
  topic: string,
  partition: number,
  isolation: "read-committed" | "read-uncommitted" = "read-committed",
): Promise<string[]> {
  const { responses } = await broker.ask(FetchRequest, FetchResponse, 11, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 0,
    isolationLevel: isolation === "read-committed" ? 1 : 0,
    sessionEpoch: -1,
    topics: [{ topic, partitions: [{ partition, fetchOffset: 0n, partitionMaxBytes: 1 << 20 }] }],
  });
  const { records, abortedTransactions } = responses[0].partitions[0];
  const aborted = (abortedTransactions ?? []).map((each) => ({ ...each }));
  const values: string[] = [];
  for (const each of batchesOf(records ?? new Uint8Array(0))) {
    if (each.magic !== 2) continue;
    if (each.isControl) {
      const ended = aborted.findIndex(({ producerId, firstOffset }) =>
        producerId === each.producerId && Number(firstOffset) <= each.baseOffset
      );
      if (ended >= 0) aborted.splice(ended, 1);
      continue;
    }
    const isAborted = each.isTransactional &&
      aborted.some(({ producerId, firstOffset }) =>
        producerId === each.producerId && Number(firstOffset) <= each.baseOffset
      );
    if (isAborted) continue;
    for (const { value } of recordsOf(each, NO_COMPRESSOR)) values.push(new TextDecoder().decode(value!));
  }
  return values;
}

/** Nothing is compressed in these tests. */
const NO_COMPRESSOR = { supports: () => false } as unknown as Parameters<typeof recordsOf>[1];

/** The offset that a group has committed for partition 0 of a topic; an error where it cannot be told. */
export async function committedOffset(
  broker: Asked,
  groupId: string,
  topic: string,
  requireStable = false,
): Promise<number | string> {
  const { groups } = await broker.ask(OffsetFetchRequest, OffsetFetchResponse, 9, {
    groups: [{ groupId, topics: [{ name: topic, partitionIndexes: [0] }] }],
    requireStable,
  });
  if (groups[0].errorCode !== ErrorCode.NONE) return `error ${groups[0].errorCode}`;
  const { committedOffset, errorCode } = groups[0].topics[0].partitions[0];
  return errorCode === ErrorCode.NONE ? Number(committedOffset) : `error ${errorCode}`;
}
