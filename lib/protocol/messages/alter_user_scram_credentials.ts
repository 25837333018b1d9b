/**
 * AlterUserScramCredentials: sets and deletes SCRAM credentials of users (KIP-554).
 *
 * @module
 */
import { array, bytes, type Infer, int16, int32, int8, nullable, prose, request, response, string } from "../schema.ts";

export const AlterUserScramCredentialsRequest = request({
  key: 51,
  name: "AlterUserScramCredentialsRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  deletions: array({ name: string, mechanism: int8 }),
  upsertions: array({
    name: string,
    mechanism: int8,
    iterations: int32,
    salt: bytes,
    saltedPassword: bytes,
  }),
});
export type AlterUserScramCredentialsRequest = Infer<typeof AlterUserScramCredentialsRequest>;

export const AlterUserScramCredentialsResponse = response({
  key: 51,
  name: "AlterUserScramCredentialsResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  results: array({ user: string, errorCode: int16, errorMessage: nullable(prose, "") }),
});
export type AlterUserScramCredentialsResponse = Infer<typeof AlterUserScramCredentialsResponse>;
