/**
 * Records of the metadata log about brokers and controllers (KIP-631).
 *
 * @module
 */
import {
  array,
  bool,
  defaulting,
  type Infer,
  int16,
  int32,
  int64,
  int8,
  metadataRecord,
  nullable,
  since,
  string,
  tagged,
  uint16,
  uuid,
} from "../schema.ts";

/** A broker registers; version 3 has its log directories (KIP-858), 4 the cordoned ones (KIP-1066). */
export const RegisterBrokerRecord = metadataRecord({
  key: 0,
  name: "RegisterBrokerRecord",
  versions: [0, 4],
  flexible: 0,
}, {
  brokerId: int32,
  isMigratingZkBroker: since(2, bool),
  incarnationId: uuid,
  brokerEpoch: int64,
  endPoints: array({ name: string, host: string, port: uint16, securityProtocol: int16 }),
  features: array({ name: string, minSupportedVersion: int16, maxSupportedVersion: int16 }),
  rack: nullable(string, ""),
  fenced: defaulting(bool, true),
  inControlledShutdown: since(1, bool),
  logDirs: tagged(0, since(3, array(uuid))),
  cordonedLogDirs: tagged(1, since(4, nullable(array(uuid)))),
});
export type RegisterBrokerRecord = Infer<typeof RegisterBrokerRecord>;

/** A broker's registration is removed. */
export const UnregisterBrokerRecord = metadataRecord({
  key: 1,
  name: "UnregisterBrokerRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  brokerId: int32,
  brokerEpoch: int64,
});
export type UnregisterBrokerRecord = Infer<typeof UnregisterBrokerRecord>;

/** A registration changes; 0 and defaults leave what they stand for as it was. */
export const BrokerRegistrationChangeRecord = metadataRecord({
  key: 17,
  name: "BrokerRegistrationChangeRecord",
  versions: [0, 3],
  flexible: 0,
}, {
  brokerId: int32,
  brokerEpoch: int64,
  fenced: tagged(0, int8),
  inControlledShutdown: tagged(1, since(1, int8)),
  logDirs: tagged(2, since(2, array(uuid))),
  cordonedLogDirs: tagged(3, since(3, nullable(array(uuid)))),
});
export type BrokerRegistrationChangeRecord = Infer<typeof BrokerRegistrationChangeRecord>;

/** A broker is fenced: it leads nothing and is told to nobody. */
export const FenceBrokerRecord = metadataRecord({ key: 7, name: "FenceBrokerRecord", versions: [0, 0], flexible: 0 }, {
  id: int32,
  epoch: int64,
});
export type FenceBrokerRecord = Infer<typeof FenceBrokerRecord>;

/** A broker is no longer fenced. */
export const UnfenceBrokerRecord = metadataRecord({
  key: 8,
  name: "UnfenceBrokerRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  id: int32,
  epoch: int64,
});
export type UnfenceBrokerRecord = Infer<typeof UnfenceBrokerRecord>;

/** A controller registers (KIP-919). */
export const RegisterControllerRecord = metadataRecord({
  key: 27,
  name: "RegisterControllerRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  controllerId: int32,
  incarnationId: uuid,
  zkMigrationReady: bool,
  endPoints: array({ name: string, host: string, port: uint16, securityProtocol: int16 }),
  features: array({ name: string, minSupportedVersion: int16, maxSupportedVersion: int16 }),
});
export type RegisterControllerRecord = Infer<typeof RegisterControllerRecord>;
