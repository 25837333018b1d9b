/**
 * DescribeUserScramCredentials: which SCRAM credentials users have, without the secrets (KIP-554).
 *
 * @module
 */
import { array, type Infer, int16, int32, int8, nullable, prose, request, response, string } from "../schema.ts";

export const DescribeUserScramCredentialsRequest = request({
  key: 50,
  name: "DescribeUserScramCredentialsRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  users: nullable(array({ name: string }), []),
});
export type DescribeUserScramCredentialsRequest = Infer<typeof DescribeUserScramCredentialsRequest>;

export const DescribeUserScramCredentialsResponse = response({
  key: 50,
  name: "DescribeUserScramCredentialsResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose, ""),
  results: array({
    user: string,
    errorCode: int16,
    errorMessage: nullable(prose, ""),
    credentialInfos: array({ mechanism: int8, iterations: int32 }),
  }),
});
export type DescribeUserScramCredentialsResponse = Infer<typeof DescribeUserScramCredentialsResponse>;
