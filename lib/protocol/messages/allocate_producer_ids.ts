/**
 * AllocateProducerIds: a broker asks the controller for a block of producer ids (KIP-730).
 *
 * @module
 */
import { defaulting, type Infer, int16, int32, int64, request, response } from "../schema.ts";

export const AllocateProducerIdsRequest = request({
  key: 67,
  name: "AllocateProducerIdsRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  brokerId: int32,
  brokerEpoch: defaulting(int64, -1n),
});
export type AllocateProducerIdsRequest = Infer<typeof AllocateProducerIdsRequest>;

export const AllocateProducerIdsResponse = response({
  key: 67,
  name: "AllocateProducerIdsResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  producerIdStart: int64,
  producerIdLen: int32,
});
export type AllocateProducerIdsResponse = Infer<typeof AllocateProducerIdsResponse>;
