/**
 * What keeps a topology from being worked on.
 *
 * @module
 */
import { ErrorCode } from "../../../../protocol/error_code.ts";

/** What a heartbeat tells a member beside its tasks (KIP-1071). */
export const HeartbeatStatus = {
  STALE_TOPOLOGY: 0,
  MISSING_SOURCE_TOPICS: 1,
  INCORRECTLY_PARTITIONED_TOPICS: 2,
  MISSING_INTERNAL_TOPICS: 3,
  SHUTDOWN_APPLICATION: 4,
  ASSIGNMENT_DELAYED: 5,
} as const;
export type HeartbeatStatus = typeof HeartbeatStatus[keyof typeof HeartbeatStatus];

/** A status, and a line for a person in Apache Kafka's words. */
export interface Status {
  readonly statusCode: HeartbeatStatus;
  readonly statusDetail: string;
}

/** Topics are missing or have the wrong number of partitions: the group waits until somebody mends that. */
export class TopicProblem extends Error {
  override name = "TopicProblem";

  constructor(readonly statusCode: HeartbeatStatus, message: string) {
    super(message);
  }

  get status(): Status {
    return { statusCode: this.statusCode, statusDetail: this.message };
  }
}

/** The topology itself makes no sense: the heartbeat that brings it is refused. */
export class InvalidTopologyError extends Error {
  override name = "InvalidTopologyError";
  readonly errorCode = ErrorCode.STREAMS_INVALID_TOPOLOGY;
}
