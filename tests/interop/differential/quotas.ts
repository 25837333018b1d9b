/**
 * DescribeClientQuotas and AlterClientQuotas.
 *
 * @module
 */
import type { Json } from "../../../lib/protocol/json.ts";
import { AlterClientQuotasRequest } from "../../../lib/protocol/messages/alter_client_quotas.ts";
import { DescribeClientQuotasRequest } from "../../../lib/protocol/messages/describe_client_quotas.ts";
import { ask, type Case, type Step, type StepOptions } from "../support/case.ts";

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

export const quotaCases: readonly Case[] = [
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
