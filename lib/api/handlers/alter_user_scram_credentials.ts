/**
 * AlterUserScramCredentials: sets and removes what the broker keeps of the passwords of users (KIP-554).
 *
 * The client sends a password that is salted and hashed already; of that two keys are kept, from which nobody can get back.
 *
 * @module
 */
import type { ScramUpsertion } from "../../metadata/mod.ts";
import type { Hashes } from "../../ports.ts";
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "../../protocol/messages/alter_user_scram_credentials.ts";
import type { Init } from "../../protocol/schema.ts";
import { credentialOf, SCRAM_MECHANISMS } from "../../security/sasl/scram.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

type Upsertion = AlterUserScramCredentialsRequest["upsertions"][number];

export const alterUserScramCredentialsApi = api(
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  handleAlterUserScramCredentials,
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

function withKeys(upsertion: Upsertion, hashes: Hashes): ScramUpsertion {
  const { name, mechanism } = upsertion;
  // One that is not known is refused, whatever its keys.
  const { hash } = SCRAM_MECHANISMS.find(({ type }) => type === mechanism) ?? SCRAM_MECHANISMS[0];
  return { name, mechanism, ...credentialOf(hash, upsertion, hashes) };
}
