/**
 * Authentication by SASL, and who may do what: each API is asked by users who are allowed one operation on one resource, and Barnabas must answer each as
 * Apache Kafka does. Beside them stand users to whom lists with prefixes, wildcards, denials and hosts apply.
 *
 * A row is an API, a column is an operation on a resource: all of them are compared.
 */
import { assertEquals, fail } from "@std/assert";
import { REGISTRY } from "../../lib/api/registry.ts";
import type { Json } from "../../lib/protocol/json.ts";
import { CreateAclsRequest } from "../../lib/protocol/messages/create_acls.ts";
import { FindCoordinatorRequest } from "../../lib/protocol/messages/find_coordinator.ts";
import { InitProducerIdRequest } from "../../lib/protocol/messages/init_producer_id.ts";
import { DescribeAclsRequest } from "../../lib/protocol/messages/describe_acls.ts";
import { findApi } from "../../lib/protocol/messages/mod.ts";
import { OffsetFetchRequest } from "../../lib/protocol/messages/offset_fetch.ts";
import { AclOperation, AclPermissionType, PatternType, ResourceType } from "../../lib/security/mod.ts";
import {
  AUTHORIZED_COORDINATOR_REQUESTS,
  AUTHORIZED_REQUESTS,
  type Belongings,
} from "./differential/authorized_requests.ts";
import {
  AUTHORIZED_GROUP_REQUESTS,
  expressionSteps,
  groupsOf,
  internalTopicOf,
  internalTopicSteps,
  PATIENT_GROUPS,
} from "./differential/authorized_group_requests.ts";
import {
  AUTHORIZED_TOKEN_DESCRIPTION,
  AUTHORIZED_TOKEN_REQUESTS,
  TOKEN_OWNER,
} from "./differential/authorized_token_requests.ts";
import { accessCases, saslCases } from "./differential/security.ts";
import { apacheKafkaIsMissing } from "./support/apache_kafka.ts";
import { become, compareSecured, playAll, playBoth, playersOf, startSecuredPair } from "./support/authorized.ts";
import { ask, errorCodesOf, type Step, topic } from "./support/case.ts";

const missing = apacheKafkaIsMissing();
/** The id of some topic. */
const ID = "AAAAAAAAAAAAAAAAAAAAAg";
const { ALLOW, DENY } = AclPermissionType;
const { LITERAL, PREFIXED } = PatternType;

/** The rows of the table. */
const REQUESTS = {
  ...AUTHORIZED_TOKEN_REQUESTS,
  ...AUTHORIZED_GROUP_REQUESTS,
  ...AUTHORIZED_COORDINATOR_REQUESTS,
  ...AUTHORIZED_REQUESTS,
  ...AUTHORIZED_TOKEN_DESCRIPTION,
};

/** APIs that have no row, and why. */
const WITHOUT_ROW: Readonly<Record<string, string>> = {
  SaslHandshake: "by it users become who they are; cases of its own show what it answers",
  SaslAuthenticate: "by it users become who they are; cases of its own show what it answers",
};

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

type ResourceTypeName = keyof typeof ResourceType;
type OperationName = keyof typeof AclOperation;

const READING = "READ and WRITE on TOPIC, READ on GROUP";
const CREATING = "READ and CREATE on the internal TOPIC, READ on GROUP";
const CREATING_ALL = "READ on the internal TOPIC, CREATE on CLUSTER, READ on GROUP";

/** What there is to be allowed, by the resources that there are. */
const OPERATIONS: Readonly<Partial<Record<ResourceTypeName, readonly OperationName[]>>> = {
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
  TRANSACTIONAL_ID: ["ALL", "WRITE", "DESCRIBE", "TWO_PHASE_COMMIT"],
  DELEGATION_TOKEN: ["ALL", "DESCRIBE"],
  USER: ["ALL", "CREATE_TOKENS", "DESCRIBE_TOKENS"],
};

const COLUMNS: readonly Column[] = [
  { name: "nothing", entries: () => [] },
  ...Object.entries(OPERATIONS).flatMap(([type, operations]) =>
    operations.map((operation): Column => ({
      name: `${operation} on ${type}`,
      entries: (own) => entriesOn(type as ResourceTypeName, own, operation),
    }))
  ),
  ...Object.entries(OPERATIONS).map(([type, operations]): Column => ({
    name: `everything on ${type} that there is not`,
    entries: (own) =>
      (Object.keys(AclOperation) as OperationName[])
        .filter((operation) => !operations.includes(operation) && AclOperation[operation] > AclOperation.ALL)
        .flatMap((operation) => entriesOn(type as ResourceTypeName, own, operation)),
  })),
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
    name: CREATING,
    entries: (own) => [
      entry("TOPIC", own.topic, "READ"),
      entry("TOPIC", internalTopicOf(own), "READ"),
      entry("TOPIC", internalTopicOf(own), "CREATE"),
      entry("GROUP", own.statefulGroup, "READ"),
    ],
  },
  {
    name: CREATING_ALL,
    entries: (own) => [
      entry("TOPIC", own.topic, "READ"),
      entry("TOPIC", internalTopicOf(own), "READ"),
      entry("CLUSTER", "kafka-cluster", "CREATE"),
      entry("GROUP", own.statefulGroup, "READ"),
    ],
  },
  {
    name: READING,
    entries: (own) => [
      entry("TOPIC", own.topic, "READ"),
      entry("TOPIC", own.topic, "WRITE"),
      ...entriesOn("GROUP", own, "READ"),
    ],
  },
  {
    name: "DESCRIBE on TOPIC, DESCRIBE on GROUP",
    entries: (own) => [entry("TOPIC", own.topic, "DESCRIBE"), ...entriesOn("GROUP", own, "DESCRIBE")],
  },
  {
    name: "DESCRIBE on TOPIC and its like, READ and DELETE on GROUP",
    entries: (own) => [
      { ...entry("TOPIC", own.topic, "DESCRIBE"), resourcePatternType: PREFIXED },
      ...entriesOn("GROUP", own, "READ"),
      ...entriesOn("GROUP", own, "DELETE"),
    ],
  },
  {
    name: "READ on TOPIC and its like, READ and DELETE on GROUP",
    entries: (own) => [
      { ...entry("TOPIC", own.topic, "READ"), resourcePatternType: PREFIXED },
      ...entriesOn("GROUP", own, "READ"),
      ...entriesOn("GROUP", own, "DELETE"),
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

function entry(type: ResourceTypeName, resourceName: string, operation: OperationName): Entry {
  return {
    resourceType: ResourceType[type],
    resourceName,
    resourcePatternType: LITERAL,
    operation: AclOperation[operation],
    permissionType: ALLOW,
  };
}

/** An operation on all of that type that belong to a user, or on the cluster. */
function entriesOn(type: ResourceTypeName, own: Belongings, operation: OperationName): Entry[] {
  const names: Readonly<Partial<Record<ResourceTypeName, readonly string[]>>> = {
    TOPIC: [own.topic],
    GROUP: [own.group, own.consumerGroup, own.shareGroup, own.streamsGroup, own.statefulGroup, own.expressionGroup],
    TRANSACTIONAL_ID: [own.transactionalId],
    CLUSTER: ["kafka-cluster"],
    USER: [`User:${TOKEN_OWNER}`],
    // A token has the name that chance gives it.
    DELEGATION_TOKEN: ["*"],
  };
  return names[type]!.map((name) => entry(type, name, operation));
}

function belongings(index: number): Belongings {
  const user = `u${index}`;
  const group = `g-${user}-`;
  return {
    user,
    topic: `t-${user}-`,
    group,
    consumerGroup: `${group}consumer`,
    shareGroup: `${group}share`,
    streamsGroup: `${group}streams`,
    statefulGroup: `${group}stateful`,
    expressionGroup: `${group}expression`,
    transactionalId: `x-${user}-`,
  };
}

/** What belongs to the user of a column. */
function ownerOf(column: string): Belongings {
  return belongings(COLUMNS.findIndex(({ name }) => name === column));
}

Deno.test("each API has a row in the table of authorization, or a reason to have none", () => {
  const steps = Object.values(REQUESTS).map((request) => request(belongings(0)));
  const asked = new Set(steps.flatMap(({ answers }) => answers.map(({ request }) => request!.key)));
  const rowless = REGISTRY.filter(({ key }) => !asked.has(key)).map(({ key }) => findApi(key)!.name);
  assertEquals(rowless.toSorted(), Object.keys(WITHOUT_ROW).toSorted());
});

Deno.test({
  name: `Barnabas lets users in, and do, as Apache Kafka does${missing === null ? "" : ` (not tested: ${missing})`}`,
  ignore: missing !== null,
  async fn(test) {
    await using pair = await startSecuredPair({
      "auto.create.topics.enable": "true",
      "delegation.token.secret.key": "secret",
      ...PATIENT_GROUPS,
    });
    for (const { name, steps } of accessCases) await test.step(name, () => compareSecured(pair, "open", steps));
    for (const { name, steps } of saslCases) await test.step(name, () => compareSecured(pair, "sasl", steps));
    await test.step("the lists are created alike", () => compareSecured(pair, "open", preparation()));
    using players = playersOf(pair, "sasl");
    await test.step("users are let in alike", () =>
      playAll(players, [...become("admin"), ...COLUMNS.flatMap((_, index) => become(belongings(index).user))]));
    await test.step("their groups are made alike", () =>
      playAll(players, groupsOf(COLUMNS.map((_, index) => belongings(index)), "admin")));
    await test.step("an expression tells of topics that may be described alone", () =>
      playAll(players, expressionSteps(ownerOf(READING), belongings(0).topic)));
    for (const name of [CREATING, CREATING_ALL]) {
      await test.step(`internal topics are made for who is allowed ${name}`, () =>
        playAll(players, internalTopicSteps(ownerOf(name))));
    }
    for (const [name, request] of Object.entries(REQUESTS)) {
      await test.step(name, async () => {
        const found: string[] = [];
        for (const [index, column] of COLUMNS.entries()) {
          const step = request(belongings(index));
          found.push(...(await playBoth(players, step)).map((line) => `allowed ${column.name}: ${line}`));
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
