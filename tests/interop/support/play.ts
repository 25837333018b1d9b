/**
 * Plays the steps of a case against one broker.
 *
 * @module
 */
import { type Json, toJson } from "../../../lib/protocol/json.ts";
import { APIS } from "../../../lib/protocol/messages/mod.ts";
import { toHex } from "../../conformance/message_vector.ts";
import type { Answer, Step } from "./case.ts";
import { Known } from "./known.ts";
import { decodeResponse, RawClient } from "./raw_client.ts";
import { showRecords } from "./show_records.ts";

/** How long a step with `until` is repeated. */
const UNTIL_TIMEOUT_MS = 15_000;
const UNTIL_POLL_MS = 20;
/** How long to wait for an answer to what may well get none. */
const SILENCE_MS = 1000;

/** One broker, in the middle of a case. */
export class Player implements Disposable {
  readonly #known = new Known();
  readonly #clients = new Map<string, RawClient>();

  constructor(readonly address: { readonly hostname: string; readonly port: number }) {}

  /** What came back, with names in place of the ids that the broker chose. */
  async play(step: Step): Promise<Json> {
    if (step.options.reconnect) this.#disconnect(connectionOf(step));
    const { until } = step.options;
    const deadline = performance.now() + UNTIL_TIMEOUT_MS;
    for (;;) {
      const outcome = await this.#playOnce(step);
      if (until === undefined || until(outcome)) return this.#known.learn(outcome);
      if (performance.now() > deadline) throw new Error(`"${step.label}" never got the answer it waits for`);
      await new Promise((resolve) => setTimeout(resolve, UNTIL_POLL_MS));
    }
  }

  async #playOnce(step: Step): Promise<Json> {
    const client = await this.#connect(connectionOf(step));
    const bytes = step.bytes(this.#known);
    const startMs = performance.now();
    await client.sendBytes(bytes);
    const outcomes: Json[] = [];
    for (const answer of step.answers) outcomes.push(await this.#receive(client, answer, step));
    const outcome = outcomes.length === 1 ? outcomes[0] : outcomes;
    const { waitsMs } = step.options;
    return waitsMs === undefined ? outcome : { waited: performance.now() - startMs > waitsMs * 0.9, outcome };
  }

  async #receive(client: RawClient, answer: Answer, step: Step): Promise<Json> {
    const frame = await client.receive(step.options.maySayNothing ? SILENCE_MS : undefined);
    if (typeof frame !== "string") return decode(frame, answer);
    this.#disconnect(connectionOf(step));
    return frame;
  }

  async #connect(connection: string): Promise<RawClient> {
    const known = this.#clients.get(connection);
    if (known !== undefined) return known;
    const client = await RawClient.connect(this.address);
    this.#clients.set(connection, client);
    return client;
  }

  #disconnect(connection: string): void {
    this.#clients.get(connection)?.close();
    this.#clients.delete(connection);
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client.close();
  }
}

function connectionOf(step: Step): string {
  return step.options.on ?? "";
}

function decode(frame: Uint8Array, { request, version, correlationId }: Answer): Json {
  if (request === null) return toHex(frame);
  const { response } = APIS.find((api) => api.request === request)!;
  const value = decodeResponse(frame, response, version, correlationId);
  return showRecords(toJson(response, version, value));
}
