/**
 * BrokerHeartbeat: a broker tells the controller that it is alive, and asks to be fenced, unfenced or shut down
 * (KIP-631).
 *
 * Version 1 has the log directories that failed (KIP-858), 2 those that are cordoned (KIP-1066).
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
  nullable,
  request,
  response,
  since,
  tagged,
  uuid,
} from "../schema.ts";

export const BrokerHeartbeatRequest = request({
  key: 63,
  name: "BrokerHeartbeatRequest",
  versions: [0, 2],
  flexible: 0,
}, {
  brokerId: int32,
  brokerEpoch: defaulting(int64, -1n),
  currentMetadataOffset: int64,
  wantFence: bool,
  wantShutDown: bool,
  offlineLogDirs: tagged(0, since(1, array(uuid))),
  cordonedLogDirs: tagged(1, since(2, nullable(array(uuid)))),
});
export type BrokerHeartbeatRequest = Infer<typeof BrokerHeartbeatRequest>;

export const BrokerHeartbeatResponse = response({
  key: 63,
  name: "BrokerHeartbeatResponse",
  versions: [0, 2],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  isCaughtUp: bool,
  isFenced: defaulting(bool, true),
  shouldShutDown: bool,
});
export type BrokerHeartbeatResponse = Infer<typeof BrokerHeartbeatResponse>;
