/**
 * ShareFetch: acquires records for a member of a share group, and acknowledges earlier ones (KIP-932; exact numbers of
 * records KIP-1206, renewed locks KIP-1222).
 *
 * The answer waits until `minBytes` can be given, an error is there, or `maxWaitMs` have passed; and until what was
 * acknowledged is on the disk. Each partition gets the same part of `maxBytes`.
 *
 * @module
 */
import type { Watchable } from "../../broker/waiters.ts";
import { waitForChange } from "../../broker/waiters.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { ShareFetchRequest, ShareFetchResponse } from "../../protocol/messages/share_fetch.ts";
import type { Init } from "../../protocol/schema.ts";
import {
  FINAL_EPOCH,
  INITIAL_EPOCH,
  type ServedSharePartition,
  ShareAcquireMode,
  type ShareRead,
  type ShareSession,
  type TopicIdPartition,
} from "../../share/mod.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { findTopic } from "../partitions.ts";
import { acknowledgeAll, type AcknowledgeResult, hasAcknowledgements, memberError } from "../share_acknowledgements.ts";
import { type ShareAnswer, shareLeader, shareTopics } from "../share_answers.ts";

type TopicAnswer = NonNullable<Init<ShareFetchResponse>["responses"]>[number];
type PartitionAnswer = NonNullable<TopicAnswer["partitions"]>[number] & { errorCode: ErrorCode };

/** What a fetch comes to for a partition. */
interface Fetched extends TopicIdPartition {
  readonly errorCode: ErrorCode;
  readonly records: Uint8Array;
  readonly acquiredRecords: PartitionAnswer["acquiredRecords"];
}

/** A partition whose records may be given. */
interface OpenPartition extends TopicIdPartition {
  readonly served: ServedSharePartition;
}

/** A partition that was read. */
interface PartitionRead extends OpenPartition {
  readonly read: ShareRead;
}

const NO_RECORDS = new Uint8Array(0);

export const shareFetchApi = api(ShareFetchRequest, ShareFetchResponse, handleShareFetch);

async function handleShareFetch(
  request: ShareFetchRequest,
  context: RequestContext,
): Promise<Init<ShareFetchResponse>> {
  const error = memberError(context, request) ?? renewError(request);
  if (error !== null) return error;
  const session = await sessionOf(request, context);
  if (typeof session === "number") return { errorCode: session };
  const [groupId, memberId] = [request.groupId!, request.memberId!];
  const isAcknowledging = hasAcknowledgements(request.topics);
  const acknowledging = isAcknowledging ? acknowledgeAll({ ...request, groupId, memberId }, context) : [];
  const { shareSessionEpoch: epoch, isRenewAck } = request;
  const fetched = epoch === FINAL_EPOCH || isRenewAck ? [] : await fetchRecords(session, request, context);
  const acknowledged = await acknowledging;
  const { sharePartitions } = context;
  if (epoch === FINAL_EPOCH) sharePartitions.sessions.end(session);
  const told = fetched.filter((partition) => {
    const hasError = partition.errorCode !== ErrorCode.NONE;
    return epoch === INITIAL_EPOCH || session.include(partition, partition.records.length > 0, hasError);
  });
  // Records that are acquired are given: to withhold them, as Fetch does, would count as a delivery that failed.
  context.throttle?.recordFetched(told.reduce((bytes, { records }) => bytes + records.length, 0));
  const { topics, nodeEndpoints } = shareTopics(answersOf(told, acknowledged, context), context);
  const acquisitionLockTimeoutMs = sharePartitions.settingsOf(groupId).recordLockDurationMs;
  return { acquisitionLockTimeoutMs, responses: topics, nodeEndpoints };
}

/** A request that renews locks asks for no records (KIP-1222). */
function renewError({ isRenewAck, maxBytes, minBytes, maxRecords, maxWaitMs }: ShareFetchRequest) {
  if (!isRenewAck) return null;
  const wrong = Object.entries({ maxBytes, minBytes, maxRecords, maxWaitMs }).filter(([, value]) => value !== 0);
  if (wrong.length === 0) return null;
  const complaints = wrong.map(([name]) => `${name} must be set to 0, `).join("");
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: `${complaints}if isRenewAck is true.` };
}

/** The session that the request begins or goes on with; or why there is none. */
async function sessionOf(request: ShareFetchRequest, context: RequestContext): Promise<ShareSession | ErrorCode> {
  const { shareSessionEpoch: epoch, maxWaitMs } = request;
  const [groupId, memberId] = [request.groupId!, request.memberId!];
  const { sessions } = context.sharePartitions;
  const partitions = request.topics.flatMap(({ topicId, partitions }) =>
    partitions.map(({ partitionIndex: partition }) => ({ topicId, partition }))
  );
  if (epoch === INITIAL_EPOCH) {
    if (hasAcknowledgements(request.topics)) return ErrorCode.INVALID_REQUEST;
    const session = sessions.begin(groupId, memberId, partitions, context.connection);
    if (typeof session !== "number") return session;
    // So that clients do not ask again and again.
    const { timers, connection } = context;
    await waitForChange({ timers, connection, sources: [], hasChanged: () => false, timeoutMs: maxWaitMs });
    return session;
  }
  const session = sessions.find(groupId, memberId, epoch);
  if (typeof session === "number" || epoch === FINAL_EPOCH) return session;
  const forgotten = request.forgottenTopicsData.flatMap(({ topicId, partitions }) =>
    partitions.map((partition) => ({ topicId, partition }))
  );
  const errorCode = sessions.update(session, partitions, forgotten);
  return errorCode === ErrorCode.NONE ? session : errorCode;
}

/** Reads, and reads again whenever something has changed, until there is enough or the time is up; and acquires that. */
async function fetchRecords(
  session: ShareSession,
  request: ShareFetchRequest,
  context: RequestContext,
): Promise<Fetched[]> {
  const deadlineMs = context.clock.now() + request.maxWaitMs;
  const maxBytes = Math.min(request.maxBytes, context.settings.fetchMaxBytes);
  const partitions = rotate(session.partitions, request.shareSessionEpoch);
  for (;;) {
    const { open, refused } = await openAll(session, partitions, context);
    if (open.length === 0 || request.maxRecords <= 0 || maxBytes <= 0) return refused;
    const changes = watchAll(open.flatMap(({ served }) => [served, served.log]));
    try {
      const reads = await readAll(open, maxBytes, context);
      const leftMs = deadlineMs - context.clock.now();
      if (leftMs <= 0 || isEnough(reads, Math.min(request.minBytes, maxBytes)) || !session.isOpen) {
        return [...refused, ...acquireAll(reads, session, request)];
      }
      for (const { served } of reads) served.abandonRead();
      const { timers, connection } = context;
      const isChanged = await waitForChange({ ...changes, timers, connection, timeoutMs: leftMs });
      if (!isChanged && context.clock.now() < deadlineMs) return refused;
    } finally {
      changes.stop();
    }
  }
}

/** So that all partitions have their turn at being first. */
function rotate(partitions: readonly TopicIdPartition[], epoch: number): TopicIdPartition[] {
  const first = partitions.length === 0 ? 0 : epoch % partitions.length;
  return [...partitions.slice(first), ...partitions.slice(0, first)];
}

async function openAll({ groupId }: ShareSession, partitions: readonly TopicIdPartition[], context: RequestContext) {
  const open: OpenPartition[] = [];
  const refused: Fetched[] = [];
  const opened = await Promise.all(partitions.map(({ topicId, partition }) => {
    const { topic, errorCode } = findTopic(context, "", topicId, true, AclOperation.READ);
    if (topic === null) return { errorCode };
    return context.sharePartitions.open({ groupId, topicId, partition });
  }));
  opened.forEach((result, index) => {
    if (!("errorCode" in result)) open.push({ ...partitions[index], served: result });
    else refused.push(nothingOf(partitions[index], result.errorCode));
  });
  return { open, refused };
}

function nothingOf({ topicId, partition }: TopicIdPartition, errorCode: ErrorCode): Fetched {
  return { topicId, partition, errorCode, records: NO_RECORDS, acquiredRecords: [] };
}

/** Notes whether any of the sources moves from now on. */
function watchAll(sources: readonly Watchable[]) {
  let isChanged = false;
  const watches = sources.map((source) => source.watch(() => isChanged = true));
  return {
    sources,
    hasChanged: () => isChanged,
    stop() {
      for (const watch of watches) watch.stop();
    },
  };
}

async function readAll(
  open: readonly OpenPartition[],
  requestMaxBytes: number,
  context: RequestContext,
): Promise<PartitionRead[]> {
  const { answerMemory } = context.connection;
  const fetchable = open.filter(({ served }) => served.canFetch);
  const share = Math.floor(requestMaxBytes / Math.max(1, fetchable.length));
  const reads: PartitionRead[] = [];
  let readBytes = 0;
  for (const partition of fetchable) {
    const { served } = partition;
    // Another fetch may have come while the one before was read.
    if (!served.canFetch) continue;
    const maxBytes = Math.max(0, Math.min(share, answerMemory.bytesLeft));
    answerMemory.take(maxBytes);
    const read = await served.read(maxBytes, readBytes === 0);
    answerMemory.release(maxBytes - read.bytes.length);
    readBytes += read.bytes.length;
    reads.push({ ...partition, read });
  }
  // From here on the connection counts the answer, if it is the one that is sent.
  answerMemory.release(readBytes);
  return reads;
}

function isEnough(reads: readonly PartitionRead[], minBytes: number): boolean {
  if (reads.some(({ read }) => read.errorCode !== ErrorCode.NONE)) return true;
  return reads.length > 0 && reads.reduce((bytes, { read }) => bytes + read.bytes.length, 0) >= minBytes;
}

/** Gives what was read to the member, up to the number of records that it asks for. */
function acquireAll(reads: readonly PartitionRead[], session: ShareSession, request: ShareFetchRequest): Fetched[] {
  const { batchSize, shareAcquireMode } = request;
  const mode = shareAcquireMode === ShareAcquireMode.RECORD_LIMIT
    ? ShareAcquireMode.RECORD_LIMIT
    : ShareAcquireMode.BATCH_OPTIMIZED;
  let left = session.isOpen ? request.maxRecords : 0;
  return reads.map(({ topicId, partition, served, read }) => {
    const { bytes, acquired } = served.acquire(read, {
      memberId: session.memberId,
      mode,
      maxRecords: left,
      batchSize,
    });
    for (const { firstOffset, lastOffset } of acquired) left -= lastOffset - firstOffset + 1;
    return { topicId, partition, errorCode: read.errorCode, records: bytes, acquiredRecords: acquired };
  });
}

/** What was fetched and what became of acknowledgements, of each partition together. */
function answersOf(
  fetched: readonly Fetched[],
  acknowledged: readonly AcknowledgeResult[],
  context: RequestContext,
): ShareAnswer<PartitionAnswer>[] {
  const left = new Map(acknowledged.map((result) => [`${result.topicId}/${result.partition}`, result]));
  const answers = fetched.map(({ topicId, partition, errorCode, records, acquiredRecords }) => {
    const key = `${topicId}/${partition}`;
    const result = left.get(key);
    left.delete(key);
    const leader = shareLeader(errorCode, topicId, partition, context);
    return {
      topicId,
      partition: { partitionIndex: partition, errorCode, records, acquiredRecords, ...errorOf(result), ...leader },
    };
  });
  for (const result of left.values()) {
    const { topicId, partition: partitionIndex } = result;
    const nothing = { partitionIndex, errorCode: ErrorCode.NONE, records: NO_RECORDS };
    answers.push({ topicId, partition: { ...nothing, acquiredRecords: [], ...errorOf(result) } });
  }
  return answers;
}

function errorOf(result: AcknowledgeResult | undefined) {
  if (result === undefined) return {};
  return { acknowledgeErrorCode: result.errorCode, acknowledgeErrorMessage: result.errorMessage };
}
