/** `kafka-consumer-groups` and `kafka-groups`, on groups that the console consumer has left behind. */
import type { Step } from "../support/transcript.ts";

export const GROUP_FILES: Readonly<Record<string, string>> = {
  "offsets.csv": "visits,0,2\nvisits,1,0\n",
  "offsets-bad.csv": "visits,zero,2\n",
};

const lines = (count: number) => Array.from({ length: count }, (_, index) => `${index}:visit ${index}\n`).join("");

/** What members said and were given, encoded: the order of its parts is one of chance. */
const ENCODED = /"(subscription|assignment)":"[^"]*"/g;

export const groupSteps: readonly Step[] = [
  "consumer-groups --list",
  "groups --list",
  "topics --create --topic visits --partitions 2",
  {
    command: "console-producer --topic visits --reader-property parse.key=true --reader-property key.separator=:",
    input: lines(10),
  },
  {
    command: "console-consumer --topic visits --group counters --from-beginning --max-messages 10 " +
      "--formatter-property print.key=true",
    inAnyOrder: true,
  },
  { command: "console-consumer --topic visits --group guests --from-beginning --max-messages 10", inAnyOrder: true },
  { command: "consumer-groups --list", inAnyOrder: true },
  { command: "consumer-groups --list --state", inAnyOrder: true },
  { command: "consumer-groups --list --state stable,empty", inAnyOrder: true },
  { command: "consumer-groups --list --type", inAnyOrder: true },
  { command: "consumer-groups --list --type classic", inAnyOrder: true },
  "consumer-groups --list --state no-such-state",
  { command: "groups --list", inAnyOrder: true },
  { command: "groups --list --consumer", inAnyOrder: true },
  { command: "groups --list --group-type classic --protocol consumer", inAnyOrder: true },
  "groups --list --group-type no-such-type",
  "consumer-groups --describe --group counters",
  "consumer-groups --describe --group counters --offsets --verbose",
  "consumer-groups --describe --group counters --members",
  "consumer-groups --describe --group counters --members --verbose",
  "consumer-groups --describe --group counters --state",
  { command: "consumer-groups --describe --all-groups", inAnyOrder: true },
  { command: "consumer-groups --describe --all-groups --state", inAnyOrder: true },
  // The partition of `counters`: what Apache Kafka reads in the records of committed offsets and of the group.
  {
    command: "console-consumer --topic __consumer_offsets --partition 45 --offset earliest --timeout-ms 1000 " +
      "--formatter org.apache.kafka.tools.consumer.OffsetsMessageFormatter",
  },
  {
    command: "console-consumer --topic __consumer_offsets --partition 45 --offset earliest --timeout-ms 1000 " +
      "--formatter org.apache.kafka.tools.consumer.GroupMetadataMessageFormatter",
    measured: ENCODED,
  },
  "consumer-groups --describe --group no-such",
  "consumer-groups --describe --group no-such --state",
  "consumer-groups --reset-offsets --group counters --topic visits --to-earliest --dry-run",
  "consumer-groups --reset-offsets --group counters --topic visits --to-earliest",
  "consumer-groups --describe --group counters",
  "consumer-groups --reset-offsets --group counters --topic visits --to-offset 3 --execute",
  "consumer-groups --reset-offsets --group counters --topic visits:0 --to-offset 99 --execute",
  "consumer-groups --reset-offsets --group counters --topic visits --shift-by -1 --execute",
  "consumer-groups --reset-offsets --group counters --topic visits --to-current --execute",
  "consumer-groups --reset-offsets --group counters --topic visits --to-datetime 2020-01-01T00:00:00.000 --execute",
  "consumer-groups --reset-offsets --group counters --topic visits --to-datetime 2100-01-01T00:00:00.000 --execute",
  "consumer-groups --reset-offsets --group counters --topic visits --to-datetime yesterday --execute",
  "consumer-groups --reset-offsets --group counters --topic visits --by-duration P1D --execute",
  "consumer-groups --reset-offsets --group counters --all-topics --to-latest --execute",
  "consumer-groups --reset-offsets --group counters --topic visits --from-file @offsets.csv --execute",
  "consumer-groups --reset-offsets --group counters --topic visits --from-file @offsets-bad.csv --execute",
  "consumer-groups --reset-offsets --group counters --topic visits --to-latest --export --dry-run",
  "consumer-groups --reset-offsets --group counters --topic no-such --to-latest --execute",
  "consumer-groups --reset-offsets --group counters --to-latest --execute",
  { command: "consumer-groups --reset-offsets --all-groups --all-topics --to-latest --execute", inAnyOrder: true },
  "consumer-groups --reset-offsets --group new-one --topic visits --to-earliest --execute",
  "consumer-groups --describe --group new-one",
  "consumer-groups --delete-offsets --group counters --topic visits:0",
  "consumer-groups --delete-offsets --group counters --topic no-such",
  "consumer-groups --delete-offsets --group no-such --topic visits",
  "consumer-groups --describe --group counters",
  "consumer-groups --delete --group counters --group no-such",
  "consumer-groups --delete --group new-one",
  { command: "consumer-groups --list", inAnyOrder: true },
  { command: "consumer-groups --delete --all-groups", measured: /(?<=groups \().*(?=\) was)/ },
  "consumer-groups --list",
  "consumer-groups",
];
