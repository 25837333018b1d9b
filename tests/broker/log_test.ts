/** What a broker tells in the areas of its log, and how their levels are changed while it runs. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BrokerCore } from "../../lib/broker/mod.ts";
import { utf8 } from "../../lib/bytes/mod.ts";
import { Loggers } from "../../lib/logging/mod.ts";
import { loadSettings } from "../../lib/metadata/configs/mod.ts";
import { systemWorld } from "../../lib/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "../../lib/protocol/messages/find_coordinator.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../lib/protocol/messages/incremental_alter_configs.ts";
import { JoinGroupRequest, JoinGroupResponse } from "../../lib/protocol/messages/join_group.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from "../../lib/protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest, SaslHandshakeResponse } from "../../lib/protocol/messages/sasl_handshake.ts";
import { RawClient } from "../interop/support/raw_client.ts";
import { batch } from "../interop/support/record_batch.ts";

const BROKER_LOGGER = 8;
const SET = 0, DELETE = 1;

/** A broker in memory whose entries are kept. */
class Logged implements AsyncDisposable {
  readonly entries: string[] = [];
  readonly #clients: RawClient[] = [];
  #core!: BrokerCore;

  static async start(set: Readonly<Record<string, string>> = {}): Promise<Logged> {
    const logged = new Logged();
    const { settings } = loadSettings({ flags: { host: "127.0.0.1", port: 0, dataDir: "memory", set } });
    const sink = {
      write: (level: string, area: string, line: string) => void logged.entries.push(`${level} ${area}: ${line}`),
    };
    const loggers = new Loggers(sink, settings.logLevels);
    logged.#core = await BrokerCore.start(settings, { ...systemWorld(settings), loggers });
    return logged;
  }

  async connect(): Promise<RawClient> {
    const [{ host, port }] = this.#core.addresses;
    const client = await RawClient.connect({ hostname: host, port });
    this.#clients.push(client);
    return client;
  }

  /** Gives an area a level, or takes it away, as kafka-configs does. */
  async setLevel(client: RawClient, name: string, level: string | null): Promise<void> {
    const configs = [{ name, configOperation: level === null ? DELETE : SET, value: level }];
    const { responses: [{ errorCode, errorMessage }] } = await client.ask(
      IncrementalAlterConfigsRequest,
      IncrementalAlterConfigsResponse,
      1,
      { resources: [{ resourceType: BROKER_LOGGER, resourceName: "1", configs }] },
    );
    assertEquals([errorCode, errorMessage], [ErrorCode.NONE, null]);
  }

  /** What was told in an area. */
  of(area: string): string[] {
    return this.entries.filter((entry) => entry.split(" ")[1] === `${area}:`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#core.close();
  }
}

function create(client: RawClient, name: string) {
  return client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, configs: [{ name: "segment.bytes", value: "1048576" }] }],
  });
}

Deno.test("requests are told at DEBUG when they are answered, from the moment that somebody asks for it until nobody does", async () => {
  await using broker = await Logged.start();
  const client = await broker.connect();
  await create(client, "before");
  await broker.setLevel(client, "kafka.request.logger", "DEBUG");
  await create(client, "meanwhile");
  await broker.setLevel(client, "kafka.request.logger", null);
  await create(client, "after");
  const entries = broker.of("kafka.request.logger");
  assertEquals(entries.filter((entry) => entry.includes("CreateTopics")).length, 1);
  assertStringIncludes(
    entries.find((entry) => entry.includes("CreateTopics"))!,
    "DEBUG kafka.request.logger: Completed",
  );
  assertStringIncludes(entries.at(-1)!, "(User:ANONYMOUS) from 127.0.0.1:");
});

Deno.test("requests are told at TRACE with what they say, but for secrets and records", async () => {
  await using broker = await Logged.start({ "barnabas.log.level.overrides": "kafka.request.logger=TRACE" });
  const client = await broker.connect();
  await create(client, "letters");
  await client.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    topicData: [{ name: "letters", partitionData: [{ index: 0, records: batch(["dear diary"]) }] }],
  });
  await client.ask(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
    resources: [{
      resourceType: 4,
      resourceName: "1",
      configs: [{ name: "listener.name.x.ssl.key.password", configOperation: SET, value: "open sesame" }],
    }],
  });
  const received = broker.of("kafka.request.logger").filter((entry) => entry.includes("Received"));
  assertStringIncludes(received[0], '"name":"letters","numPartitions":1');
  assert(/"records":"\d+ bytes"/.test(received[1]), received[1]);
  assertStringIncludes(received[2], '"value":"[hidden]"');
  assertEquals(broker.entries.filter((entry) => entry.includes("sesame") || entry.includes("diary")), []);
});

Deno.test("connections, segments, groups and metadata are told of at DEBUG", async () => {
  await using broker = await Logged.start({ "barnabas.log.level": "DEBUG" });
  const client = await broker.connect();
  await create(client, "letters");
  for (let count = 0; count < 3; count++) {
    await client.ask(ProduceRequest, ProduceResponse, 9, {
      acks: -1,
      topicData: [{ name: "letters", partitionData: [{ index: 0, records: batch(["x".repeat(600_000)]) }] }],
    });
  }
  await client.ask(FindCoordinatorRequest, FindCoordinatorResponse, 3, { key: "readers", keyType: 0 });
  await client.ask(JoinGroupRequest, JoinGroupResponse, 3, {
    groupId: "readers",
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: new Uint8Array() }],
  });
  assertStringIncludes(broker.of("kafka.network")[0], "opened on PLAINTEXT");
  assertStringIncludes(
    broker.of("kafka.log").join("\n"),
    "Began the segment memory/letters-0/00000000000000000001.log",
  );
  assertStringIncludes(broker.of("kafka.metadata").join("\n"), "TopicRecord, ConfigRecord, PartitionRecord");
  assertStringIncludes(broker.of("kafka.coordinator.group").join("\n"), "Group readers prepares to rebalance");
});

Deno.test("a change of a level is told itself", async () => {
  await using broker = await Logged.start({ "barnabas.log.level": "WARN" });
  const client = await broker.connect();
  await broker.setLevel(client, "kafka.log", "TRACE");
  await broker.setLevel(client, "kafka.log", null);
  assertEquals(broker.of("kafka.server"), [
    "WARN kafka.server: The log level of kafka.log is TRACE from now on",
    "WARN kafka.server: The log level of kafka.log is WARN from now on",
  ]);
});

Deno.test("refused operations and failed authentications have an area of their own", async () => {
  await using broker = await Logged.start({
    "listeners": "SASL_PLAINTEXT://127.0.0.1:0",
    "sasl.enabled.mechanisms": "PLAIN",
    "listener.name.sasl_plaintext.plain.sasl.jaas.config":
      'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-secret";',
    "connection.failed.authentication.delay.ms": "20",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "barnabas.log.level": "ERROR",
    "barnabas.log.level.overrides": "kafka.authorizer.logger=DEBUG",
  });
  const authenticate = async (client: RawClient, password: string) => {
    await client.ask(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: "PLAIN" });
    return await client.ask(SaslAuthenticateRequest, SaslAuthenticateResponse, 1, {
      authBytes: utf8(`\0alice\0${password}`),
    });
  };
  const stranger = await broker.connect();
  assertEquals((await authenticate(stranger, "guess")).errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED);
  const alice = await broker.connect();
  assertEquals((await authenticate(alice, "alice-secret")).errorCode, ErrorCode.NONE);
  await create(alice, "letters");
  const entries = broker.of("kafka.authorizer.logger");
  assertEquals(entries.length, broker.entries.length);
  assertStringIncludes(entries[0], "WARN kafka.authorizer.logger: Connection of 127.0.0.1:");
  assertStringIncludes(entries[0], "authentication by PLAIN failed");
  assertStringIncludes(
    entries.join("\n"),
    "INFO kafka.authorizer.logger: Principal = User:alice is Denied operation = CREATE from host = 127.0.0.1 on " +
      "resource = TOPIC:LITERAL:letters for request = CreateTopics",
  );
  assertEquals(entries.filter((entry) => entry.includes("guess") || entry.includes("secret")), []);
});
