/**
 * DescribeLogDirs: the log directories of this broker, their volumes (KIP-827), and the size of each partition in them
 * (KIP-113).
 *
 * Null asks for all partitions; those that a request names and that are not there are left out. A directory whose
 * device has failed has KAFKA_STORAGE_ERROR for itself, and no partitions.
 *
 * @module
 */
import type { LogDirectoryInfo, PartitionLog } from "../../log/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from "../../protocol/messages/describe_log_dirs.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type DirectoryAnswer = NonNullable<Init<DescribeLogDirsResponse>["results"]>[number];
type TopicAnswer = NonNullable<DirectoryAnswer["topics"]>[number];

export const describeLogDirsApi = api(
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
  onCluster(AclOperation.DESCRIBE, handleDescribeLogDirs, ({ errorCode }) => ({ errorCode })),
);

function handleDescribeLogDirs(
  { topics }: DescribeLogDirsRequest,
  { logs }: RequestContext,
): Init<DescribeLogDirsResponse> {
  const asked = topics && new Map(topics.map(({ topic, partitions }) => [topic, new Set(partitions)]));
  const isAsked = ({ topicPartition: { topic, partition } }: PartitionLog) =>
    asked === null || asked.get(topic)?.has(partition) === true;
  return { errorCode: ErrorCode.NONE, results: logs.directories().map((directory) => describe(directory, isAsked)) };
}

function describe(directory: LogDirectoryInfo, isAsked: (log: PartitionLog) => boolean): DirectoryAnswer {
  if (directory.isOffline) return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, logDir: directory.path };
  return {
    errorCode: ErrorCode.NONE,
    logDir: directory.path,
    topics: byTopic(directory.logs.filter(isAsked)),
    totalBytes: directory.totalBytes,
    usableBytes: directory.freeBytes,
  };
}

function byTopic(logs: readonly PartitionLog[]): TopicAnswer[] {
  const groups = Map.groupBy(logs, ({ topicPartition }) => topicPartition.topic);
  return Array.from(groups, ([name, partitions]) => ({
    name,
    partitions: partitions.map(({ topicPartition, sizeInBytes }) => ({
      partitionIndex: topicPartition.partition,
      partitionSize: sizeInBytes,
      offsetLag: 0,
      isFutureKey: false,
    })),
  }));
}
