/**
 * What all decisions have in common. A decision looks at the image and returns the records that would make the
 * change, with the answer to whoever asked; it changes nothing.
 *
 * @module
 */
import type { Uuid } from "../../bytes/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import type { ConfigRules } from "../config_rules.ts";

/** Records to append, all or none, and the answer that is true once they are. */
export interface Decision<R> {
  readonly records: readonly MetadataRecord[];
  readonly result: R;
}

/** An error as Kafka names it. */
export interface ApiError {
  readonly errorCode: ErrorCode;
  /** For a person; null without an error. */
  readonly errorMessage: string | null;
}

/** No error. */
export const NO_ERROR: ApiError = { errorCode: ErrorCode.NONE, errorMessage: null };

/** An error with its message. */
export function apiError(name: keyof typeof ErrorCode, errorMessage: string): ApiError {
  return { errorCode: ErrorCode[name], errorMessage };
}

/** What decisions need beside the image and the request. */
export interface DecisionContext {
  /** This broker. */
  readonly nodeId: number;
  /** The ids of its data folders. */
  readonly directoryIds: readonly Uuid[];
  readonly configRules: ConfigRules;
  /** `num.partitions`. */
  readonly defaultPartitions: number;
  /** `default.replication.factor`. */
  readonly defaultReplicationFactor: number;
  /** A new random id. */
  newUuid(): Uuid;
}

/** The quota on changes of metadata of who asks for them (KIP-599). */
export interface MutationQuota {
  /** Takes so many changes; false where they must not be made. */
  take(changes: number): boolean;
}

/** What is above the quota of who asks. */
export const THROTTLED = apiError("THROTTLING_QUOTA_EXCEEDED", "The throttling quota has been exceeded.");

/** The most records that one request may make (Apache Kafka's limit). */
export const MAX_RECORDS_PER_REQUEST = 10_000;

/** The error of a request that would make more. */
export const TOO_MANY_RECORDS = apiError("POLICY_VIOLATION", "Unable to perform excessively large batch operation.");

/** The error of a request for more partitions than that. */
export const TOO_MANY_PARTITIONS = apiError(
  "POLICY_VIOLATION",
  "Excessively large number of partitions per request.",
);

/** The values that `nameOf` gives more than once, each once, in the order of their second coming. */
export function duplicates<T, N>(values: readonly T[], nameOf: (value: T) => N): Set<N> {
  const seen = new Set<N>();
  const twice = new Set<N>();
  for (const value of values) {
    const name = nameOf(value);
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  return twice;
}
