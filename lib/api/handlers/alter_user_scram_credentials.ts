/**
 * AlterUserScramCredentials: sets and removes what the broker keeps of the passwords of users (KIP-554).
 *
 * The client sends a password that is salted and hashed already; of that two keys are kept, from which nobody can get back.
 *
 * @module
 */
import type { ScramUpsertion } from "../../metadata/mod.ts";
import type { Hashes } from "../../ports.ts";
import type { ErrorCode } from "../../protocol/error_code.ts";
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "../../protocol/messages/alter_user_scram_credentials.ts";
import type { Init } from "../../protocol/schema.ts";
import { credentialOf, SCRAM_MECHANISMS } from "../../security/sasl/scram.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type Upsertion = AlterUserScramCredentialsRequest["upsertions"][number];

export const alterUserScramCredentialsApi = api(
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  onCluster(AclOperation.ALTER, handleAlterUserScramCredentials, refuse),
);

async function handleAlterUserScramCredentials(
  { deletions, upsertions }: AlterUserScramCredentialsRequest,
  { metadata, hashes }: RequestContext,
): Promise<Init<AlterUserScramCredentialsResponse>> {
  const results = await metadata.alterUserScramCredentials({
    deletions,
    upsertions: upsertions.map((upsertion) => withKeys(upsertion, hashes)),
  });
  return { results };
}

/** Each user once, as Apache Kafka does. */
function refuse(
  error: { errorCode: ErrorCode; errorMessage: string },
  { deletions, upsertions }: AlterUserScramCredentialsRequest,
): Init<AlterUserScramCredentialsResponse> {
  const users = new Set([...deletions, ...upsertions].map(({ name }) => name));
  return { results: Array.from(users, (user) => ({ user, ...error })) };
}

function withKeys(upsertion: Upsertion, hashes: Hashes): ScramUpsertion {
  const { name, mechanism } = upsertion;
  // One that is not known is refused, whatever its keys.
  const { hash } = SCRAM_MECHANISMS.find(({ type }) => type === mechanism) ?? SCRAM_MECHANISMS[0];
  return { name, mechanism, ...credentialOf(hash, upsertion, hashes) };
}
