/**
 * AlterClientQuotas: sets and removes quotas of users, client ids and addresses (KIP-546).
 *
 * Version 1 is flexible.
 *
 * @module
 */
import {
  array,
  bool,
  float64,
  type Infer,
  int16,
  int32,
  nullable,
  prose,
  request,
  response,
  string,
} from "../schema.ts";

const entityData = { entityType: string, entityName: nullable(string, "") };

export const AlterClientQuotasRequest = request({
  key: 49,
  name: "AlterClientQuotasRequest",
  versions: [0, 1],
  flexible: 1,
}, {
  entries: array({
    entity: array(entityData),
    ops: array({ key: string, value: float64, remove: bool }),
  }),
  validateOnly: bool,
});
export type AlterClientQuotasRequest = Infer<typeof AlterClientQuotasRequest>;

export const AlterClientQuotasResponse = response({
  key: 49,
  name: "AlterClientQuotasResponse",
  versions: [0, 1],
  flexible: 1,
}, {
  throttleTimeMs: int32,
  entries: array({
    errorCode: int16,
    errorMessage: nullable(prose, ""),
    entity: array(entityData),
  }),
});
export type AlterClientQuotasResponse = Infer<typeof AlterClientQuotasResponse>;
