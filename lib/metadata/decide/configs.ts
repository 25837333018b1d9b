/**
 * Changing configurations: incrementally (KIP-339), or all of a resource's at once. Error codes and messages are
 * those of Apache Kafka.
 *
 * @module
 */
import { sizeOfUtf8 } from "../../bytes/mod.ts";
import { MAX_STRING_BYTES } from "../../protocol/mod.ts";
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import { isUnreadable } from "../configs/client_metrics.ts";
import type { ConfigRules } from "../config_rules.ts";
import { ELR_VERSION } from "../features.ts";
import { ConfigResourceType } from "../image/configs_image.ts";
import type { MetadataImage } from "../image/image.ts";
import { metadataRecord } from "../record.ts";
import { topicNameComplaint } from "../topic_name.ts";
import {
  type ApiError,
  apiError,
  type Decision,
  type DecisionContext,
  duplicates,
  MAX_RECORDS_PER_REQUEST,
  NO_ERROR,
  TOO_MANY_RECORDS,
} from "./decision.ts";

/** What an incremental change does, with its number on the wire. */
export const ConfigOperation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

/** What has a configuration. */
export interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** A resource and what to change of its configuration. */
export interface AlteredResource<C> extends Resource {
  readonly configs: readonly C[];
}

/** One incremental change. */
export interface ConfigAlteration {
  readonly name: string;
  readonly configOperation: number;
  readonly value: string | null;
}

/** One config as it shall be. */
export interface ConfigAssignment {
  readonly name: string;
  readonly value: string | null;
}

/** What an IncrementalAlterConfigs request says, or with {@linkcode ConfigAssignment}s an AlterConfigs request. */
export interface AlterConfigs<C> {
  readonly resources: readonly AlteredResource<C>[];
  readonly validateOnly: boolean;
}

/** What became of one resource. */
export interface AlterConfigsResult extends ApiError, Resource {}

/** Decides on incremental changes. */
export function incrementalAlterConfigs(
  image: MetadataImage,
  request: AlterConfigs<ConfigAlteration>,
  context: DecisionContext,
): Decision<AlterConfigsResult[]> {
  return alterEach(image, request, context, (resource, before) => {
    const changes = new Map<string, string | null>();
    for (const alteration of resource.configs) {
      const changed = alter(context.configRules, resource.resourceType, before, alteration);
      if (typeof changed === "object" && changed !== null) return changed;
      changes.set(alteration.name, changed);
    }
    return changes;
  });
}

/** Decides on configurations that take the place of what the resources have: what is not named goes. */
export function alterConfigs(
  image: MetadataImage,
  request: AlterConfigs<ConfigAssignment>,
  context: DecisionContext,
): Decision<AlterConfigsResult[]> {
  return alterEach(image, request, context, (resource, before) => {
    const changes = new Map<string, string | null>(resource.configs.map(({ name, value }) => [name, value]));
    for (const name of before.keys()) {
      if (!changes.has(name)) changes.set(name, null);
    }
    return changes;
  });
}

/**
 * What is wrong with changing a resource's configuration; null where nothing is.
 *
 * @param before what is set
 * @param changes values by name, null to remove
 */
export function configComplaint(
  rules: ConfigRules,
  { resourceType, resourceName }: Resource,
  before: ReadonlyMap<string, string>,
  changes: ReadonlyMap<string, string | null>,
): string | null {
  const after = new Map(before);
  for (const [name, value] of changes) {
    if (value === null) {
      after.delete(name);
      continue;
    }
    const complaint = rules.validateConfig(resourceType, name, value) ?? sizeComplaint(name, value);
    if (complaint !== null) return complaint;
    after.set(name, value);
  }
  return rules.validateConfigs?.(resourceType, resourceName, after) ?? null;
}

/** Lists grow by what is appended to them, but no record of the metadata log can carry more than one string holds. */
function sizeComplaint(name: string, value: string): string | null {
  const sizeInBytes = sizeOfUtf8(value);
  if (sizeInBytes <= MAX_STRING_BYTES) return null;
  return `Invalid value for configuration ${name}: it takes ${sizeInBytes} bytes, the limit is ${MAX_STRING_BYTES}`;
}

/** The value after one incremental change, null for none, or an error. */
function alter(
  rules: ConfigRules,
  resourceType: number,
  before: ReadonlyMap<string, string>,
  { name, configOperation, value }: ConfigAlteration,
): string | null | ApiError {
  switch (configOperation) {
    case ConfigOperation.SET:
      return value;
    case ConfigOperation.DELETE:
      return null;
    case ConfigOperation.APPEND:
    case ConfigOperation.SUBTRACT: {
      const isAppend = configOperation === ConfigOperation.APPEND;
      if (!rules.isListConfig(resourceType, name)) {
        const verb = isAppend ? "APPEND" : "SUBTRACT";
        return apiError("INVALID_CONFIG", `Can't ${verb} to key ${name} because its type is not LIST.`);
      }
      const current = before.get(name) ?? rules.defaultConfig(resourceType, name) ?? "";
      const parts = partsOf(current);
      const named = partsOf(value!);
      const kept = isAppend ? parts.concat(named) : parts.filter((part) => !named.includes(part));
      return [...new Set(kept)].join(",");
    }
    default:
      return apiError("INVALID_REQUEST", `Unknown operations type ${configOperation}`);
  }
}

function partsOf(list: string): string[] {
  return list.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

interface NamedConfig {
  readonly name: string;
  readonly value: string | null;
  readonly configOperation?: number;
}

function alterEach<C extends NamedConfig>(
  image: MetadataImage,
  { resources, validateOnly }: AlterConfigs<C>,
  context: DecisionContext,
  changesOf: (
    resource: AlteredResource<C>,
    before: ReadonlyMap<string, string>,
  ) => ReadonlyMap<string, string | null> | ApiError,
): Decision<AlterConfigsResult[]> {
  const twice = duplicates(resources, keyOf);
  const records: MetadataRecord[] = [];
  const result: AlterConfigsResult[] = [];
  for (const resource of resources) {
    const { resourceType, resourceName } = resource;
    const made = twice.has(keyOf(resource))
      ? apiError("INVALID_REQUEST", "Each resource must appear at most once.")
      : alterResource(image, resource, context, changesOf);
    if ("errorCode" in made) result.push({ resourceType, resourceName, ...made });
    else {
      records.push(...made);
      result.push({ resourceType, resourceName, ...NO_ERROR });
    }
  }
  if (records.length > MAX_RECORDS_PER_REQUEST) {
    return { records: [], result: result.map((each) => ({ ...each, ...TOO_MANY_RECORDS })) };
  }
  return { records: validateOnly ? [] : records, result };
}

function keyOf({ resourceType, resourceName }: Resource): string {
  return `${resourceType} ${resourceName}`;
}

function alterResource<C extends NamedConfig>(
  image: MetadataImage,
  resource: AlteredResource<C>,
  context: DecisionContext,
  changesOf: (
    resource: AlteredResource<C>,
    before: ReadonlyMap<string, string>,
  ) => ReadonlyMap<string, string | null> | ApiError,
): MetadataRecord[] | ApiError {
  const { resourceType, resourceName } = resource;
  const error = requestError(resource) ?? resourceError(image, resource, context);
  if (error !== null) return error;
  const before = image.configs(resourceType, resourceName);
  const changes = changesOf(resource, before);
  if ("errorCode" in changes) return changes;
  const complaint = configComplaint(context.configRules, resource, before, changes);
  if (complaint !== null) return apiError(complaintCode(resourceType, complaint), complaint);
  const elrError = minInsyncReplicasError(image, resource, before, changes);
  if (elrError !== null) return elrError;
  if (resourceType === ConfigResourceType.TOPIC && image.topicByName(resourceName) === undefined) {
    return apiError("UNKNOWN_TOPIC_OR_PARTITION", `The topic '${resourceName}' does not exist.`);
  }
  const records: MetadataRecord[] = [];
  for (const [name, value] of changes) {
    if (value === (before.get(name) ?? null)) continue;
    records.push(metadataRecord("ConfigRecord", { resourceType, resourceName, name, value }));
  }
  return records;
}

/** What is wrong with how the request is put. */
function requestError({ configs }: AlteredResource<NamedConfig>): ApiError | null {
  if (duplicates(configs, ({ name }) => name).size > 0) {
    return apiError("INVALID_REQUEST", "Error due to duplicate config keys");
  }
  const withNull = configs.filter(({ value, configOperation }) =>
    value === null && configOperation !== ConfigOperation.DELETE
  );
  if (withNull.length === 0) return null;
  const names = withNull.map(({ name }) => name).join(", ");
  return apiError("INVALID_REQUEST", `Null value not supported for : ${names}`);
}

/** What is wrong with the name of the resource. */
function resourceError(
  image: MetadataImage,
  { resourceType, resourceName }: Resource,
  { nodeId }: DecisionContext,
): ApiError | null {
  switch (resourceType) {
    case ConfigResourceType.TOPIC: {
      if (resourceName === "") return apiError("INVALID_REQUEST", "Default topic resources are not allowed.");
      const complaint = image.topicByName(resourceName) === undefined ? topicNameComplaint(resourceName) : null;
      return complaint === null ? null : apiError("INVALID_TOPIC_EXCEPTION", complaint);
    }
    case ConfigResourceType.BROKER:
      if (resourceName === "" || resourceName === String(nodeId)) return null;
      return apiError(
        "INVALID_REQUEST",
        /^[+-]?\d+$/.test(resourceName)
          ? `Unexpected broker id, expected ${nodeId}, but received ${resourceName}`
          : `Node id must be an integer, but it is: ${resourceName}`,
      );
    case ConfigResourceType.GROUP:
      return resourceName === "" ? apiError("INVALID_REQUEST", "Default group resources are not allowed.") : null;
    case ConfigResourceType.CLIENT_METRICS:
      return resourceName === "" ? apiError("INVALID_REQUEST", "Subscription name can't be empty") : null;
    default:
      return apiError("INVALID_REQUEST", `Unknown resource type ${resourceType}`);
  }
}

/**
 * While there are eligible leader replicas, `min.insync.replicas` decides who is one: there must be a value for the
 * whole cluster, and no other for a broker (KIP-966).
 */
function minInsyncReplicasError(
  image: MetadataImage,
  { resourceType, resourceName }: Resource,
  before: ReadonlyMap<string, string>,
  changes: ReadonlyMap<string, string | null>,
): ApiError | null {
  const value = changes.get(MIN_INSYNC_REPLICAS);
  if (resourceType !== ConfigResourceType.BROKER || value === undefined || !image.features.has(ELR_VERSION)) {
    return null;
  }
  if (resourceName !== "") {
    if (value === null && !before.has(MIN_INSYNC_REPLICAS)) return null;
    return apiError("INVALID_CONFIG", `Broker-level ${MIN_INSYNC_REPLICAS} cannot be altered while ELR is enabled.`);
  }
  if (value !== null) return null;
  return apiError("INVALID_CONFIG", `Cluster-level ${MIN_INSYNC_REPLICAS} cannot be removed while ELR is enabled.`);
}

const MIN_INSYNC_REPLICAS = "min.insync.replicas";

/**
 * Apache Kafka names a bad value of a broker or a metrics subscription by another error than one of a topic or a
 * group, but for a value of a metrics subscription that is of the wrong form.
 */
function complaintCode(resourceType: number, complaint: string): "INVALID_CONFIG" | "INVALID_REQUEST" {
  if (resourceType === ConfigResourceType.CLIENT_METRICS && isUnreadable(complaint)) return "INVALID_CONFIG";
  return resourceType === ConfigResourceType.TOPIC || resourceType === ConfigResourceType.GROUP
    ? "INVALID_CONFIG"
    : "INVALID_REQUEST";
}
