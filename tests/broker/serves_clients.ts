/**
 * Clients of a broker that runs in the test's own process.
 *
 * @module
 */
import { MetadataRequest, MetadataResponse } from "../../lib/protocol/messages/metadata.ts";
import type { Address } from "../../lib/ports.ts";
import { RawClient } from "../interop/support/raw_client.ts";

/** A broker as its clients see it. Whoever ends the broker closes them before. */
export abstract class ServesClients {
  readonly #clients: RawClient[] = [];

  abstract readonly address: Address;

  async connect(): Promise<RawClient> {
    const { host, port } = this.address;
    const client = await RawClient.connect({ hostname: host, port });
    this.#clients.push(client);
    return client;
  }

  /** A connection, and a topic of one partition that is there. */
  async connectWithTopic(topic: string): Promise<RawClient> {
    const client = await this.connect();
    await client.ask(MetadataRequest, MetadataResponse, 9, { topics: [{ name: topic }], allowAutoTopicCreation: true });
    return client;
  }

  protected closeClients(): void {
    for (const client of this.#clients) client.close();
  }
}
