/**
 * DescribeConfigs: configurations of topics, brokers, groups and others, and where each value comes from (KIP-133).
 *
 * Version 1 has sources and synonyms (KIP-226), 3 types and documentation (KIP-569), 4 is flexible.
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
  int8,
  nullable,
  prose,
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const DescribeConfigsRequest = request({
  key: 32,
  name: "DescribeConfigsRequest",
  versions: [1, 4],
  flexible: 4,
}, {
  resources: array({
    resourceType: int8,
    resourceName: string,
    configurationKeys: nullable(array(string), []),
  }),
  includeSynonyms: bool,
  includeDocumentation: since(3, bool),
});
export type DescribeConfigsRequest = Infer<typeof DescribeConfigsRequest>;

const synonym = { name: string, value: nullable(string, ""), source: int8 };

export const DescribeConfigsResponse = response({
  key: 32,
  name: "DescribeConfigsResponse",
  versions: [1, 4],
  flexible: 4,
}, {
  throttleTimeMs: int32,
  results: array({
    errorCode: int16,
    errorMessage: nullable(prose, ""),
    resourceType: int8,
    resourceName: string,
    configs: array({
      name: string,
      value: nullable(string, ""),
      readOnly: bool,
      configSource: ignorable(defaulting(int8, -1)),
      isSensitive: bool,
      synonyms: ignorable(array(synonym)),
      configType: ignorable(since(3, int8)),
      documentation: ignorable(since(3, nullable(string, ""))),
    }),
  }),
});
export type DescribeConfigsResponse = Infer<typeof DescribeConfigsResponse>;
