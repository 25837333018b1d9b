/**
 * UpdateFeatures: raises or lowers the finalized levels of features (KIP-584), all of them or none.
 *
 * Version 0 only says whether a level may go down; since version 1 there are safe and unsafe ways down, and a dry run
 * (KIP-778). Before version 2 the answer to a success has a result for each feature.
 *
 * @module
 */
import { type FeatureUpdate, UpgradeType } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from "../../protocol/messages/update_features.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const updateFeaturesApi = api(
  UpdateFeaturesRequest,
  UpdateFeaturesResponse,
  onCluster(AclOperation.ALTER, handleUpdateFeatures, (error) => error),
);

async function handleUpdateFeatures(
  { featureUpdates, validateOnly }: UpdateFeaturesRequest,
  context: RequestContext,
): Promise<Init<UpdateFeaturesResponse>> {
  const updates = context.header.apiVersion === 0 ? featureUpdates.map(withUpgradeType) : featureUpdates;
  const error = await context.metadata.updateFeatures({ featureUpdates: updates, validateOnly });
  const results = error.errorCode === ErrorCode.NONE ? updates.map(({ feature }) => ({ feature, ...error })) : [];
  return { ...error, results };
}

function withUpgradeType(
  { feature, maxVersionLevel, allowDowngrade }: UpdateFeaturesRequest["featureUpdates"][number],
): FeatureUpdate {
  return {
    feature,
    maxVersionLevel,
    upgradeType: allowDowngrade ? UpgradeType.SAFE_DOWNGRADE : UpgradeType.UPGRADE,
  };
}
