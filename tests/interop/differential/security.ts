/**
 * Authentication, good and bad, and the administration of who may do what. They are played against brokers that ask who their
 * clients are.
 *
 * @module
 */
import { utf8 } from "../../../lib/bytes/mod.ts";
import { AlterUserScramCredentialsRequest } from "../../../lib/protocol/messages/alter_user_scram_credentials.ts";
import { ApiVersionsRequest } from "../../../lib/protocol/messages/api_versions.ts";
import { CreateAclsRequest } from "../../../lib/protocol/messages/create_acls.ts";
import { DeleteAclsRequest } from "../../../lib/protocol/messages/delete_acls.ts";
import { DescribeAclsRequest } from "../../../lib/protocol/messages/describe_acls.ts";
import { DescribeUserScramCredentialsRequest } from "../../../lib/protocol/messages/describe_user_scram_credentials.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import { SaslAuthenticateRequest } from "../../../lib/protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest } from "../../../lib/protocol/messages/sasl_handshake.ts";
import { ask, type Case, sendBytes, type Step, type StepOptions } from "../support/case.ts";
import { framed } from "../support/raw_client.ts";

function handshake(mechanism: string, version = 1): Step {
  return ask(SaslHandshakeRequest, version, { mechanism });
}

function authenticate(token: string, version = 2, options: StepOptions = {}): Step {
  return ask(SaslAuthenticateRequest, version, { authBytes: utf8(token) }, options);
}

function rawToken(token: string): Step {
  return sendBytes("a token without a request", framed(utf8(token)));
}

const whoAmI = ask(MetadataRequest, 9, { topics: [], includeClusterAuthorizedOperations: true });
/** What becomes of a connection: something is sent, and nothing comes back. */
const isOver = ask(MetadataRequest, 9, { topics: [] }, { as: "is it over?", maySayNothing: true });

/** On a listener that authenticates by SASL; `admin` and `u0` are users whose password is their name. */
export const saslCases: readonly Case[] = [
  {
    name: "a client that asks for the versions first, and then authenticates in requests",
    steps: [
      ask(ApiVersionsRequest, 3, { clientSoftwareName: "a", clientSoftwareVersion: "1" }),
      handshake("PLAIN"),
      authenticate("\0admin\0admin"),
      whoAmI,
    ],
  },
  {
    name: "a client in a version of ApiVersions that is too new, and then again",
    steps: [
      sendBytes("ApiVersions v99", framed(new Uint8Array([0, 18, 0, 99, 0, 0, 0, 1, 255, 255, 0]))),
      ask(ApiVersionsRequest, 0, {}),
      handshake("PLAIN"),
      authenticate("\0u0\0u0"),
      whoAmI,
    ],
  },
  { name: "tokens without requests, as of old", steps: [handshake("PLAIN", 0), rawToken("\0admin\0admin"), whoAmI] },
  { name: "a wrong token without a request", steps: [handshake("PLAIN", 0), rawToken("\0admin\0guess")] },
  { name: "an authorization id that is the user's", steps: [handshake("PLAIN"), authenticate("u0\0u0\0u0"), whoAmI] },
  ...["\0u0\0guess", "\0nobody\0nobody", "\0\0u0", "\0u0\0", "u0\0u0", "", "admin\0u0\0u0", "a\0b\0c\0d"].map((
    token,
  ) => ({
    name: `the token ${JSON.stringify(token)}`,
    steps: [handshake("PLAIN"), authenticate(token), isOver],
  })),
  {
    name: "a wrong password, in the oldest version",
    steps: [handshake("PLAIN"), authenticate("\0u0\0guess", 0), isOver],
  },
  ...["GSSAPI", "SCRAM-SHA-512", "plain", ""].map((mechanism) => ({
    name: `the mechanism ${JSON.stringify(mechanism)}, which is not enabled`,
    steps: [handshake(mechanism), isOver],
  })),
  { name: "a request before anything else", steps: [isOver] },
  {
    name: "a request after the versions",
    steps: [ask(ApiVersionsRequest, 3, { clientSoftwareName: "a", clientSoftwareVersion: "1" }), isOver],
  },
  { name: "a token before a handshake", steps: [authenticate("\0u0\0u0", 2, { maySayNothing: true })] },
  {
    name: "the versions twice",
    steps: [
      ask(ApiVersionsRequest, 0, {}),
      ask(ApiVersionsRequest, 0, {}, { maySayNothing: true }),
    ],
  },
  {
    name: "a handshake after all is done",
    steps: [handshake("PLAIN"), authenticate("\0u0\0u0"), handshake("PLAIN"), authenticate("\0u0\0u0"), whoAmI],
  },
  {
    name: "SCRAM with a message that is none",
    steps: [handshake("SCRAM-SHA-256"), authenticate("n,,n="), isOver],
  },
  {
    name: "SCRAM of a user that is not there",
    steps: [
      handshake("SCRAM-SHA-256"),
      ask(SaslAuthenticateRequest, 2, { authBytes: utf8("n,,n=nobody,r=abc") }, {
        differs: [{ at: "", reason: "whether there is such a user is not told before the password is wrong, too" }],
      }),
    ],
  },
  {
    name: "Metadata in the place of a token",
    steps: [
      handshake("PLAIN"),
      ask(MetadataRequest, 9, { topics: null }, {
        differs: [{
          at: "",
          barnabas: "connection closed",
          reason: "who has shown nothing yet gets no answer; Apache Kafka says ILLEGAL_SASL_STATE",
        }],
      }),
    ],
  },
  ...["tokenauth=true", "tokenauth=TRUE", "tokenauth=false,tokenauth=true"].map((extensions) => ({
    name: `SCRAM of a delegation token that is not there, by ${extensions}`,
    steps: [
      handshake("SCRAM-SHA-256"),
      ask(SaslAuthenticateRequest, 2, { authBytes: utf8(`n,,n=nothing,r=abc,${extensions}`) }, {
        differs: [{ at: "", reason: "whether there is such a token is not told before the HMAC is wrong, too" }],
      }),
    ],
  })),
  { name: "no request at all", steps: [sendBytes("zeros", framed(new Uint8Array(20)))] },
];

function acl(facts: Partial<Readonly<Record<string, number | string>>> = {}) {
  return {
    resourceType: 2,
    resourceName: "a",
    resourcePatternType: 3,
    principal: "User:x",
    host: "*",
    operation: 3,
    permissionType: 3,
    ...facts,
  };
}

function filter(facts: Partial<Readonly<Record<string, number | string | null>>> = {}) {
  return {
    resourceTypeFilter: 1,
    resourceNameFilter: null,
    patternTypeFilter: 1,
    principalFilter: "User:x",
    hostFilter: null,
    operation: 1,
    permissionType: 1,
    ...facts,
  };
}

const untilFound = (count: number) => (answer: unknown) =>
  (answer as { resources: { acls: unknown[] }[] }).resources.flatMap(({ acls }) => acls).length === count;

/** On a listener where everybody is a super user. */
export const accessCases: readonly Case[] = [
  {
    name: "entries, good and bad, are created, found and deleted",
    steps: [
      ask(CreateAclsRequest, 3, {
        creations: [
          acl(),
          acl(),
          acl({ operation: 4, host: "10.0.0.1", permissionType: 2 }),
          acl({ resourceName: "*" }),
          acl({ resourceName: "a", resourcePatternType: 4 }),
          acl({ resourceType: 3 }),
          acl({ resourceType: 4, resourceName: "kafka-cluster" }),
          acl({ resourceType: 4, resourceName: "other" }),
          acl({ resourceName: "" }),
        ] as never,
      }),
      ...[{ resourceType: 1 }, { resourcePatternType: 2 }, { operation: 1 }, { permissionType: 1 }].map((facts) =>
        ask(CreateAclsRequest, 3, { creations: [acl(facts)] } as never, {
          as: JSON.stringify(facts),
          differs: [{
            at: "results[0].errorCode",
            barnabas: 42,
            reason: "the client has made a mistake, not the server",
          }],
        })
      ),
      ask(CreateAclsRequest, 3, { creations: [acl({ principal: "x" })] } as never),
      ask(DescribeAclsRequest, 3, filter() as never, { until: untilFound(6) as never }),
      ...[
        { resourceTypeFilter: 2 },
        { resourceTypeFilter: 2, resourceNameFilter: "a" },
        { resourceTypeFilter: 2, resourceNameFilter: "a", patternTypeFilter: 3 },
        { resourceTypeFilter: 2, resourceNameFilter: "ab", patternTypeFilter: 2 },
        { patternTypeFilter: 4 },
        { operation: 4 },
        { permissionType: 2 },
        { hostFilter: "10.0.0.1" },
        { hostFilter: "10.0.0.2" },
        { principalFilter: "User:nobody" },
      ].map((facts) => ask(DescribeAclsRequest, 3, filter(facts) as never)),
      ask(DeleteAclsRequest, 3, {
        filters: [
          filter({ operation: 4 }),
          filter({ resourceTypeFilter: 2 }),
          filter({ principalFilter: "User:nobody" }),
        ],
      } as never),
      ask(DescribeAclsRequest, 3, filter() as never, { until: untilFound(2) as never }),
      ask(DeleteAclsRequest, 3, { filters: [filter()] } as never),
    ],
  },
  {
    name: "SCRAM credentials, good and bad, are set, told and removed",
    steps: [
      ask(AlterUserScramCredentialsRequest, 0, {
        deletions: [{ name: "gone", mechanism: 1 }, { name: "twice", mechanism: 1 }, { name: "odd", mechanism: 3 }],
        upsertions: [
          ["a", 1, 4096],
          ["b", 2, 16384],
          ["few", 1, 4095],
          ["many", 1, 16385],
          ["", 1, 4096],
          ["unknown", 0, 4096],
          ["twice", 1, 4096],
        ].map(([name, mechanism, iterations]) => ({
          name: String(name),
          mechanism: Number(mechanism),
          iterations: Number(iterations),
          salt: utf8("salt"),
          saltedPassword: utf8("salted password"),
        })),
      }),
      ask(DescribeUserScramCredentialsRequest, 0, { users: null }, {
        until: (answer) => (answer as { results: unknown[] }).results.length === 2,
      }),
      ask(DescribeUserScramCredentialsRequest, 0, {
        users: [{ name: "a" }, { name: "c" }, { name: "b" }, { name: "b" }],
      }),
      ask(AlterUserScramCredentialsRequest, 0, {
        deletions: [{ name: "a", mechanism: 1 }, { name: "b", mechanism: 1 }],
      }),
      ask(DescribeUserScramCredentialsRequest, 0, { users: [] }, {
        until: (answer) => (answer as { results: unknown[] }).results.length === 1,
      }),
    ],
  },
  {
    name: "SASL where there is none",
    steps: [handshake("PLAIN"), handshake("PLAIN", 0), authenticate("\0admin\0admin"), whoAmI],
  },
];
