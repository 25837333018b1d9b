/**
 * UpdateFeatures: raises or lowers the finalized levels of features (KIP-584).
 *
 * Version 1 has the kind of upgrade and a dry run (KIP-778); 2 answers one error for all, as either every feature
 * changes or none.
 *
 * @module
 */
import {
  array,
  bool,
  defaulting,
  ignorable,
  type Infer,
  int16,
  int32,
  int8,
  nullable,
  prose,
  request,
  response,
  since,
  string,
  until,
} from "../schema.ts";

export const UpdateFeaturesRequest = request(
  { key: 57, name: "UpdateFeaturesRequest", versions: [0, 2], flexible: 0 },
  {
    timeoutMs: defaulting(int32, 60000),
    featureUpdates: array({
      feature: string,
      maxVersionLevel: int16,
      allowDowngrade: until(0, bool),
      upgradeType: since(1, int8, 1),
    }),
    validateOnly: since(1, bool),
  },
);
export type UpdateFeaturesRequest = Infer<typeof UpdateFeaturesRequest>;

const updatableFeatureResult = { feature: string, errorCode: int16, errorMessage: nullable(prose, "") };

export const UpdateFeaturesResponse = response({
  key: 57,
  name: "UpdateFeaturesResponse",
  versions: [0, 2],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose, ""),
  results: ignorable(until(1, array(updatableFeatureResult))),
});
export type UpdateFeaturesResponse = Infer<typeof UpdateFeaturesResponse>;
