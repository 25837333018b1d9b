/**
 * AlterReplicaLogDirs: says in which log directory a partition shall lie (KIP-113).
 *
 * A partition stays where it was made: to name its own directory is fine, to name another one is refused with
 * POLICY_VIOLATION and a warning. A directory that is none of this broker's is LOG_DIR_NOT_FOUND.
 *
 * @module
 */
import type { LogDirectoryInfo } from "../../log/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from "../../protocol/messages/alter_replica_log_dirs.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const alterReplicaLogDirsApi = api(
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
  onCluster(AclOperation.ALTER, handleAlterReplicaLogDirs, refuse),
);

function handleAlterReplicaLogDirs(
  request: AlterReplicaLogDirsRequest,
  context: RequestContext,
): Init<AlterReplicaLogDirsResponse> {
  const directories = context.logs.directories();
  const moves = request.dirs.flatMap(({ path, topics }) => topics.map((topic) => ({ path, ...topic })));
  const byTopic = Map.groupBy(moves, ({ name }) => name);
  return {
    results: Array.from(byTopic, ([topicName, moves]) => ({
      topicName,
      partitions: moves.flatMap(({ path, partitions }) =>
        partitions.map((partitionIndex) => ({
          partitionIndex,
          errorCode: move(topicName, partitionIndex, path, directories, context),
        }))
      ),
    })),
  };
}

function refuse(
  { errorCode }: { errorCode: ErrorCode },
  { dirs }: AlterReplicaLogDirsRequest,
): Init<AlterReplicaLogDirsResponse> {
  const results = dirs.flatMap(({ topics }) =>
    topics.map(({ name, partitions }) => ({
      topicName: name,
      partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode })),
    }))
  );
  return { results };
}

function move(
  topic: string,
  partition: number,
  path: string,
  directories: readonly LogDirectoryInfo[],
  { logs, logger }: RequestContext,
): ErrorCode {
  const target = directories.find((directory) => directory.path === path);
  if (target === undefined) return ErrorCode.LOG_DIR_NOT_FOUND;
  if (target.isOffline) return ErrorCode.KAFKA_STORAGE_ERROR;
  const log = logs.get(topic, partition);
  if (log === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  if (target.logs.includes(log)) return ErrorCode.NONE;
  logger.warn(
    `Partition ${topic}-${partition} was not moved to ${path}: partitions stay in the log directory they have`,
  );
  return ErrorCode.POLICY_VIOLATION;
}
