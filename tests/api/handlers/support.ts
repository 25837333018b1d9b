/**
 * What the tests of the handlers share: a broker in memory, and a client that asks it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Broker } from "../../../lib/mod.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../lib/protocol/messages/create_topics.ts";
import type { Init, Message } from "../../../lib/protocol/schema.ts";
import { RawClient } from "../../interop/support/raw_client.ts";

/** A broker in memory with one client. */
export class TestBroker implements AsyncDisposable {
  readonly #broker: Broker;
  readonly #client: RawClient;
  /** What the broker warned of. */
  readonly warnings: readonly string[];

  private constructor(broker: Broker, client: RawClient, warnings: readonly string[]) {
    this.#broker = broker;
    this.#client = client;
    this.warnings = warnings;
  }

  /** @param set settings of the broker, by name */
  static async start(set: Readonly<Record<string, string>> = {}): Promise<TestBroker> {
    const warnings: string[] = [];
    const logger = { info() {}, warn: (line: string) => void warnings.push(line) };
    const broker = await Broker.start({ set, logger });
    const { host, port } = broker.address;
    return new TestBroker(broker, await RawClient.connect({ hostname: host, port }), warnings);
  }

  /** The port that the broker listens on. */
  get port(): number {
    return this.#broker.address.port;
  }

  ask<Q, R>(request: Message<Q>, response: Message<R>, version: number, value: Init<Q>): Promise<R> {
    return this.#client.ask(request, response, version, value);
  }

  /** Creates topics with so many partitions each, and gives their ids. */
  async createTopics(partitions: Readonly<Record<string, number>>): Promise<string[]> {
    const { topics } = await this.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: Object.entries(partitions).map(([name, numPartitions]) => newTopic(name, { numPartitions })),
    });
    for (const { errorCode, errorMessage } of topics) assertEquals([errorCode, errorMessage], [ErrorCode.NONE, null]);
    return topics.map(({ topicId }) => topicId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.#broker.close();
  }
}

/** A topic to create, with one partition where nothing else is said. */
export function newTopic(
  name: string,
  { configs = {}, ...rest }: {
    numPartitions?: number;
    replicationFactor?: number;
    assignments?: { partitionIndex: number; brokerIds: number[] }[];
    configs?: Readonly<Record<string, string | null>>;
  } = {},
) {
  return {
    name,
    numPartitions: 1,
    replicationFactor: 1,
    ...rest,
    configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
  };
}

/** An answer's error as its name and its message, which is easier to read in a test than a number. */
export function errorOf(answer: { readonly errorCode: number; readonly errorMessage?: string | null }): string {
  const name = Object.entries(ErrorCode).find(([, code]) => code === answer.errorCode)?.[0];
  return answer.errorMessage ? `${name}: ${answer.errorMessage}` : `${name}`;
}
