/**
 * ControllerRegistration: a controller makes its endpoints and features known (KIP-919).
 *
 * @module
 */
import {
  array,
  bool,
  type Infer,
  int16,
  int32,
  nullable,
  prose,
  request,
  response,
  string,
  uint16,
  uuid,
} from "../schema.ts";

export const ControllerRegistrationRequest = request({
  key: 70,
  name: "ControllerRegistrationRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  controllerId: int32,
  incarnationId: uuid,
  zkMigrationReady: bool,
  listeners: array({ name: string, host: string, port: uint16, securityProtocol: int16 }),
  features: array({ name: string, minSupportedVersion: int16, maxSupportedVersion: int16 }),
});
export type ControllerRegistrationRequest = Infer<typeof ControllerRegistrationRequest>;

export const ControllerRegistrationResponse = response({
  key: 70,
  name: "ControllerRegistrationResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose, ""),
});
export type ControllerRegistrationResponse = Infer<typeof ControllerRegistrationResponse>;
