/**
 * The cost of reading and writing the messages that a busy broker sees most, without records.
 *
 * @module
 */
import { FetchRequest, FetchResponse } from "../lib/protocol/messages/fetch.ts";
import { MetadataResponse } from "../lib/protocol/messages/metadata.ts";
import { ProduceRequest, ProduceResponse } from "../lib/protocol/messages/produce.ts";
import type { Init } from "../lib/protocol/schema.ts";

const TOPIC_ID = "bm90LWEtcmFuZG9tLWlkLQ";
const PARTITIONS = Array.from({ length: 10 }, (_, index) => index);

const fetchRequest: Init<FetchRequest> = {
  maxWaitMs: 500,
  minBytes: 1,
  maxBytes: 50 << 20,
  topics: [{
    topicId: TOPIC_ID,
    partitions: PARTITIONS.map((partition) => ({
      partition,
      currentLeaderEpoch: 3,
      fetchOffset: 123_456_789n,
      partitionMaxBytes: 1 << 20,
    })),
  }],
};
const fetchRequestBytes = FetchRequest.encode(16, fetchRequest);
const fetchRequestValue = FetchRequest.decode(16, fetchRequestBytes);

const fetchResponse: Init<FetchResponse> = {
  responses: [{
    topicId: TOPIC_ID,
    partitions: PARTITIONS.map((partitionIndex) => ({
      partitionIndex,
      highWatermark: 123_456_789n,
      lastStableOffset: 123_456_789n,
      logStartOffset: 0n,
      records: new Uint8Array(0),
    })),
  }],
};
const fetchResponseBytes = FetchResponse.encode(16, fetchResponse);

const produceRequestBytes = ProduceRequest.encode(11, {
  acks: -1,
  timeoutMs: 30_000,
  topicData: [{ name: "orders", partitionData: [{ index: 0, records: new Uint8Array(1024) }] }],
});
const produceResponse: Init<ProduceResponse> = {
  responses: [{ name: "orders", partitionResponses: [{ index: 0, baseOffset: 123_456_789n, logStartOffset: 0n }] }],
};

const metadataResponse: Init<MetadataResponse> = {
  brokers: [{ nodeId: 1, host: "localhost", port: 9092 }],
  clusterId: "not-a-random-cluster",
  controllerId: 1,
  topics: PARTITIONS.map((index) => ({
    name: `topic-${index}`,
    topicId: TOPIC_ID,
    partitions: PARTITIONS.map((partitionIndex) => ({
      partitionIndex,
      leaderId: 1,
      leaderEpoch: 3,
      replicaNodes: [1],
      isrNodes: [1],
    })),
  })),
};

Deno.bench("fetch request v16 of 10 partitions, decode", () => {
  FetchRequest.decode(16, fetchRequestBytes);
});

Deno.bench("fetch request v16 of 10 partitions, encode", () => {
  FetchRequest.encode(16, fetchRequestValue);
});

Deno.bench("fetch response v16 of 10 partitions, encode", () => {
  FetchResponse.encode(16, fetchResponse);
});

Deno.bench("fetch response v16 of 10 partitions, decode", () => {
  FetchResponse.decode(16, fetchResponseBytes);
});

Deno.bench("produce request v11 of 1 partition, decode", () => {
  ProduceRequest.decode(11, produceRequestBytes);
});

Deno.bench("produce response v11 of 1 partition, encode", () => {
  ProduceResponse.encode(11, produceResponse);
});

Deno.bench("metadata response v12 of 100 partitions, encode", () => {
  MetadataResponse.encode(12, metadataResponse);
});
