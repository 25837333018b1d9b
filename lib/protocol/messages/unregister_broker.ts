/**
 * UnregisterBroker: removes the registration of a broker that is gone for good (KIP-631).
 *
 * @module
 */
import { type Infer, int16, int32, nullable, prose, request, response } from "../schema.ts";

export const UnregisterBrokerRequest = request({
  key: 64,
  name: "UnregisterBrokerRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  brokerId: int32,
});
export type UnregisterBrokerRequest = Infer<typeof UnregisterBrokerRequest>;

export const UnregisterBrokerResponse = response({
  key: 64,
  name: "UnregisterBrokerResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose, ""),
});
export type UnregisterBrokerResponse = Infer<typeof UnregisterBrokerResponse>;
