/**
 * ApiVersions: which APIs and versions a broker speaks, and which features (KIP-35).
 *
 * Version 3 is flexible, names the client's software (KIP-511) and answers features (KIP-584); 4 lists features whose
 * lowest level is 0 too. The answer's header is always of version 0, so that a client which knows nothing yet can read
 * it.
 *
 * @module
 */
import {
  array,
  bool,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  request,
  response,
  since,
  string,
  tagged,
} from "../schema.ts";

export const ApiVersionsRequest = request({ key: 18, name: "ApiVersionsRequest", versions: [0, 4], flexible: 3 }, {
  clientSoftwareName: ignorable(since(3, string)),
  clientSoftwareVersion: ignorable(since(3, string)),
});
export type ApiVersionsRequest = Infer<typeof ApiVersionsRequest>;

const supportedFeatureKey = { name: string, minVersion: int16, maxVersion: int16 };

const finalizedFeatureKey = { name: string, maxVersionLevel: int16, minVersionLevel: int16 };

export const ApiVersionsResponse = response({ key: 18, name: "ApiVersionsResponse", versions: [0, 4], flexible: 3 }, {
  errorCode: int16,
  apiKeys: array({ apiKey: int16, minVersion: int16, maxVersion: int16 }),
  throttleTimeMs: ignorable(since(1, int32)),
  supportedFeatures: ignorable(tagged(0, since(3, array(supportedFeatureKey)))),
  finalizedFeaturesEpoch: ignorable(tagged(1, since(3, int64, -1n))),
  finalizedFeatures: ignorable(tagged(2, since(3, array(finalizedFeatureKey)))),
  zkMigrationReady: ignorable(tagged(3, since(3, bool))),
});
export type ApiVersionsResponse = Infer<typeof ApiVersionsResponse>;
