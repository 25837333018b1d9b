/**
 * What the tests of share groups share: members that fetch and acknowledge, and share partitions made without a group.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from "../../../lib/protocol/messages/initialize_share_group_state.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import { ShareAcknowledgeRequest, ShareAcknowledgeResponse } from "../../../lib/protocol/messages/share_acknowledge.ts";
import { ShareFetchRequest, ShareFetchResponse } from "../../../lib/protocol/messages/share_fetch.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { RecordBatchBuilder } from "../../../lib/records/mod.ts";
import { errorOf, type TestBroker } from "./support.ts";

/** A connection to a broker. */
export type Asker = Pick<TestBroker, "ask">;

/** Offsets, both inclusive, and what a member says of them. */
export type Said = readonly [first: number, last: number, ...types: number[]];

/** A group that reads from the beginning, without members. */
export async function shareFrom(broker: Asker, groupId: string, topicId: string, startOffset = 0n): Promise<void> {
  const request = { groupId, topics: [{ topicId, partitions: [{ partition: 0, stateEpoch: 0, startOffset }] }] };
  const response = InitializeShareGroupStateResponse;
  const { results } = await broker.ask(InitializeShareGroupStateRequest, response, 0, request);
  assertEquals(errorOf(results[0].partitions[0]), "NONE");
}

/** Writes a batch of so many records. */
export async function produce(broker: Asker, topicId: string, count: number): Promise<void> {
  const builder = new RecordBatchBuilder({});
  for (let index = 0; index < count; index++) {
    builder.append({ timestamp: 0, key: null, value: new TextEncoder().encode(`${index}`) });
  }
  const { responses } = await broker.ask(ProduceRequest, ProduceResponse, 13, {
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ topicId, partitionData: [{ index: 0, records: builder.build() }] }],
  });
  assertEquals(responses[0].partitionResponses[0].errorCode, ErrorCode.NONE);
}

/** A member of a share group that reads partition 0 of a topic. */
export class ShareMember {
  epoch = 0;

  constructor(readonly broker: Asker, readonly topicId: string, readonly memberId: string, readonly groupId = "g") {}

  /** The offsets that it acquires, each run with its delivery count, and what became of `acknowledgements`. */
  async fetch(options: Partial<Init<ShareFetchRequest>> & { said?: readonly Said[] } = {}): Promise<string> {
    const { errorCode, responses } = await this.fetchRaw(options);
    if (errorCode !== ErrorCode.NONE) return errorOf({ errorCode });
    const [partition] = responses[0]?.partitions ?? [];
    if (partition === undefined) return "nothing";
    if (partition.errorCode !== ErrorCode.NONE) return errorOf(partition);
    const acquired = partition.acquiredRecords.map(({ firstOffset, lastOffset, deliveryCount }) =>
      `${firstOffset}-${lastOffset}×${deliveryCount}`
    );
    const { acknowledgeErrorCode: code, acknowledgeErrorMessage } = partition;
    const refusal = code === ErrorCode.NONE
      ? []
      : [`(${errorOf({ errorCode: code, errorMessage: acknowledgeErrorMessage })})`];
    return [...acquired, ...refusal].join(" ") || "nothing";
  }

  async fetchRaw({ said = [], ...rest }: Partial<Init<ShareFetchRequest>> & { said?: readonly Said[] } = {}) {
    const request = {
      groupId: this.groupId,
      memberId: this.memberId,
      shareSessionEpoch: this.epoch,
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1_000_000,
      maxRecords: 500,
      batchSize: 500,
      topics: [{
        topicId: this.topicId,
        partitions: [{ partitionIndex: 0, acknowledgementBatches: said.map(batchOf) }],
      }],
      ...rest,
    };
    const response = await this.broker.ask(ShareFetchRequest, ShareFetchResponse, 2, request);
    if (response.errorCode === ErrorCode.NONE && this.epoch >= 0) this.epoch++;
    return response;
  }

  /** What became of it. */
  async say(...said: Said[]): Promise<string> {
    const request = {
      groupId: this.groupId,
      memberId: this.memberId,
      shareSessionEpoch: this.epoch,
      isRenewAck: said.some(([, , ...types]) => types.includes(4)),
      topics: [{
        topicId: this.topicId,
        partitions: [{ partitionIndex: 0, acknowledgementBatches: said.map(batchOf) }],
      }],
    };
    const response = await this.broker.ask(ShareAcknowledgeRequest, ShareAcknowledgeResponse, 2, request);
    if (response.errorCode !== ErrorCode.NONE) return errorOf(response);
    if (this.epoch >= 0) this.epoch++;
    return errorOf(response.responses[0].partitions[0]);
  }

  /** Ends the session. */
  async leave(): Promise<string> {
    this.epoch = -1;
    return errorOf(await this.fetchRaw({ topics: [] }));
  }
}

function batchOf([first, last, ...acknowledgeTypes]: Said) {
  return { firstOffset: BigInt(first), lastOffset: BigInt(last), acknowledgeTypes };
}
