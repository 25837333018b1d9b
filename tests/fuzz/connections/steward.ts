/**
 * Well-behaved clients, who must be served as if nobody else was there.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/bytes/mod.ts";
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "../../../lib/protocol/messages/alter_user_scram_credentials.ts";
import { CreateAclsRequest, CreateAclsResponse } from "../../../lib/protocol/messages/create_acls.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../lib/protocol/messages/create_topics.ts";
import { FetchRequest, FetchResponse } from "../../../lib/protocol/messages/fetch.ts";
import { MetadataRequest, MetadataResponse } from "../../../lib/protocol/messages/metadata.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import { AclOperation, AclPermissionType, CLUSTER_NAME, ResourceType } from "../../../lib/security/acl_operation.ts";
import { SCRAM_MECHANISMS } from "../../../lib/security/sasl/scram.ts";
import { runtimeHashes } from "../../../lib/shell/hashes.ts";
import { batch } from "../../interop/support/record_batch.ts";
import type { Existing } from "../request_values.ts";
import { MAX_IDLE_MS, NAMES, STEWARD, STRANGER, type Target } from "./target.ts";
import { Client, connect } from "./wire.ts";

/** A topic that strangers may neither see nor touch. */
const OWN_TOPIC = "of-the-steward";
/** How long one round may take, so that "slowly" is not taken for "served". */
const ROUND_TIMEOUT_MS = 30_000;
const SCRAM_ITERATIONS = 4096;

/** How the steward comes in. */
type Way = "mutual TLS" | "SCRAM" | "PLAIN over TLS";
const WAYS: readonly Way[] = ["mutual TLS", "SCRAM", "PLAIN over TLS"];

/** Makes what strangers may use, and goes on to produce and to fetch. */
export class Steward implements Disposable {
  readonly #target: Target;
  /** One connection stays for as long as all goes on; the others come and go. */
  #lasting: Client;
  #lastingUsedMs = performance.now();
  #nextOffset = 0n;
  #rounds = 0;
  #slowestMs = 0;

  private constructor(target: Target, lasting: Client) {
    this.#target = target;
    this.#lasting = lasting;
  }

  static async start(target: Target): Promise<Steward> {
    const steward = new Steward(target, new Client(await connect(target, "SSL", target.stewardCertificate)));
    await steward.#createTopics([...NAMES, OWN_TOPIC]);
    await steward.#createUser();
    await steward.#allowStrangers();
    return steward;
  }

  /** How often a record went there and back. */
  get rounds(): number {
    return this.#rounds;
  }

  get slowestMs(): number {
    return this.#slowestMs;
  }

  /** What strangers can name. A topic that one of them has deleted is made anew. */
  async existing(): Promise<Existing> {
    const { brokers, topics } = await this.#lasting.ask(MetadataRequest, MetadataResponse, 12, {
      topics: NAMES.map((name) => ({ name })),
    });
    const missing = topics.filter(({ errorCode }) => errorCode !== 0).map(({ name }) => name!);
    if (missing.length > 0) await this.#createTopics(missing);
    return {
      topics: NAMES,
      topicIds: topics.filter(({ errorCode }) => errorCode === 0).map(({ topicId }) => topicId),
      nodeId: brokers[0].nodeId,
    };
  }

  /** Produces a record and reads it back, by each way in, and by the connection that stays. */
  async round(): Promise<void> {
    for (const way of WAYS) {
      const began = performance.now();
      await withTimeout(this.#roundTrip(way), `a record of the steward, by ${way}`);
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - began);
    }
    // On a starved machine a round may take so long that the broker lets go of who was silent meanwhile, as it should.
    if (performance.now() - this.#lastingUsedMs > MAX_IDLE_MS / 2) {
      this.#lasting[Symbol.dispose]();
      this.#lasting = await this.#comeIn("mutual TLS");
    }
    await withTimeout(this.#thereAndBack(this.#lasting), "a record of the steward, by the connection that stays");
    this.#lastingUsedMs = performance.now();
    this.#rounds++;
  }

  [Symbol.dispose](): void {
    this.#lasting[Symbol.dispose]();
  }

  async #roundTrip(way: Way): Promise<void> {
    using client = await this.#comeIn(way);
    await this.#thereAndBack(client);
  }

  async #comeIn(way: Way): Promise<Client> {
    switch (way) {
      case "mutual TLS":
        return new Client(await connect(this.#target, "SSL", this.#target.stewardCertificate));
      case "SCRAM": {
        const client = new Client(await connect(this.#target, "SASL_PLAINTEXT"));
        await client.loginByScram(STEWARD);
        return client;
      }
      case "PLAIN over TLS": {
        const client = new Client(await connect(this.#target, "SASL_SSL"));
        await client.login(STEWARD);
        return client;
      }
    }
  }

  async #thereAndBack(client: Client): Promise<void> {
    const sent = batch([`record ${this.#nextOffset}`]);
    const { responses } = await client.ask(ProduceRequest, ProduceResponse, 12, {
      acks: -1,
      timeoutMs: ROUND_TIMEOUT_MS,
      topicData: [{ name: OWN_TOPIC, partitionData: [{ index: 0, records: sent }] }],
    });
    const { errorCode, baseOffset } = responses[0].partitionResponses[0];
    assertEquals([errorCode, baseOffset], [0, this.#nextOffset++]);
    const fetched = await client.ask(FetchRequest, FetchResponse, 12, {
      topics: [{
        topic: OWN_TOPIC,
        partitions: [{ partition: 0, fetchOffset: baseOffset, partitionMaxBytes: 10_000 }],
      }],
    });
    const { records } = fetched.responses[0].partitions[0];
    // Offset and leader epoch are the broker's; behind them the batch is as it was sent.
    assertEquals(records?.subarray(16), sent.subarray(16));
  }

  async #createTopics(names: readonly string[]): Promise<void> {
    const { topics } = await this.#lasting.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
      timeoutMs: ROUND_TIMEOUT_MS,
      topics: names.map((name) => ({
        name,
        numPartitions: 3,
        replicationFactor: 1,
        configs: name === "compacted" ? [{ name: "cleanup.policy", value: "compact,delete" }] : [],
      })),
    });
    // A stranger may have been quicker.
    const alreadyThere = 36;
    for (const { errorCode } of topics) if (errorCode !== alreadyThere) assertEquals(errorCode, 0);
  }

  async #createUser(): Promise<void> {
    const { type, hash } = SCRAM_MECHANISMS[0];
    const salt = utf8("salt of the fuzz");
    const { results } = await this.#lasting.ask(
      AlterUserScramCredentialsRequest,
      AlterUserScramCredentialsResponse,
      0,
      {
        upsertions: [STRANGER, STEWARD].map(({ name, password }) => ({
          name,
          mechanism: type,
          iterations: SCRAM_ITERATIONS,
          salt,
          saltedPassword: runtimeHashes.saltPassword(hash, password, salt, SCRAM_ITERATIONS),
        })),
      },
    );
    assertEquals(results.map(({ errorCode }) => errorCode), [0, 0]);
  }

  async #allowStrangers(): Promise<void> {
    const { ALL, DESCRIBE, DESCRIBE_CONFIGS, IDEMPOTENT_WRITE } = AclOperation;
    const resources = [
      ...NAMES.flatMap((name) =>
        [ResourceType.TOPIC, ResourceType.GROUP, ResourceType.TRANSACTIONAL_ID].map((type) => ({
          type,
          name,
          operation: ALL as AclOperation,
        }))
      ),
      ...[DESCRIBE, DESCRIBE_CONFIGS, IDEMPOTENT_WRITE].map((operation) => ({
        type: ResourceType.CLUSTER,
        name: CLUSTER_NAME,
        operation,
      })),
    ];
    const { results } = await this.#lasting.ask(CreateAclsRequest, CreateAclsResponse, 3, {
      creations: [`User:${STRANGER.name}`, "User:ANONYMOUS"].flatMap((principal) =>
        resources.map(({ type, name, operation }) => ({
          resourceType: type,
          resourceName: name,
          principal,
          host: "*",
          operation,
          permissionType: AclPermissionType.ALLOW,
        }))
      ),
    });
    assertEquals(results.filter(({ errorCode }) => errorCode !== 0), []);
  }
}

async function withTimeout<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ROUND_TIMEOUT_MS} ms`)), ROUND_TIMEOUT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
