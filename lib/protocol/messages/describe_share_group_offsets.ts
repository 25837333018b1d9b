/**
 * DescribeShareGroupOffsets: the start offsets of share groups (KIP-932).
 *
 * Version 1 has the lag (KIP-1226).
 *
 * @module
 */
import {
  array,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  prose,
  request,
  response,
  since,
  string,
  uuid,
} from "../schema.ts";

export const DescribeShareGroupOffsetsRequest = request({
  key: 90,
  name: "DescribeShareGroupOffsetsRequest",
  versions: [0, 1],
  flexible: 0,
}, {
  groups: array({
    groupId: string,
    topics: nullable(array({ topicName: string, partitions: array(int32) }), []),
  }),
});
export type DescribeShareGroupOffsetsRequest = Infer<typeof DescribeShareGroupOffsetsRequest>;

export const DescribeShareGroupOffsetsResponse = response({
  key: 90,
  name: "DescribeShareGroupOffsetsResponse",
  versions: [0, 1],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  groups: array({
    groupId: string,
    topics: array({
      topicName: string,
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        startOffset: int64,
        leaderEpoch: int32,
        lag: ignorable(since(1, int64, -1n)),
        errorCode: int16,
        errorMessage: nullable(prose),
      }),
    }),
    errorCode: int16,
    errorMessage: nullable(prose),
  }),
});
export type DescribeShareGroupOffsetsResponse = Infer<typeof DescribeShareGroupOffsetsResponse>;
