/**
 * The records with which a metadata log begins: the feature levels of a new cluster.
 *
 * @module
 */
import type { MetadataRecord } from "../protocol/records/logs.ts";
import { levelRecords } from "./decide/features.ts";
import { DEFAULT_FEATURES } from "./features.ts";
import type { MetadataImage } from "./image/image.ts";
import { metadataRecord } from "./record.ts";

/** The feature levels of a new cluster, as formatting writes them. */
export function defaultFeatureRecords(): MetadataRecord[] {
  return Object.entries(DEFAULT_FEATURES).map(([name, featureLevel]) =>
    metadataRecord("FeatureLevelRecord", { name, featureLevel })
  );
}

/**
 * What the first leader of a quorum appends: the records that formatting has left for it, and the configuration that
 * follows from them.
 */
export function bootstrapRecords(formatted: readonly MetadataRecord[], image: MetadataImage): MetadataRecord[] {
  const records = formatted.flatMap((record) =>
    record.name === "FeatureLevelRecord"
      ? [...levelRecords(image, { feature: record.value.name, maxVersionLevel: record.value.featureLevel })]
      : [record]
  );
  const isConfig = ({ name }: MetadataRecord) => name === "ConfigRecord";
  return [...records.filter((record) => !isConfig(record)), ...records.filter(isConfig)];
}
