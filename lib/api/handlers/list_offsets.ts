/**
 * ListOffsets: the offset of a timestamp, or of one of the special ones below, for each partition.
 *
 * | timestamp | means                                             | since version |
 * | --------- | ------------------------------------------------- | ------------- |
 * | -1        | latest: high watermark, or last stable offset     | 1             |
 * | -2        | earliest: log start offset                        | 1             |
 * | -3        | the record with the greatest timestamp (KIP-734)  | 7             |
 * | -4        | earliest on this broker's disk (KIP-405)          | 8             |
 * | -5        | latest in remote storage (KIP-1005)               | 9             |
 * | -6        | earliest that is not in remote storage (KIP-1023) | 11            |
 *
 * Nothing lies in remote storage here nor will, so -4 is the log start offset, and -5 and -6 find nothing.
 *
 * @module
 */
import { toNumberClamped } from "../../bytes/mod.ts";
import { type PartitionLog, readErrorOf, type TimestampOffset } from "../../log/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../protocol/messages/list_offsets.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isolationLevelOf } from "../isolation_level.ts";
import type { RequestContext } from "../context.ts";
import { checkLeaderEpoch, findLog, findTopic } from "../partitions.ts";

type PartitionRequest = ListOffsetsRequest["topics"][number]["partitions"][number];
type TopicAnswer = NonNullable<Init<ListOffsetsResponse>["topics"]>[number];
type PartitionAnswer = NonNullable<TopicAnswer["partitions"]>[number];

const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;
const EARLIEST_PENDING_UPLOAD = -6;

const FIRST_VERSIONS = new Map([[MAX_TIMESTAMP, 7], [EARLIEST_LOCAL, 8], [LATEST_TIERED, 9], [
  EARLIEST_PENDING_UPLOAD,
  11,
]]);

const FIRST_VERSION_WITH_LEADER_EPOCH = 4;

const NOTHING: TimestampOffset = { timestamp: -1, offset: -1, leaderEpoch: -1 };

export const listOffsetsApi = api(ListOffsetsRequest, ListOffsetsResponse, handleListOffsets);

async function handleListOffsets(
  request: ListOffsetsRequest,
  context: RequestContext,
): Promise<Init<ListOffsetsResponse>> {
  const repeated = repeatedPartitions(request);
  const asked = request.topics.filter(({ partitions }) => partitions.length > 0);
  const topics = await Promise.all(asked.map(async ({ name, partitions }) => ({
    name,
    partitions: await Promise.all(
      distinct(partitions).map((partition) => {
        return repeated.has(`${name}-${partition.partitionIndex}`)
          ? failed(partition, ErrorCode.INVALID_REQUEST)
          : answer(name, partition, request, context);
      }),
    ),
  })));
  return { topics };
}

function distinct(partitions: readonly PartitionRequest[]): PartitionRequest[] {
  return [...new Map(partitions.map((partition) => [partition.partitionIndex, partition])).values()];
}

function repeatedPartitions(request: ListOffsetsRequest): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}-${partitionIndex}`;
      if (seen.has(key)) repeated.add(key);
      seen.add(key);
    }
  }
  return repeated;
}

async function answer(
  name: string,
  partition: PartitionRequest,
  request: ListOffsetsRequest,
  context: RequestContext,
): Promise<PartitionAnswer> {
  const timestamp = toNumberClamped(partition.timestamp);
  const firstVersion = timestamp >= EARLIEST ? 0 : FIRST_VERSIONS.get(timestamp);
  if (firstVersion === undefined || context.header.apiVersion < firstVersion) {
    return failed(partition, ErrorCode.UNSUPPORTED_VERSION);
  }
  const isolationLevel = isolationLevelOf(request.isolationLevel);
  if (isolationLevel === null) return failed(partition, ErrorCode.INVALID_REQUEST);
  const found = findTopic(context, name, "", false, AclOperation.DESCRIBE);
  if (found.topic === null) return failed(partition, found.errorCode);
  const { errorCode, log } = findLog(context, found.topic, partition.partitionIndex);
  if (log === null) return failed(partition, errorCode);
  const epochError = checkLeaderEpoch(log, partition.currentLeaderEpoch);
  if (epochError !== ErrorCode.NONE) return failed(partition, epochError);
  const readableEnd = isolationLevel === "read-committed" ? log.lastStableOffset : log.highWatermark;
  try {
    const result = await lookUp(log, timestamp, readableEnd);
    return {
      partitionIndex: partition.partitionIndex,
      errorCode: ErrorCode.NONE,
      timestamp: result.timestamp,
      offset: result.offset,
      leaderEpoch: context.header.apiVersion >= FIRST_VERSION_WITH_LEADER_EPOCH ? result.leaderEpoch : -1,
    };
  } catch (error) {
    return failed(partition, readErrorOf(error));
  }
}

async function lookUp(log: PartitionLog, timestamp: number, readableEnd: number): Promise<TimestampOffset> {
  switch (timestamp) {
    case LATEST:
      return { timestamp: -1, offset: readableEnd, leaderEpoch: log.leaderEpoch };
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { timestamp: -1, offset: log.logStartOffset, leaderEpoch: log.epochForOffset(log.logStartOffset) };
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return NOTHING;
    case MAX_TIMESTAMP:
      return upTo(readableEnd, await log.offsetOfMaxTimestamp());
    default:
      return upTo(readableEnd, await log.offsetForTimestamp(timestamp));
  }
}

/** What lies beyond the end that the client may read does not exist for it. */
function upTo(readableEnd: number, found: TimestampOffset): TimestampOffset {
  return found.offset < readableEnd ? found : NOTHING;
}

function failed(partition: PartitionRequest, errorCode: ErrorCode): PartitionAnswer {
  return { partitionIndex: partition.partitionIndex, errorCode };
}
