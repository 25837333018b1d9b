/**
 * DescribeUserScramCredentials: which users have SCRAM credentials, by which mechanisms and with how many iterations
 * (KIP-554). The credentials themselves never leave the broker.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from "../../protocol/messages/describe_user_scram_credentials.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type UserAnswer = NonNullable<Init<DescribeUserScramCredentialsResponse>["results"]>[number];

export const describeUserScramCredentialsApi = api(
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
  onCluster(
    AclOperation.DESCRIBE,
    handleDescribeUserScramCredentials,
    (error) => ({ ...error, results: [{ user: "", ...error }] }),
  ),
);

function handleDescribeUserScramCredentials(
  { users }: DescribeUserScramCredentialsRequest,
  context: RequestContext,
): Init<DescribeUserScramCredentialsResponse> {
  const names = users === null || users.length === 0 ? allUsers(context) : users.map(({ name }) => name);
  return {
    errorCode: ErrorCode.NONE,
    results: [...new Set(names)].sort().map((name) => describe(name, names, context)),
  };
}

function allUsers({ metadata }: RequestContext): string[] {
  const byMechanism = [...metadata.image.security.scramCredentials.values()];
  return [...new Set(byMechanism.flatMap((byUser) => [...byUser.keys()]))];
}

function describe(user: string, asked: readonly string[], { metadata }: RequestContext): UserAnswer {
  if (asked.indexOf(user) !== asked.lastIndexOf(user)) {
    const what = "Cannot describe SCRAM credentials for the same user twice in a single request";
    return { user, errorCode: ErrorCode.DUPLICATE_RESOURCE, errorMessage: `${what}: ${user}` };
  }
  const credentialInfos = [...metadata.image.security.scramCredentials].flatMap(([mechanism, byUser]) => {
    const credential = byUser.get(user);
    return credential === undefined ? [] : [{ mechanism, iterations: credential.iterations }];
  });
  if (credentialInfos.length === 0) {
    const what = "Attempt to describe a user credential that does not exist";
    return { user, errorCode: ErrorCode.RESOURCE_NOT_FOUND, errorMessage: `${what}: ${user}` };
  }
  credentialInfos.sort((a, b) => a.mechanism - b.mechanism);
  return { user, errorCode: ErrorCode.NONE, credentialInfos };
}
