/**
 * ApiVersions (KIP-35, KIP-511, KIP-584): what this broker speaks, derived from the registry, and the features of the cluster.
 *
 * Version 0 is the form of last resort: a request in a version that is too new is answered in it, with
 * UNSUPPORTED_VERSION and the versions of ApiVersions alone, so that the client asks again. From version 3 on a client names its
 * software; a name that is not made of letters, digits, dots and dashes is an INVALID_REQUEST. Version 4 may name features with a minimum of 0.
 *
 * @module
 */
import { KRAFT_VERSION, SUPPORTED_FEATURES } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { announcedVersions } from "../../protocol/messages/mod.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../protocol/messages/api_versions.ts";
import type { Init } from "../../protocol/schema.ts";
import { writeResponse } from "../../wire/mod.ts";
import { api, type ApiEntry } from "../api.ts";
import type { BrokerServices, RequestContext } from "../context.ts";

export const apiVersionsApi = api(ApiVersionsRequest, ApiVersionsResponse, handleApiVersions);

function handleApiVersions(request: ApiVersionsRequest, context: RequestContext): Init<ApiVersionsResponse> {
  const { apiVersion } = context.header;
  if (
    apiVersion >= 3 && !(isSoftwareName(request.clientSoftwareName) && isSoftwareName(request.clientSoftwareVersion))
  ) {
    return { errorCode: ErrorCode.INVALID_REQUEST };
  }
  context.connection.clientSoftware = { name: request.clientSoftwareName, version: request.clientSoftwareVersion };
  return describeApis(context, apiVersion);
}

/** The answer to a sound request of `apiVersion`. */
export function describeApis(services: BrokerServices, apiVersion: number): Init<ApiVersionsResponse> {
  const { metadata } = services;
  const finalized = new Map(metadata.image.features);
  if (metadata.quorum.kraftVersion > 0) finalized.set(KRAFT_VERSION, metadata.quorum.kraftVersion);
  return {
    errorCode: ErrorCode.NONE,
    apiKeys: services.apis.filter(({ isAnnounced }) => isAnnounced(services)).map(announced),
    // Before version 4 a feature whose minimum is 0 cannot be told: old clients take it for damage (KAFKA-17011).
    supportedFeatures: Object.entries(SUPPORTED_FEATURES)
      .filter(([, { min }]) => apiVersion >= 4 || min > 0)
      .map(([name, { min, max }]) => ({ name, minVersion: min, maxVersion: max })),
    finalizedFeaturesEpoch: metadata.endOffset,
    finalizedFeatures: Array.from(finalized, ([name, level]) => ({
      name,
      minVersionLevel: level,
      maxVersionLevel: level,
    })),
  };
}

/** The frame that answers a request in a version that this broker does not have. */
export function unsupportedApiVersions(correlationId: number): Uint8Array[] {
  return writeResponse(correlationId, ApiVersionsResponse, 0, {
    errorCode: ErrorCode.UNSUPPORTED_VERSION,
    apiKeys: [announced(apiVersionsApi)],
  });
}

function announced(entry: ApiEntry): { apiKey: number; minVersion: number; maxVersion: number } {
  const [minVersion, maxVersion] = announcedVersions(entry);
  return { apiKey: entry.key, minVersion, maxVersion };
}

function isSoftwareName(text: string): boolean {
  return /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/.test(text);
}
