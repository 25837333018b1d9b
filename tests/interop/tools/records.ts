/** What writes and reads records, and what looks at the logs that hold them. */
import type { Step } from "../support/transcript.ts";

const RECORDS = "ann:1\nbob:2\nann:3\ncid:4\nbob:5\ndot:6\neve:7\n";
const BY_KEY = "--reader-property parse.key=true --reader-property key.separator=:";

export const RECORD_FILES: Readonly<Record<string, string>> = {
  "delete.json": JSON.stringify({ version: 1, partitions: [{ topic: "names", partition: 0, offset: 2 }] }),
  "delete-beyond.json": JSON.stringify({ version: 1, partitions: [{ topic: "names", partition: 0, offset: 99 }] }),
  "delete-unknown.json": JSON.stringify({ version: 1, partitions: [{ topic: "no-such", partition: 0, offset: 0 }] }),
  "delete-all.json": JSON.stringify({ version: 1, partitions: [{ topic: "names", partition: 0, offset: -1 }] }),
  "delete-bad.json": "{",
};

const PRODUCER_NUMBERS = /[\d.]+ records\/sec \([\d.]+ MB\/sec\), [\d.]+ ms avg latency, .*/g;
const AVERAGE_THROUGHPUT = /(?<="avg_throughput":)[\d.E-]+/;

export const recordSteps: readonly Step[] = [
  "topics --create --topic names --partitions 2",
  "topics --create --topic headed",
  { command: `console-producer --topic names ${BY_KEY}`, input: RECORDS },
  { command: "console-producer --topic names --reader-property parse.key=true", input: "no separator\n" },
  { command: `console-producer --topic names ${BY_KEY} --compression-codec zstd --sync`, input: "fay:8\ngil:9\n" },
  { command: "console-producer --topic names --compression-codec no-such", input: "eight\n" },
  {
    command: "console-producer --topic headed --reader-property parse.headers=true",
    input: "a:1,b:2\tvalue\n",
  },
  {
    command:
      "console-consumer --topic names --group readers --from-beginning --max-messages 9 --formatter-property print.key=true " +
      "--formatter-property print.partition=true --formatter-property print.offset=true",
    inAnyOrder: true,
  },
  "console-consumer --topic names --partition 0 --offset 1 --max-messages 1",
  "console-consumer --topic names --partition 0 --offset earliest --max-messages 1 --formatter-property print.timestamp=true",
  "console-consumer --topic names --partition 0 --offset 99 --timeout-ms 1000",
  "console-consumer --topic names --partition 9 --offset 0 --timeout-ms 1000",
  "console-consumer --topic headed --group readers --from-beginning --max-messages 1 --formatter-property print.headers=true",
  {
    command: "console-consumer --topic no-such --partition 0 --timeout-ms 1000 " +
      "--command-property allow.auto.create.topics=false",
    measured: /(.*recoverable issue with correlation id \d+ : \{no-such=UNKNOWN_TOPIC_OR_PARTITION\}\n)+/,
  },
  "console-consumer --from-beginning",
  "console-consumer --topic names --offset 1",
];

export const offsetSteps: readonly Step[] = [
  "get-offsets --topic names",
  "get-offsets --topic names --time -2",
  "get-offsets --topic names --time earliest",
  "get-offsets --topic names --time latest",
  "get-offsets --topic names --time max-timestamp",
  "get-offsets --topic names --time earliest-local",
  "get-offsets --topic names --time latest-tiered",
  "get-offsets --topic names --time 0",
  "get-offsets --topic names --time 4102444800000",
  "get-offsets --topic names --time yesterday",
  "get-offsets --topic names --partitions 0",
  "get-offsets --topic names --partitions 9",
  "get-offsets --topic-partitions names:0-1,letters:0",
  "get-offsets --topic no-such",
  "get-offsets --exclude-internal-topics",
  "delete-records --offset-json-file @delete.json",
  "get-offsets --topic names --time -2",
  "delete-records --offset-json-file @delete-beyond.json",
  {
    command: "delete-records --offset-json-file @delete-unknown.json --command-config @hasty.properties",
    measured: /(?<=TimeoutException: ).*/,
  },
  "delete-records --offset-json-file @delete-bad.json",
  "delete-records --offset-json-file @delete-all.json",
  "get-offsets --topic names --time -2",
  "log-dirs --describe --topic-list names,letters",
  "log-dirs --describe --topic-list names --broker-list 1",
  "log-dirs --describe --topic-list no-such",
  "log-dirs --describe --broker-list 9",
  "log-dirs",
];

export const loadSteps: readonly Step[] = [
  "topics --create --topic load",
  {
    command: "producer-perf-test --topic load --num-records 5000 --record-size 100 --throughput -1",
    measured: PRODUCER_NUMBERS,
  },
  {
    command: "producer-perf-test --topic load --num-records 500 --payload-monotonic --throughput 5000 " +
      "--command-property acks=1 compression.type=lz4",
    measured: PRODUCER_NUMBERS,
  },
  "producer-perf-test --topic load --num-records 5 --throughput -1",
  { command: "consumer-perf-test --topic load --num-records 5500 --timeout 20000", measured: /[\d.]+/g },
  { command: "consumer-perf-test --topic load --num-records 5600 --timeout 1500", measured: /[\d.]+/g },
  { command: "e2e-latency --topic ticks --num-records 200 --producer-acks all --record-size 100", measured: /[\d.]+/g },
  "topics --create --topic verified",
  {
    command: "verifiable-producer --topic verified --max-messages 20 --throughput 1000",
    alone: true,
    measured: AVERAGE_THROUGHPUT,
  },
  {
    command: "verifiable-producer --topic verified --max-messages 5 --acks 1 --value-prefix 7 --repeating-keys 2",
    alone: true,
    measured: AVERAGE_THROUGHPUT,
  },
  { command: "verifiable-producer --topic verified --max-messages many", alone: true },
  {
    command: "verifiable-consumer --topic verified --group-id verifiers --max-messages 25 --reset-policy earliest " +
      "--verbose",
    alone: true,
  },
  { command: "verifiable-consumer --topic verified", alone: true },
];
