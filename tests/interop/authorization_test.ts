/**
 * Authentication by SASL, and who may do what: each API is asked by users who are allowed one operation on one resource, and Barnabas must answer each as
 * Apache Kafka does. Beside them stand users to whom lists with prefixes, wildcards, denials and hosts apply.
 *
 * A row is an API, a column is an operation on a resource: all of them are compared.
 */
import { fail } from "@std/assert";
import type { Json } from "../../lib/protocol/json.ts";
import { CreateAclsRequest } from "../../lib/protocol/messages/create_acls.ts";
import { FindCoordinatorRequest } from "../../lib/protocol/messages/find_coordinator.ts";
import { InitProducerIdRequest } from "../../lib/protocol/messages/init_producer_id.ts";
import { DescribeAclsRequest } from "../../lib/protocol/messages/describe_acls.ts";
import { OffsetFetchRequest } from "../../lib/protocol/messages/offset_fetch.ts";
import { AclOperation, AclPermissionType, PatternType, ResourceType } from "../../lib/security/mod.ts";
import {
  AUTHORIZED_COORDINATOR_REQUESTS,
  AUTHORIZED_REQUESTS,
  type Belongings,
} from "./differential/authorized_requests.ts";
import { accessCases, saslCases } from "./differential/security.ts";
import { apacheKafkaIsMissing } from "./support/apache_kafka.ts";
import { become, type SecuredPair, startSecuredPair } from "./support/authorized.ts";
import { ask, errorCodesOf, type Step, topic } from "./support/case.ts";
import { differences } from "./support/compare.ts";
import { Player } from "./support/play.ts";

const missing = apacheKafkaIsMissing();
/** The id of some topic. */
const ID = "AAAAAAAAAAAAAAAAAAAAAg";
const { ALLOW, DENY } = AclPermissionType;
const { LITERAL, PREFIXED } = PatternType;

/** A list that applies to one user. */
interface Entry {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType: number;
  readonly operation: number;
  readonly permissionType: number;
  readonly host?: string;
  readonly principal?: string;
}

/** A column of the table. */
interface Column {
  readonly name: string;
  readonly entries: (own: Belongings) => readonly Entry[];
}

const OPERATIONS: Readonly<Record<string, readonly (keyof typeof AclOperation)[]>> = {
  TOPIC: ["ALL", "READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"],
  GROUP: ["ALL", "READ", "DELETE", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"],
  CLUSTER: [
    "ALL",
    "CREATE",
    "DELETE",
    "ALTER",
    "DESCRIBE",
    "CLUSTER_ACTION",
    "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS",
    "IDEMPOTENT_WRITE",
  ],
  TRANSACTIONAL_ID: ["ALL", "WRITE", "DESCRIBE"],
};

const COLUMNS: readonly Column[] = [
  { name: "nothing", entries: () => [] },
  ...Object.entries(OPERATIONS).flatMap(([type, operations]) =>
    operations.map((operation): Column => ({
      name: `${operation} on ${type}`,
      entries: (own) => [entry(type as keyof typeof ResourceType, resourceOf(type, own), operation)],
    }))
  ),
  {
    name: "a prefix",
    entries: ({ topic }) => [{ ...entry("TOPIC", topic.slice(0, -1), "READ"), resourcePatternType: PREFIXED }],
  },
  { name: "the wildcard", entries: () => [entry("TOPIC", "*", "WRITE")] },
  {
    name: "everything but one operation",
    entries: ({ topic }) => [entry("TOPIC", topic, "ALL"), { ...entry("TOPIC", "*", "READ"), permissionType: DENY }],
  },
  {
    name: "a denial of the prefix",
    entries: ({ topic }) => [
      entry("TOPIC", topic, "ALL"),
      { ...entry("TOPIC", topic.slice(0, -1), "ALL"), permissionType: DENY, resourcePatternType: PREFIXED },
    ],
  },
  {
    name: "a denial of describing",
    entries: ({ topic }) => [
      entry("TOPIC", topic, "READ"),
      { ...entry("TOPIC", topic, "DESCRIBE"), permissionType: DENY },
    ],
  },
  { name: "this host", entries: ({ topic }) => [{ ...entry("TOPIC", topic, "READ"), host: "127.0.0.1" }] },
  { name: "another host", entries: ({ topic }) => [{ ...entry("TOPIC", topic, "READ"), host: "10.0.0.1" }] },
  {
    name: "another user",
    entries: ({ topic }) => [{ ...entry("TOPIC", topic, "ALL"), principal: "User:somebody" }],
  },
  {
    name: "READ and WRITE on TOPIC, READ on GROUP",
    entries: ({ topic, group }) => [
      entry("TOPIC", topic, "READ"),
      entry("TOPIC", topic, "WRITE"),
      entry("GROUP", group, "READ"),
    ],
  },
  {
    name: "WRITE on TRANSACTIONAL_ID, READ on GROUP and TOPIC",
    entries: ({ topic, group, transactionalId }) => [
      entry("TRANSACTIONAL_ID", transactionalId, "WRITE"),
      entry("GROUP", group, "READ"),
      entry("TOPIC", topic, "READ"),
    ],
  },
];

function entry(type: keyof typeof ResourceType, resourceName: string, operation: keyof typeof AclOperation): Entry {
  return {
    resourceType: ResourceType[type],
    resourceName,
    resourcePatternType: LITERAL,
    operation: AclOperation[operation],
    permissionType: ALLOW,
  };
}

function resourceOf(type: string, { topic, group, transactionalId }: Belongings): string {
  return { TOPIC: topic, GROUP: group, TRANSACTIONAL_ID: transactionalId }[type] ?? "kafka-cluster";
}

function belongings(index: number): Belongings {
  const user = `u${index}`;
  return { user, topic: `t-${user}-`, group: `g-${user}-`, transactionalId: `x-${user}-` };
}

Deno.test({
  name: `Barnabas lets users in, and do, as Apache Kafka does${missing === null ? "" : ` (not tested: ${missing})`}`,
  ignore: missing !== null,
  async fn(test) {
    await using pair = await startSecuredPair({ "auto.create.topics.enable": "true" });
    for (const { name, steps } of accessCases) await test.step(name, () => compare(pair, "open", steps));
    for (const { name, steps } of saslCases) await test.step(name, () => compare(pair, "sasl", steps));
    await test.step("the lists are created alike", () => compare(pair, "open", preparation()));
    using players = playersOf(pair, "sasl");
    await test.step("users are let in alike", () =>
      playAll(players, COLUMNS.flatMap((_, index) => become(belongings(index).user))));
    const requests = { ...AUTHORIZED_COORDINATOR_REQUESTS, ...AUTHORIZED_REQUESTS };
    for (const [name, request] of Object.entries(requests)) {
      await test.step(name, async () => {
        const found: string[] = [];
        for (const [index, column] of COLUMNS.entries()) {
          const step = request(belongings(index));
          found.push(...(await play(players, step)).map((line) => `allowed ${column.name}: ${line}`));
        }
        if (found.length > 0) fail(`they differ:\n${found.join("\n")}`);
      });
    }
  },
});

/** Topics and lists for all users, and a wait until the lists are in force. */
function preparation(): Step[] {
  const owned = COLUMNS.map((column, index) => ({ column, own: belongings(index) }));
  const creations = owned.flatMap(({ column, own }) =>
    column.entries(own).map((acl) => ({ principal: `User:${own.user}`, host: "*", ...acl }))
  );
  const everything = {
    resourceTypeFilter: 1,
    resourceNameFilter: null,
    patternTypeFilter: 1,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  };
  return [
    ...owned.flatMap(({ own }) => topic(own.topic)),
    ask(CreateAclsRequest, 3, { creations }),
    // The topics of the coordinators are made, and the coordinators ready.
    ...[0, 1, 2].map((keyType) =>
      ask(FindCoordinatorRequest, 6, { keyType, coordinatorKeys: [keyType === 2 ? `g:${ID}:0` : "k"] }, {
        until: (answer) => errorCodesOf(answer).every((code) => code === 0),
      })
    ),
    ask(OffsetFetchRequest, 9, { groups: [{ groupId: "k", topics: null }] }, {
      until: (answer) => errorCodesOf(answer).every((code) => code === 0),
    }),
    // Apache Kafka says for a while that it has no producer ids yet.
    ask(InitProducerIdRequest, 4, { transactionalId: null, transactionTimeoutMs: 1000 }, {
      until: (answer) => (answer as { errorCode: number }).errorCode === 0,
    }),
    ask(DescribeAclsRequest, 3, everything, { until: (answer) => aclsIn(answer) === creations.length }),
  ];
}

function aclsIn(answer: Json): number {
  const { resources } = answer as { resources: { acls: Json[] }[] };
  return resources.reduce((sum, { acls }) => sum + acls.length, 0);
}

interface Players extends Disposable {
  readonly theirs: Player;
  readonly ours: Player;
}

function playersOf({ apacheKafka, barnabas }: SecuredPair, listener: "open" | "sasl"): Players {
  const theirs = new Player(apacheKafka[listener]);
  const ours = new Player(barnabas[listener]);
  return {
    theirs,
    ours,
    [Symbol.dispose]() {
      theirs[Symbol.dispose]();
      ours[Symbol.dispose]();
    },
  };
}

async function play({ theirs, ours }: Players, step: Step): Promise<string[]> {
  const [expected, actual] = await Promise.all([theirs.play(step), ours.play(step)]);
  return differences(step, expected, actual);
}

async function playAll(players: Players, steps: readonly Step[]): Promise<void> {
  const found: string[] = [];
  for (const step of steps) found.push(...(await play(players, step)).map((line) => `${step.label}: ${line}`));
  if (found.length > 0) fail(`they differ:\n${found.join("\n")}`);
}

async function compare(pair: SecuredPair, listener: "open" | "sasl", steps: readonly Step[]): Promise<void> {
  using players = playersOf(pair, listener);
  await playAll(players, steps);
}
