/**
 * DescribeClientQuotas: quotas of users, client ids and addresses (KIP-546).
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
  int8,
  nullable,
  prose,
  request,
  response,
  string,
} from "../schema.ts";

export const DescribeClientQuotasRequest = request({
  key: 48,
  name: "DescribeClientQuotasRequest",
  versions: [0, 1],
  flexible: 1,
}, {
  components: array({ entityType: string, matchType: int8, match: nullable(string, "") }),
  strict: bool,
});
export type DescribeClientQuotasRequest = Infer<typeof DescribeClientQuotasRequest>;

export const DescribeClientQuotasResponse = response({
  key: 48,
  name: "DescribeClientQuotasResponse",
  versions: [0, 1],
  flexible: 1,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose, ""),
  entries: nullable(
    array({
      entity: array({ entityType: string, entityName: nullable(string, "") }),
      values: array({ key: string, value: float64 }),
    }),
    [],
  ),
});
export type DescribeClientQuotasResponse = Infer<typeof DescribeClientQuotasResponse>;
