/**
 * Raising and lowering feature levels (KIP-584, KIP-1022). Error codes and messages are those of Apache Kafka.
 *
 * @module
 */
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import {
  ELR_VERSION,
  KRAFT_VERSION,
  LEAST_METADATA_VERSION,
  losesMetadata,
  METADATA_VERSION,
  SUPPORTED_FEATURES,
} from "../features.ts";
import { ConfigResourceType } from "../image/configs_image.ts";
import type { MetadataImage } from "../image/image.ts";
import { metadataRecord } from "../record.ts";
import { type ApiError, apiError, type Decision, type DecisionContext, NO_ERROR } from "./decision.ts";

/** Which way a level may move, with its number on the wire. */
export const UpgradeType = { UPGRADE: 1, SAFE_DOWNGRADE: 2, UNSAFE_DOWNGRADE: 3 } as const;

/** One feature and the level that it shall have. */
export interface FeatureUpdate {
  readonly feature: string;
  readonly maxVersionLevel: number;
  readonly upgradeType: number;
}

/** What an UpdateFeatures request says. */
export interface UpdateFeatures {
  readonly featureUpdates: readonly FeatureUpdate[];
  readonly validateOnly: boolean;
}

/** Decides on feature levels: all or none. Error: INVALID_UPDATE_VERSION. */
export function updateFeatures(
  image: MetadataImage,
  kraftVersion: number,
  { featureUpdates, validateOnly }: UpdateFeatures,
  context: DecisionContext,
): Decision<ApiError> {
  const levels = new Map([...image.features, [KRAFT_VERSION, kraftVersion]]);
  for (const { feature, maxVersionLevel } of featureUpdates) levels.set(feature, maxVersionLevel);
  const records: MetadataRecord[] = [];
  for (const update of featureUpdates) {
    const before = update.feature === KRAFT_VERSION ? kraftVersion : image.features.get(update.feature) ?? 0;
    const complaint = updateComplaint(update, before, levels, context);
    if (complaint !== null) {
      const message = `The update failed for all features since the following feature had an error: ${complaint}`;
      return { records: [], result: apiError("INVALID_UPDATE_VERSION", message) };
    }
    // kraft.version stands in control records, and to stay at its level takes none.
    if (update.feature !== KRAFT_VERSION) records.push(...levelRecords(image, update));
  }
  return { records: validateOnly ? [] : records, result: NO_ERROR };
}

function updateComplaint(
  { feature, maxVersionLevel, upgradeType }: FeatureUpdate,
  before: number,
  levels: ReadonlyMap<string, number>,
  { nodeId }: DecisionContext,
): string | null {
  const invalid = (reason: string) => `Invalid update version ${maxVersionLevel} for feature ${feature}. ${reason}`;
  if (![1, 2, 3].includes(upgradeType)) return invalid("The controller does not support the given upgrade type.");
  if (maxVersionLevel < 0) return invalid("A feature version cannot be less than 0.");
  const range = SUPPORTED_FEATURES[feature];
  if (range === undefined) {
    // Level 0 says that a feature is off, and so every controller supports it.
    return invalid(
      maxVersionLevel === 0
        ? `Feature ${feature} not found.`
        : `Local controller ${nodeId} does not support this feature.`,
    );
  }
  if (maxVersionLevel < range.min || maxVersionLevel > range.max) {
    return invalid(`Local controller ${nodeId} only supports versions ${range.min}-${range.max}`);
  }
  if (feature === KRAFT_VERSION) return invalidKraftVersion(maxVersionLevel, before, invalid);
  if (maxVersionLevel < before && upgradeType === UpgradeType.UPGRADE) {
    return invalid(
      "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe " +
        "downgrade.",
    );
  }
  if (maxVersionLevel > before && upgradeType !== UpgradeType.UPGRADE) {
    return invalid("Can't downgrade to a newer version.");
  }
  if (feature === METADATA_VERSION) return downgradeComplaint(before, maxVersionLevel, upgradeType);
  const least = maxVersionLevel === 0 ? 0 : LEAST_METADATA_VERSION[feature] ?? 0;
  if (levels.get(METADATA_VERSION)! >= least) return null;
  return invalid(
    `Feature ${feature} could not be set to ${maxVersionLevel} because it depends on ${METADATA_VERSION} level ` +
      least,
  );
}

/** A static quorum stays one, and there is no way back from a dynamic one. */
function invalidKraftVersion(level: number, before: number, invalid: (reason: string) => string): string | null {
  if (level === before) return null;
  return invalid(
    level < before ? "Can't downgrade the version of this feature." : "The quorum of this folder is static.",
  );
}

function downgradeComplaint(from: number, to: number, upgradeType: number): string | null {
  if (to >= from || !losesMetadata(from, to)) return null;
  const reason = upgradeType === UpgradeType.UNSAFE_DOWNGRADE
    ? "Unsafe metadata downgrade is not supported in this version."
    : "Refusing to perform the requested downgrade because it might delete metadata information.";
  return `Unsupported metadata.version downgrade from ${from} to ${to}. ${reason}`;
}

/**
 * With eligible leader replicas comes a value of `min.insync.replicas` for the whole cluster, where there is none: it
 * then decides when a replica stays eligible, and must be the same for all brokers (KIP-966).
 */
export function* levelRecords(
  image: MetadataImage,
  { feature, maxVersionLevel }: Pick<FeatureUpdate, "feature" | "maxVersionLevel">,
): Generator<MetadataRecord> {
  yield metadataRecord("FeatureLevelRecord", { name: feature, featureLevel: maxVersionLevel });
  const isElrNew = feature === ELR_VERSION && maxVersionLevel > 0 && !image.features.has(ELR_VERSION);
  const resource = { resourceType: ConfigResourceType.BROKER, resourceName: "" };
  if (!isElrNew || image.configs(resource.resourceType, "").has("min.insync.replicas")) return;
  yield metadataRecord("ConfigRecord", { ...resource, name: "min.insync.replicas", value: "1" });
}
