/**
 * The loggers of the broker as configs, in the way in which Kafka's tools ask for them (KIP-412): the areas of its log,
 * each with its level, and `root`. What is changed holds until the broker stops.
 *
 * @module
 */
import {
  isLoggerName,
  isLogLevel,
  LOG_AREAS,
  LOG_LEVELS,
  type LogArea,
  type Loggers,
  ROOT_LOGGER,
} from "../logging/mod.ts";
import { CONFIG_SOURCE, type DescribedConfig } from "../metadata/configs/mod.ts";
import { type AlterConfigsResult, ConfigOperation, duplicates } from "../metadata/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { Logger, LogLevel } from "../ports.ts";
import type { IncrementalAlterConfigsRequest } from "../protocol/messages/incremental_alter_configs.ts";
import type { RequestContext } from "./context.ts";

type ResourceRequest = IncrementalAlterConfigsRequest["resources"][number];
type ConfigRequest = ResourceRequest["configs"][number];

/** The number of this kind of resource on the wire. The metadata log has none of it. */
export const BROKER_LOGGER = 8;

/** The loggers, as DescribeConfigs shows them. */
export function describeLoggers({ loggers }: Pick<RequestContext, "loggers">): DescribedConfig[] {
  return Array.from(loggers.levels(), ([name, level]) => ({
    name,
    value: level,
    source: CONFIG_SOURCE.DYNAMIC_BROKER_LOGGER_CONFIG,
    isReadOnly: false,
    isSensitive: false,
    type: UNKNOWN_TYPE,
    documentation: name === ROOT_LOGGER ? "All areas that have no level of their own." : LOG_AREAS[name as LogArea],
    synonyms: [],
  }));
}

/**
 * Changes the loggers of this broker: all that a resource names, or nothing. Errors: INVALID_REQUEST, INVALID_CONFIG.
 *
 * @param resources of the type BROKER_LOGGER alone
 */
export function alterLoggers(
  resources: readonly ResourceRequest[],
  validateOnly: boolean,
  { loggers, logger, metadata }: Pick<RequestContext, "loggers" | "logger" | "metadata">,
): AlterConfigsResult[] {
  const twice = duplicates(resources, ({ resourceName }) => resourceName);
  return resources.map(({ resourceType, resourceName, configs }) => {
    const complaint = twice.has(resourceName)
      ? invalidRequest("Each resource must appear at most once.")
      : requestComplaint(configs) ?? nodeComplaint(resourceName, metadata.nodeId) ??
        configs.map(changeComplaint).find((each) => each !== null);
    if (complaint) return { resourceType, resourceName, ...complaint };
    if (!validateOnly) { for (const change of configs) apply(change, loggers, logger); }
    return { resourceType, resourceName, errorCode: ErrorCode.NONE, errorMessage: null };
  });
}

function apply({ name, configOperation, value }: ConfigRequest, loggers: Loggers, logger: Logger): void {
  if (configOperation === ConfigOperation.SET) loggers.setLevel(name, value as LogLevel);
  else loggers.clearLevel(name);
  logger.warn(`The log level of ${name} is ${loggers.levels().get(name)} from now on`);
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

/** What is wrong with how the changes are put. */
function requestComplaint(configs: readonly ConfigRequest[]): Complaint | null {
  if (duplicates(configs, ({ name }) => name).size > 0) return invalidRequest("Error due to duplicate config keys");
  const withNull = configs.filter(({ value, configOperation }) =>
    value === null && configOperation !== ConfigOperation.DELETE
  );
  if (withNull.length === 0) return null;
  return invalidRequest(`Null value not supported for : ${withNull.map(({ name }) => name).join(", ")}`);
}

function changeComplaint({ name, configOperation, value }: ConfigRequest): Complaint | null {
  switch (configOperation) {
    case ConfigOperation.SET:
      if (!isLoggerName(name)) return invalidConfig(`Logger ${name} does not exist!`);
      return isLogLevel(value!) ? null : invalidConfig(levelComplaint(name, value!));
    case ConfigOperation.DELETE:
      if (!isLoggerName(name)) return invalidConfig(`Logger ${name} does not exist!`);
      return name === ROOT_LOGGER ? invalidRequest("Removing the log level of the root logger is not allowed") : null;
    case ConfigOperation.APPEND:
    case ConfigOperation.SUBTRACT: {
      const verb = configOperation === ConfigOperation.APPEND ? "APPEND" : "SUBTRACT";
      return invalidRequest(`${verb} operation is not allowed for the BROKER_LOGGER resource`);
    }
    default:
      return invalidRequest(`Unknown operation type ${configOperation} is not allowed for the BROKER_LOGGER resource`);
  }
}

function levelComplaint(name: string, value: string): string {
  return `Cannot set the log level of ${name} to ${value} as it is not a supported log level. ` +
    `Valid log levels are ${[...LOG_LEVELS].sort().join(", ")}`;
}

function invalidRequest(errorMessage: string): Complaint {
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}

function invalidConfig(errorMessage: string): Complaint {
  return { errorCode: ErrorCode.INVALID_CONFIG, errorMessage };
}
