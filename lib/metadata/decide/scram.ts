/**
 * Setting and removing SCRAM credentials (KIP-554). Error codes and messages are those of Apache Kafka.
 *
 * @module
 */
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import { MAX_ITERATIONS, MIN_ITERATIONS, SCRAM_MECHANISMS, type ScramCredential } from "../../security/sasl/scram.ts";
import type { MetadataImage } from "../image/image.ts";
import { metadataRecord } from "../record.ts";
import { type ApiError, apiError, type Decision, NO_ERROR } from "./decision.ts";

/** A credential to remove. */
export interface ScramDeletion {
  /** Of the user. */
  readonly name: string;
  /** The number of the mechanism. */
  readonly mechanism: number;
}

/** A credential to set. */
export interface ScramUpsertion extends ScramDeletion, ScramCredential {}

/** What an AlterUserScramCredentials request says. */
export interface AlterUserScramCredentials {
  readonly deletions: readonly ScramDeletion[];
  readonly upsertions: readonly ScramUpsertion[];
}

/** What became of one user. */
export interface AlterUserScramCredentialsResult extends ApiError {
  readonly user: string;
}

/**
 * Decides on credentials, each user's once. Errors: DUPLICATE_RESOURCE, RESOURCE_NOT_FOUND, UNACCEPTABLE_CREDENTIAL,
 * UNSUPPORTED_SASL_MECHANISM.
 */
export function alterUserScramCredentials(
  image: MetadataImage,
  { deletions, upsertions }: AlterUserScramCredentials,
): Decision<AlterUserScramCredentialsResult[]> {
  const decided = new Map<string, { readonly error: ApiError; readonly record: MetadataRecord | null }>();
  for (const alteration of [...deletions, ...upsertions]) {
    const { name } = alteration;
    const before = decided.get(name);
    // The first thing that is wrong with a user is what is told.
    if (before !== undefined && before.record === null) continue;
    const error = before === undefined ? complaint(image, alteration) : TWICE;
    decided.set(name, { error, record: error === NO_ERROR ? recordOf(alteration) : null });
  }
  return {
    records: [...decided.values()].flatMap(({ record }) => record === null ? [] : [record]),
    result: Array.from(decided, ([user, { error }]) => ({ user, ...error })),
  };
}

const TWICE = apiError("DUPLICATE_RESOURCE", "A user credential cannot be altered twice in the same request");

function recordOf(alteration: ScramDeletion | ScramUpsertion): MetadataRecord {
  const { name, mechanism } = alteration;
  return isUpsertion(alteration)
    ? metadataRecord("UserScramCredentialRecord", alteration)
    : metadataRecord("RemoveUserScramCredentialRecord", { name, mechanism });
}

function complaint(image: MetadataImage, alteration: ScramDeletion | ScramUpsertion): ApiError {
  const { name, mechanism } = alteration;
  if (name === "") return apiError("UNACCEPTABLE_CREDENTIAL", "Username must not be empty");
  if (!SCRAM_MECHANISMS.some(({ type }) => type === mechanism)) {
    return apiError("UNSUPPORTED_SASL_MECHANISM", "Unknown SCRAM mechanism");
  }
  if (!isUpsertion(alteration)) {
    return image.security.scramCredentials.get(mechanism)?.has(name)
      ? NO_ERROR
      : apiError("RESOURCE_NOT_FOUND", "Attempt to delete a user credential that does not exist");
  }
  if (alteration.iterations < MIN_ITERATIONS) return apiError("UNACCEPTABLE_CREDENTIAL", "Too few iterations");
  if (alteration.iterations > MAX_ITERATIONS) return apiError("UNACCEPTABLE_CREDENTIAL", "Too many iterations");
  return NO_ERROR;
}

function isUpsertion(alteration: ScramDeletion | ScramUpsertion): alteration is ScramUpsertion {
  return "iterations" in alteration;
}
