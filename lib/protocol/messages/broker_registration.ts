/**
 * BrokerRegistration: a broker enters the cluster (KIP-631).
 *
 * Version 1 serves the migration from ZooKeeper (KIP-866), 2 has log directories (KIP-858), 3 the previous epoch, to
 * recognise a clean shutdown (KIP-966), 4 allows features whose lowest level is 0.
 *
 * @module
 */
import {
  array,
  bool,
  defaulting,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  request,
  response,
  since,
  string,
  uint16,
  uuid,
} from "../schema.ts";

export const BrokerRegistrationRequest = request({
  key: 62,
  name: "BrokerRegistrationRequest",
  versions: [0, 4],
  flexible: 0,
}, {
  brokerId: int32,
  clusterId: string,
  incarnationId: uuid,
  listeners: array({ name: string, host: string, port: uint16, securityProtocol: int16 }),
  features: array({ name: string, minSupportedVersion: int16, maxSupportedVersion: int16 }),
  rack: nullable(string, ""),
  isMigratingZkBroker: since(1, bool),
  logDirs: ignorable(since(2, array(uuid))),
  previousBrokerEpoch: ignorable(since(3, int64, -1n)),
});
export type BrokerRegistrationRequest = Infer<typeof BrokerRegistrationRequest>;

export const BrokerRegistrationResponse = response({
  key: 62,
  name: "BrokerRegistrationResponse",
  versions: [0, 4],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  brokerEpoch: defaulting(int64, -1n),
});
export type BrokerRegistrationResponse = Infer<typeof BrokerRegistrationResponse>;
