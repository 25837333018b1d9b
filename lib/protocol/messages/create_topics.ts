/**
 * CreateTopics: creates topics (KIP-4).
 *
 * Since version 4, -1 takes the broker's default of partitions and replication factor (KIP-464); 5 is flexible and
 * answers the topic's configs (KIP-525), 6 may be throttled (KIP-599), 7 answers the topic's id (KIP-516).
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
  tagged,
  uuid,
} from "../schema.ts";

export const CreateTopicsRequest = request({ key: 19, name: "CreateTopicsRequest", versions: [2, 7], flexible: 5 }, {
  topics: array({
    name: string,
    numPartitions: int32,
    replicationFactor: int16,
    assignments: array({ partitionIndex: int32, brokerIds: array(int32) }),
    configs: array({ name: string, value: nullable(string, "") }),
  }),
  timeoutMs: defaulting(int32, 60000),
  validateOnly: bool,
});
export type CreateTopicsRequest = Infer<typeof CreateTopicsRequest>;

const creatableTopicConfigs = {
  name: string,
  value: nullable(string, ""),
  readOnly: bool,
  configSource: ignorable(defaulting(int8, -1)),
  isSensitive: bool,
};

export const CreateTopicsResponse = response({ key: 19, name: "CreateTopicsResponse", versions: [2, 7], flexible: 5 }, {
  throttleTimeMs: ignorable(int32),
  topics: array({
    name: string,
    topicId: ignorable(since(7, uuid)),
    errorCode: int16,
    errorMessage: ignorable(nullable(prose, "")),
    topicConfigErrorCode: ignorable(tagged(0, since(5, int16))),
    numPartitions: ignorable(since(5, int32, -1)),
    replicationFactor: ignorable(since(5, int16, -1)),
    configs: ignorable(since(5, nullable(array(creatableTopicConfigs), []))),
  }),
});
export type CreateTopicsResponse = Infer<typeof CreateTopicsResponse>;
