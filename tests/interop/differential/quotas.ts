/**
 * DescribeClientQuotas and AlterClientQuotas, and what becomes of clients that use up a quota.
 *
 * @module
 */
import type { Json } from "../../../lib/protocol/json.ts";
import { AlterClientQuotasRequest } from "../../../lib/protocol/messages/alter_client_quotas.ts";
import { DescribeClientQuotasRequest } from "../../../lib/protocol/messages/describe_client_quotas.ts";
import { ApiVersionsRequest } from "../../../lib/protocol/messages/api_versions.ts";
import { CreatePartitionsRequest } from "../../../lib/protocol/messages/create_partitions.ts";
import { CreateTopicsRequest } from "../../../lib/protocol/messages/create_topics.ts";
import { DeleteTopicsRequest } from "../../../lib/protocol/messages/delete_topics.ts";
import { FetchRequest } from "../../../lib/protocol/messages/fetch.ts";
import { ListGroupsRequest } from "../../../lib/protocol/messages/list_groups.ts";
import { ProduceRequest } from "../../../lib/protocol/messages/produce.ts";
import { ask, type Case, type Step, type StepOptions, topic } from "../support/case.ts";
import { batch } from "../support/record_batch.ts";

const EXACT = 0;
const DEFAULT = 1;
const ANY = 2;

/** Names by type; null for the default. */
type Entity = Readonly<Record<string, string | null>>;

function alter(
  entity: Entity,
  values: Readonly<Record<string, number | null>>,
  options: StepOptions & { version?: number; validateOnly?: boolean } = {},
): Step {
  const { version = 1, validateOnly = false, ...rest } = options;
  return ask(AlterClientQuotasRequest, version, {
    entries: [{
      entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName })),
      ops: Object.entries(values).map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
    }],
    validateOnly,
  }, { ...rest, as: rest.as ?? `${JSON.stringify(entity)} ${JSON.stringify(values)}` });
}

type Component = readonly [entityType: string, matchType: number, match: string | null];

function describe(
  components: readonly Component[],
  options: StepOptions & { version?: number; strict?: boolean } = {},
): Step {
  const { version = 1, strict = false, ...rest } = options;
  return ask(DescribeClientQuotasRequest, version, {
    components: components.map(([entityType, matchType, match]) => ({ entityType, matchType, match })),
    strict,
  }, { ...rest, as: rest.as ?? `${JSON.stringify(components)}${strict ? ", strictly" : ""}` });
}

function untilEntries(count: number): Step {
  return describe([["user", ANY, null]], {
    as: `until there are ${count}`,
    until: (answer) => (answer as { entries: Json[] }).entries.length === count,
  });
}

const slow = (clientId: string, on: string): StepOptions => ({ header: { clientId }, on });

/** Sets quotas of a client id, and waits until brokers know them. */
function bind(clientId: string, values: Readonly<Record<string, number>>): Step[] {
  return [
    alter({ "client-id": clientId }, values),
    describe([["client-id", EXACT, clientId]], {
      as: "until it holds",
      until: (answer) => (answer as { entries: Json[] }).entries.length === 1,
    }),
    // A topic that is there before anything is measured; and a moment for those who are told last.
    ...topic(`${clientId}-before`),
  ];
}

function unbind(clientId: string, ...keys: string[]): Step {
  return alter({ "client-id": clientId }, Object.fromEntries(keys.map((key) => [key, null])));
}

const mutation = (on: string) => slow("mutator", on);

function create(version: number, name: string, numPartitions: number, on: string): Step {
  const request = { topics: [{ name, numPartitions, replicationFactor: 1 }], timeoutMs: 10_000 };
  return ask(CreateTopicsRequest, version, request, { ...mutation(on), as: `${numPartitions} partitions of ${name}` });
}

function grow(version: number, name: string, count: number, on: string): Step {
  return ask(CreatePartitionsRequest, version, { topics: [{ name, count, assignments: null }], timeoutMs: 10_000 }, {
    ...mutation(on),
    as: `${name} to ${count}`,
  });
}

const FILL = batch(["x".repeat(6_000)]);

function produceTo(name: string, options: StepOptions & { acks?: number } = {}): Step {
  const { acks = -1, ...rest } = options;
  return ask(ProduceRequest, 9, {
    acks,
    timeoutMs: 10_000,
    topicData: [{ name, partitionData: [{ index: 0, records: FILL }] }],
  }, rest);
}

function fetchFrom(name: string, sessionEpoch: number, options: StepOptions): Step {
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }];
  return ask(FetchRequest, 12, { maxWaitMs: 0, sessionEpoch, topics: [{ topic: name, partitions }] }, options);
}

/** What is told of a throttled client does not depend on how fast the machine is: the debts last for seconds. */
const enforcement: readonly Case[] = [
  {
    name: "a producer that has used up its quota is told so, and its records are appended",
    steps: [
      ...topic("slow-produce"),
      ...bind("slow-producer", { producer_byte_rate: 1000 }),
      produceTo("slow-produce", slow("slow-producer", "1")),
      produceTo("slow-produce", { ...slow("slow-producer", "1"), as: "beyond the quota" }),
      produceTo("slow-produce", { ...slow("slow-producer", "2"), as: "by another connection" }),
      produceTo("slow-produce", { as: "by another client id" }),
      unbind("slow-producer", "producer_byte_rate"),
    ],
  },
  {
    name: "a consumer that has used up its quota gets nothing",
    steps: [
      ...topic("slow-fetch"),
      produceTo("slow-fetch"),
      ...bind("slow-consumer", { consumer_byte_rate: 1000 }),
      fetchFrom("slow-fetch", -1, slow("slow-consumer", "1")),
      fetchFrom("slow-fetch", -1, { ...slow("slow-consumer", "1"), as: "beyond the quota" }),
      fetchFrom("slow-fetch", 0, { ...slow("slow-consumer", "2"), as: "which would begin a session" }),
      fetchFrom("slow-fetch", -1, { as: "by another client id" }),
      unbind("slow-consumer", "consumer_byte_rate"),
    ],
  },
  {
    name: "a client that has used up the time that its requests may take is told so",
    steps: [
      ...bind("slow-asker", { request_percentage: 0.00001 }),
      ask(ApiVersionsRequest, 3, { clientSoftwareName: "raw", clientSoftwareVersion: "1" }, slow("slow-asker", "1")),
      ask(ListGroupsRequest, 4, {}, slow("slow-asker", "2")),
      fetchFrom("slow-asker-before", -1, { ...slow("slow-asker", "3"), as: "which is emptied" }),
      produceTo("slow-asker-before", { ...slow("slow-asker", "4") }),
      unbind("slow-asker", "request_percentage"),
    ],
  },
  {
    name: "changes of metadata beyond the quota are refused in new versions, and made in old ones",
    steps: [
      ...bind("mutator", { controller_mutation_rate: 1 }),
      create(7, "mutate-a", 31, "1"),
      create(7, "mutate-b", 1, "1"),
      create(6, "mutate-b", 1, "2"),
      grow(3, "mutate-a", 32, "3"),
      ask(DeleteTopicsRequest, 6, { topics: [{ name: "mutate-a" }], timeoutMs: 10_000 }, mutation("4")),
      ask(DeleteTopicsRequest, 5, { topicNames: ["mutate-a", "no-such"], timeoutMs: 10_000 }, mutation("5")),
      create(7, "mutate-a", 1, "6"),
      create(5, "mutate-c", 1, "7"),
      grow(2, "mutate-a", 32, "8"),
      ask(DeleteTopicsRequest, 4, { topicNames: ["mutate-c"], timeoutMs: 10_000 }, mutation("9")),
      unbind("mutator", "controller_mutation_rate"),
    ],
  },
];

export const quotaCases: readonly Case[] = [
  ...enforcement,
  {
    name: "client quotas are set, found and removed",
    steps: [
      alter({ user: "alice" }, { producer_byte_rate: 1000, consumer_byte_rate: 2000 }, { version: 0 }),
      alter({ user: "alice", "client-id": "c1" }, { request_percentage: 50 }),
      alter({ user: null }, { controller_mutation_rate: 10 }),
      untilEntries(3),
      describe([["user", EXACT, "alice"]], { version: 0 }),
      describe([["user", EXACT, "alice"]], { strict: true }),
      describe([["user", EXACT, "alice"], ["client-id", EXACT, "c1"]]),
      describe([["user", EXACT, "alice"], ["client-id", ANY, null]]),
      describe([["user", DEFAULT, null]]),
      describe([["user", EXACT, "bob"]]),
      describe([], { as: "all" }),
      describe([], { strict: true, as: "all, strictly" }),
      alter({ user: "alice" }, { producer_byte_rate: null, consumer_byte_rate: null }),
      alter({ user: "alice", "client-id": "c1" }, { request_percentage: null }),
      alter({ user: null }, { controller_mutation_rate: null }),
      untilEntries(0),
    ],
  },
  {
    name: "client quotas that cannot be",
    steps: [
      alter({ user: "alice" }, { nonsense: 1 }),
      alter({ user: "alice" }, { producer_byte_rate: -1 }),
      alter({ user: "alice" }, { producer_byte_rate: 0 }),
      alter({ user: "alice" }, { producer_byte_rate: 1.5 }),
      alter({ user: "alice" }, { producer_byte_rate: NaN }, {
        as: "no number",
        validateOnly: true,
        differs: ["errorCode", "errorMessage"].map((field) => ({
          at: `entries[0].${field}`,
          reason: "Apache Kafka takes what is no number for a rate",
        })),
      }),
      alter({ tribe: "alice" }, { producer_byte_rate: 1 }),
      alter({ user: "" }, { producer_byte_rate: 1 }),
      alter({}, { producer_byte_rate: 1 }),
      alter({ user: "alice" }, {}),
      alter({ ip: "127.0.0.1" }, { producer_byte_rate: 1 }),
      alter({ ip: "nowhere at all" }, { connection_creation_rate: 1 }),
      alter({ user: "alice", ip: "127.0.0.1" }, { connection_creation_rate: 1 }),
      alter({ user: "alice" }, { producer_byte_rate: 5 }, { validateOnly: true }),
      alter({ user: "alice" }, { producer_byte_rate: null }, { as: "removed, though it is not there" }),
      ask(AlterClientQuotasRequest, 1, { entries: [] }, { as: "nothing" }),
      describe([["tribe", ANY, null]]),
      describe([["user", 9, null]]),
      describe([["user", EXACT, null]]),
      describe([["user", DEFAULT, "alice"]]),
      describe([["user", EXACT, "a"], ["user", EXACT, "b"]]),
      describe([["user", ANY, null], ["ip", ANY, null]]),
      describe([["", ANY, null]]),
    ],
  },
];
