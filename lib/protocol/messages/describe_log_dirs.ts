/**
 * DescribeLogDirs: log directories of a broker, and the size of each partition in them (KIP-113).
 *
 * Version 2 is flexible, 3 has an error for the whole answer, 4 has the size of the volume (KIP-827), 5 tells which
 * directories are cordoned (KIP-1066).
 *
 * @module
 */
import {
  array,
  bool,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const DescribeLogDirsRequest = request({
  key: 35,
  name: "DescribeLogDirsRequest",
  versions: [1, 5],
  flexible: 2,
}, {
  topics: nullable(array({ topic: string, partitions: array(int32) }), []),
});
export type DescribeLogDirsRequest = Infer<typeof DescribeLogDirsRequest>;

export const DescribeLogDirsResponse = response({
  key: 35,
  name: "DescribeLogDirsResponse",
  versions: [1, 5],
  flexible: 2,
}, {
  throttleTimeMs: int32,
  errorCode: ignorable(since(3, int16)),
  results: array({
    errorCode: int16,
    logDir: string,
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        partitionSize: int64,
        offsetLag: int64,
        isFutureKey: bool,
      }),
    }),
    totalBytes: ignorable(since(4, int64, -1n)),
    usableBytes: ignorable(since(4, int64, -1n)),
    isCordoned: ignorable(since(5, bool)),
  }),
});
export type DescribeLogDirsResponse = Infer<typeof DescribeLogDirsResponse>;
