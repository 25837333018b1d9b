/**
 * FindCoordinator: which broker coordinates a group, a transactional id or a share partition.
 *
 * Version 1 tells groups from transactional ids by a key type (KIP-98), 3 is flexible, 4 asks for several keys at once
 * (KIP-699), 6 knows share coordinators (KIP-932).
 *
 * @module
 */
import {
  array,
  between,
  ignorable,
  type Infer,
  int16,
  int32,
  int8,
  nullable,
  prose,
  request,
  response,
  since,
  string,
  until,
} from "../schema.ts";

export const FindCoordinatorRequest = request({
  key: 10,
  name: "FindCoordinatorRequest",
  versions: [0, 6],
  flexible: 3,
}, {
  key: until(3, string),
  keyType: since(1, int8),
  coordinatorKeys: since(4, array(string)),
});
export type FindCoordinatorRequest = Infer<typeof FindCoordinatorRequest>;

const coordinator = {
  key: string,
  nodeId: int32,
  host: string,
  port: int32,
  errorCode: int16,
  errorMessage: ignorable(nullable(prose, "")),
};

export const FindCoordinatorResponse = response({
  key: 10,
  name: "FindCoordinatorResponse",
  versions: [0, 6],
  flexible: 3,
}, {
  throttleTimeMs: ignorable(since(1, int32)),
  errorCode: until(3, int16),
  errorMessage: ignorable(between(1, 3, nullable(prose, ""))),
  nodeId: until(3, int32),
  host: until(3, string),
  port: until(3, int32),
  coordinators: since(4, array(coordinator)),
});
export type FindCoordinatorResponse = Infer<typeof FindCoordinatorResponse>;
