/**
 * Fetch: reads record batches (sessions KIP-227, leader epochs KIP-320, topic ids KIP-516, limits KIP-74).
 *
 * The answer waits until `minBytes` are there, an error is, or `maxWaitMs` have passed. Partitions are read in the order of
 * the request until `maxBytes` are reached; the first batch of the first partition that has any comes whole, however large.
 * A client that has used up a quota is answered without any partition, as if the fetch had not been.
 *
 * @module
 */
import { toNumberClamped, type Uuid } from "../../bytes/mod.ts";
import { waitForChange } from "../../broker/waiters.ts";
import type { FetchPartition } from "../../broker/fetch_sessions.ts";
import type { IsolationLevel, PartitionLog } from "../../log/mod.ts";
import type { Observer } from "../../ports.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { FetchRequest, FetchResponse } from "../../protocol/messages/fetch.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isClusterAuthorized } from "../authorize.ts";
import { isolationLevelOf } from "../isolation_level.ts";
import type { RequestContext } from "../context.ts";
import { checkLeaderEpoch, findLog, findTopic } from "../partitions.ts";

type TopicAnswer = NonNullable<Init<FetchResponse>["responses"]>[number];
type PartitionAnswer = NonNullable<TopicAnswer["partitions"]>[number];

const FIRST_VERSION_WITH_TOPIC_IDS = 13;
/** From this version on an error that says "not the leader" says who is (KIP-951). */
const FIRST_VERSION_WITH_LEADER_IN_ERRORS = 16;
/** A replica id that says "consumer"; -2 says "a tool that looks", and reads alike. */
const CONSUMER_REPLICA_ID = -1;

/** What the first batch is taken for before it is read: most producers make none that are larger. */
const FIRST_BATCH_BYTES = 1 << 20;

/** One partition on its way from request to answer. */
interface PartitionRead {
  readonly request: FetchPartition;
  readonly answer: PartitionAnswer & { errorCode: ErrorCode; highWatermark: number; logStartOffset: number };
  /** Null where there is none to read from, or where an error forbids it. */
  readonly log: PartitionLog | null;
  /** Null where there is no such partition. */
  readonly topicName: string | null;
}

export const fetchApi = api(FetchRequest, FetchResponse, handleFetch);

async function handleFetch(request: FetchRequest, context: RequestContext): Promise<Init<FetchResponse>> {
  const plan = context.fetchSessions.plan(sessionRequest(request, context.header.apiVersion), context.clock.now());
  if ("errorCode" in plan) return { errorCode: plan.errorCode };
  if (isolationLevelOf(request.isolationLevel) === null) return refuse(plan.partitions);
  const reads = await readUntilEnough(plan.partitions, request, context);
  if (context.throttle?.admitsFetched(responseBytes(reads)) === false) return { sessionId: plan.withhold() };
  const included = reads.filter(({ request, answer }) => {
    const isWorthTelling = (answer.records?.length ?? 0) > 0 || answer.divergingEpoch !== undefined;
    return plan.include(request, answer, isWorthTelling);
  });
  if (context.observer !== undefined) observe(context.observer, included);
  return { sessionId: plan.sessionId, responses: byTopic(included) };
}

/** About as many bytes as the answer takes. */
function responseBytes(reads: readonly PartitionRead[]): number {
  return reads.reduce((bytes, { answer }) => bytes + PARTITION_BYTES + (answer.records?.length ?? 0), 0);
}

/** What an answer says of a partition beside its records: index, error, three offsets, lengths. */
const PARTITION_BYTES = 41;

function observe(observer: Observer, reads: readonly PartitionRead[]): void {
  for (const { topicName, answer } of reads) {
    if (topicName === null) continue;
    if (answer.errorCode !== ErrorCode.NONE) observer.fetchFailed(topicName);
    else observer.fetched(topicName, answer.records?.length ?? 0);
  }
}

/** For a request that makes no sense for any partition. */
function refuse(partitions: readonly FetchPartition[]): Init<FetchResponse> {
  const errorCode = ErrorCode.INVALID_REQUEST;
  return { errorCode, responses: byTopic(partitions.map((partition) => unknown(partition, errorCode))) };
}

function sessionRequest(request: FetchRequest, apiVersion: number) {
  return {
    sessionId: request.sessionId,
    sessionEpoch: request.sessionEpoch,
    usesTopicIds: apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS,
    partitions: request.topics.flatMap(({ topic, topicId, partitions }) =>
      partitions.map((partition): FetchPartition => ({
        topic,
        topicId,
        partition: partition.partition,
        fetchOffset: toNumberClamped(partition.fetchOffset),
        maxBytes: partition.partitionMaxBytes,
        currentLeaderEpoch: partition.currentLeaderEpoch,
        lastFetchedEpoch: partition.lastFetchedEpoch,
      }))
    ),
    forgotten: request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
      partitions.map((partition) => ({ topic, topicId, partition }))
    ),
  };
}

/** Reads, and reads again whenever something has changed, until there is enough or the time is up. */
async function readUntilEnough(
  partitions: readonly FetchPartition[],
  request: FetchRequest,
  context: RequestContext,
): Promise<PartitionRead[]> {
  const deadlineMs = context.clock.now() + request.maxWaitMs;
  for (;;) {
    const reads = await readAll(partitions, request, context);
    const leftMs = deadlineMs - context.clock.now();
    if (leftMs <= 0 || isEnough(reads, Math.min(request.minBytes, maxBytesOf(request, context)))) return reads;
    const seen = reads.flatMap(({ log, answer }) => log === null ? [] : [{ log, bound: boundOf(answer, request) }]);
    const isChanged = await waitForChange({
      sources: seen.map(({ log }) => log),
      // What moved while the reads were under way is seen here.
      hasChanged: () => seen.some(({ log, bound }) => readableEnd(log, isolationOf(request)) !== bound),
      timers: context.timers,
      timeoutMs: leftMs,
      connection: context.connection,
    });
    // Things may have moved that nobody waits for, such as the log start offset.
    if (!isChanged) return await readAll(partitions, request, context);
  }
}

/** An error of a partition that is there is told at once; one that is not there does not disturb the wait for the others. */
function isEnough(reads: readonly PartitionRead[], minBytes: number): boolean {
  const known = reads.filter(({ topicName }) => topicName !== null);
  let bytes = 0;
  for (const { answer } of known) {
    if (answer.errorCode !== ErrorCode.NONE || answer.divergingEpoch !== undefined) return true;
    bytes += answer.records?.length ?? 0;
  }
  return known.length === 0 || bytes >= minBytes;
}

/** What a quota would never let through is not read. */
function maxBytesOf(request: FetchRequest, { settings, throttle }: RequestContext): number {
  return Math.min(request.maxBytes, settings.fetchMaxBytes, throttle?.maxFetchBytes ?? Infinity);
}

function isolationOf(request: FetchRequest): IsolationLevel {
  return isolationLevelOf(request.isolationLevel)!;
}

function readableEnd(log: PartitionLog, isolationLevel: IsolationLevel): number {
  return isolationLevel === "read-committed" ? log.lastStableOffset : log.highWatermark;
}

function boundOf(answer: PartitionAnswer, request: FetchRequest): number {
  return Number(isolationOf(request) === "read-committed" ? answer.lastStableOffset : answer.highWatermark);
}

async function readAll(
  partitions: readonly FetchPartition[],
  request: FetchRequest,
  context: RequestContext,
): Promise<PartitionRead[]> {
  const { answerMemory } = context.connection;
  let leftBytes = maxBytesOf(request, context);
  let readBytes = 0;
  const reads: PartitionRead[] = [];
  for (const partition of partitions) {
    const maxBytes = Math.max(0, Math.min(partition.maxBytes, leftBytes, answerMemory.bytesLeft));
    // While the file is read, other fetches must not count on the same memory. The first batch comes in any case.
    const countedBytes = readBytes === 0
      ? Math.max(maxBytes, Math.min(partition.maxBytes, FIRST_BATCH_BYTES))
      : maxBytes;
    answerMemory.take(countedBytes);
    const read = await readOne(partition, request, context, { maxBytes, atLeastOneBatch: readBytes === 0 });
    const bytes = read.answer.records?.length ?? 0;
    answerMemory.release(countedBytes - bytes);
    leftBytes -= bytes;
    readBytes += bytes;
    reads.push(read);
  }
  // From here on the connection counts the answer, if it is the one that is sent.
  answerMemory.release(readBytes);
  return reads;
}

async function readOne(
  partition: FetchPartition,
  request: FetchRequest,
  context: RequestContext,
  limits: { maxBytes: number; atLeastOneBatch: boolean },
): Promise<PartitionRead> {
  const { apiVersion } = context.header;
  const usesIds = apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS;
  const isFollower = replicaIdOf(request) > CONSUMER_REPLICA_ID;
  if (isFollower && !isClusterAuthorized(context, AclOperation.CLUSTER_ACTION)) {
    return unknown(partition, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  }
  const operation = isFollower ? null : AclOperation.READ;
  const found = findTopic(context, partition.topic, partition.topicId, usesIds, operation);
  if (found.topic === null) return unknown(partition, found.errorCode);
  const { topic: { name: topicName } } = found;
  const { errorCode, log } = findLog(context, found.topic, partition.partition);
  if (log === null) {
    const isMissing = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    return isMissing ? unknown(partition, errorCode) : failed(partition, topicName, errorCode);
  }
  const leaderError = checkLeader(log, partition, request);
  if (leaderError !== ErrorCode.NONE) {
    return failed(partition, topicName, leaderError, leaderInError(leaderError, log, context));
  }
  const divergingEpoch = findDivergence(log, partition);
  if (divergingEpoch !== null) {
    // The client's last epoch is none that this log knows: nothing can be said of where they part.
    if (divergingEpoch.endOffset < 0) return failed(partition, topicName, ErrorCode.OFFSET_OUT_OF_RANGE);
    return { request: partition, log, topicName, answer: { ...emptyAnswer(partition, log), divergingEpoch } };
  }
  const result = await log.read(partition.fetchOffset, { ...limits, isolationLevel: isolationOf(request) });
  if (result.errorCode !== ErrorCode.NONE) return failed(partition, topicName, result.errorCode);
  return {
    request: partition,
    log,
    topicName,
    answer: {
      partitionIndex: partition.partition,
      errorCode: ErrorCode.NONE,
      highWatermark: result.highWatermark,
      lastStableOffset: result.lastStableOffset,
      logStartOffset: result.logStartOffset,
      abortedTransactions: result.abortedTransactions,
      records: result.records,
    },
  };
}

/** Whether the client may read here: there are no followers, and its idea of the leader's epoch must be the right one. */
function checkLeader(log: PartitionLog, { currentLeaderEpoch }: FetchPartition, request: FetchRequest): ErrorCode {
  if (replicaIdOf(request) > CONSUMER_REPLICA_ID) return ErrorCode.NOT_LEADER_OR_FOLLOWER;
  // Unlike other APIs, Fetch takes every negative epoch for an unknown one.
  return checkLeaderEpoch(log, Math.max(-1, currentLeaderEpoch));
}

function leaderInError(
  errorCode: ErrorCode,
  log: PartitionLog,
  context: RequestContext,
): Pick<PartitionAnswer, "currentLeader"> {
  const isTold = errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER || errorCode === ErrorCode.FENCED_LEADER_EPOCH;
  if (!isTold || context.header.apiVersion < FIRST_VERSION_WITH_LEADER_IN_ERRORS) return {};
  return { currentLeader: { leaderId: context.metadata.nodeId, leaderEpoch: log.leaderEpoch } };
}

function replicaIdOf(request: FetchRequest): number {
  return request.replicaId !== -1 ? request.replicaId : request.replicaState.replicaId;
}

/**
 * Where the client's history and ours part, when its last records are of an epoch that ended earlier here (KIP-595);
 * offset -1 where that cannot be known.
 */
function findDivergence(
  log: PartitionLog,
  { lastFetchedEpoch, fetchOffset }: FetchPartition,
): { epoch: number; endOffset: number } | null {
  if (lastFetchedEpoch < 0) return null;
  const { leaderEpoch, endOffset } = log.endOffsetForEpoch(lastFetchedEpoch);
  const isDiverging = leaderEpoch < lastFetchedEpoch || endOffset < fetchOffset;
  return isDiverging ? { epoch: leaderEpoch, endOffset } : null;
}

function emptyAnswer(partition: FetchPartition, log: PartitionLog): PartitionRead["answer"] {
  return {
    partitionIndex: partition.partition,
    errorCode: ErrorCode.NONE,
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
    records: EMPTY,
  };
}

const EMPTY = new Uint8Array(0);

function failed(
  partition: FetchPartition,
  topicName: string | null,
  errorCode: ErrorCode,
  fields: Pick<PartitionAnswer, "abortedTransactions" | "currentLeader"> = {},
): PartitionRead {
  return {
    request: partition,
    log: null,
    topicName,
    answer: {
      partitionIndex: partition.partition,
      errorCode,
      highWatermark: -1,
      logStartOffset: -1,
      abortedTransactions: null,
      records: EMPTY,
      ...fields,
    },
  };
}

function unknown(partition: FetchPartition, errorCode: ErrorCode): PartitionRead {
  return failed(partition, null, errorCode, { abortedTransactions: [] });
}

/** Neighbours of one topic go into one entry; a topic that the request names twice apart stands twice. */
function byTopic(reads: readonly PartitionRead[]): TopicAnswer[] {
  const topics: { topic: string; topicId: Uuid; partitions: PartitionAnswer[] }[] = [];
  for (const { request: { topic, topicId }, answer } of reads) {
    const last = topics.at(-1);
    if (last !== undefined && last.topic === topic && last.topicId === topicId) last.partitions.push(answer);
    else topics.push({ topic, topicId, partitions: [answer] });
  }
  return topics;
}
