/**
 * Heartbeat: keeps a member of a classic group alive.
 *
 * Version 3 has the group instance id (KIP-345), 4 is flexible.
 *
 * @module
 */
import { ignorable, type Infer, int16, int32, nullable, request, response, since, string } from "../schema.ts";

export const HeartbeatRequest = request({ key: 12, name: "HeartbeatRequest", versions: [0, 4], flexible: 4 }, {
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: since(3, nullable(string)),
});
export type HeartbeatRequest = Infer<typeof HeartbeatRequest>;

export const HeartbeatResponse = response({ key: 12, name: "HeartbeatResponse", versions: [0, 4], flexible: 4 }, {
  throttleTimeMs: ignorable(since(1, int32)),
  errorCode: int16,
});
export type HeartbeatResponse = Infer<typeof HeartbeatResponse>;
