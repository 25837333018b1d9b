/**
 * DeleteTopics: deletes topics (KIP-4).
 *
 * Version 4 is flexible, 5 has error messages and may be throttled (KIP-599), 6 can name topics by id (KIP-516).
 *
 * @module
 */
import {
  array,
  ignorable,
  type Infer,
  int16,
  int32,
  nullable,
  nullableSince,
  prose,
  request,
  response,
  since,
  string,
  until,
  uuid,
} from "../schema.ts";

export const DeleteTopicsRequest = request({ key: 20, name: "DeleteTopicsRequest", versions: [1, 6], flexible: 4 }, {
  topics: since(6, array({ name: nullable(string), topicId: uuid })),
  topicNames: ignorable(until(5, array(string))),
  timeoutMs: int32,
});
export type DeleteTopicsRequest = Infer<typeof DeleteTopicsRequest>;

export const DeleteTopicsResponse = response({ key: 20, name: "DeleteTopicsResponse", versions: [1, 6], flexible: 4 }, {
  throttleTimeMs: ignorable(int32),
  responses: array({
    name: nullableSince(6, string),
    topicId: ignorable(since(6, uuid)),
    errorCode: int16,
    errorMessage: ignorable(since(5, nullable(prose))),
  }),
});
export type DeleteTopicsResponse = Infer<typeof DeleteTopicsResponse>;
