/**
 * The loggers of the broker as configs, in the way in which Kafka's tools ask for them (KIP-412). There is one, `root`,
 * which tells of what a person should know; its level cannot be changed.
 *
 * @module
 */
import { CONFIG_SOURCE, type DescribedConfig } from "../metadata/configs/mod.ts";
import { type AlterConfigsResult, ConfigOperation } from "../metadata/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { IncrementalAlterConfigsRequest } from "../protocol/messages/incremental_alter_configs.ts";

type ResourceRequest = IncrementalAlterConfigsRequest["resources"][number];
type ConfigRequest = ResourceRequest["configs"][number];

/** The number of this kind of resource on the wire. The metadata log has none of it. */
export const BROKER_LOGGER = 8;

const ROOT = "root";
const LEVEL = "INFO";
const LEVELS = ["DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"];

/** The loggers, as DescribeConfigs shows them. */
export function describeLoggers(): DescribedConfig[] {
  return [{
    name: ROOT,
    value: LEVEL,
    source: CONFIG_SOURCE.DYNAMIC_BROKER_LOGGER_CONFIG,
    isReadOnly: true,
    isSensitive: false,
    type: UNKNOWN_TYPE,
    documentation: "From which level on the broker tells of what it does.",
    synonyms: [],
  }];
}

/** What becomes of changing the loggers of the broker `nodeId`. Errors: INVALID_REQUEST, INVALID_CONFIG. */
export function alterLoggers(
  { resourceType, resourceName, configs }: ResourceRequest,
  nodeId: number,
): AlterConfigsResult {
  const error = nodeComplaint(resourceName, nodeId) ??
    configs.map(complaintOf).find((complaint) => complaint !== null) ??
    { errorCode: ErrorCode.NONE, errorMessage: null };
  return { resourceType, resourceName, ...error };
}

/** The type of configs that have none. */
const UNKNOWN_TYPE = 0;

type Complaint = Pick<AlterConfigsResult, "errorCode" | "errorMessage">;

function nodeComplaint(name: string, nodeId: number): Complaint | null {
  if (name === String(nodeId)) return null;
  return invalidRequest(
    /^[+-]?\d+$/.test(name)
      ? `Unexpected node id. Expected ${nodeId}, but received ${name}`
      : `Node id must be an integer, but it is: ${name}`,
  );
}

function complaintOf({ name, configOperation, value }: ConfigRequest): Complaint | null {
  switch (configOperation) {
    case ConfigOperation.SET:
      if (!LEVELS.includes(value ?? "")) return invalidConfig(levelComplaint(name, value));
      if (name !== ROOT) return invalidConfig(`Logger ${name} does not exist!`);
      return value === LEVEL ? null : invalidConfig(`The log level of ${ROOT} is ${LEVEL}, and cannot be changed`);
    case ConfigOperation.DELETE:
      if (name === ROOT) return invalidRequest("Removing the log level of the root logger is not allowed");
      return invalidConfig(`Logger ${name} does not exist!`);
    case ConfigOperation.APPEND:
    case ConfigOperation.SUBTRACT: {
      const verb = configOperation === ConfigOperation.APPEND ? "APPEND" : "SUBTRACT";
      return invalidRequest(`${verb} operation is not allowed for the BROKER_LOGGER resource`);
    }
    default:
      return invalidRequest(`Unknown operation type ${configOperation} is not allowed for the BROKER_LOGGER resource`);
  }
}

function levelComplaint(name: string, value: string | null): string {
  return `Cannot set the log level of ${name} to ${value} as it is not a supported log level. ` +
    `Valid log levels are ${LEVELS.join(", ")}`;
}

function invalidRequest(errorMessage: string): Complaint {
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}

function invalidConfig(errorMessage: string): Complaint {
  return { errorCode: ErrorCode.INVALID_CONFIG, errorMessage };
}
