/**
 * Plays the steps of a case against one broker.
 *
 * @module
 */
import { type Json, toJson } from "../../../lib/protocol/json.ts";
import { APIS } from "../../../lib/protocol/messages/mod.ts";
import type { Answer, Step, StepOptions } from "./case.ts";
import { Known } from "./known.ts";
import { decodeResponse, RawClient } from "./raw_client.ts";
import { showRecords } from "./show_records.ts";

/** How long a step with `until` is repeated. */
const UNTIL_TIMEOUT_MS = 15_000;
const UNTIL_POLL_MS = 20;
/** How long to wait for an answer to what may well get none. */
const SILENCE_MS = 400;

/** One broker, in the middle of a case. */
export class Player implements Disposable {
  readonly #known = new Known();
  #client: RawClient | null = null;

  constructor(readonly address: { readonly hostname: string; readonly port: number }) {}

  /** What came back, with names in place of the ids that the broker chose. */
  async play(step: Step): Promise<Json> {
    if (step.options.reconnect) this.#disconnect();
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
    this.#client ??= await RawClient.connect(this.address);
    const bytes = step.bytes(this.#known);
    const startMs = performance.now();
    await this.#client.sendBytes(bytes);
    const outcomes: Json[] = [];
    for (const answer of step.answers) outcomes.push(await this.#receive(answer, step.options));
    const outcome = outcomes.length === 1 ? outcomes[0] : outcomes;
    const { waitsMs } = step.options;
    return waitsMs === undefined ? outcome : { waited: performance.now() - startMs > waitsMs * 0.9, outcome };
  }

  async #receive(answer: Answer, options: StepOptions): Promise<Json> {
    if (this.#client === null) return "connection closed";
    const frame = await this.#client.receive(options.maySayNothing ? SILENCE_MS : undefined);
    if (typeof frame === "string") {
      this.#disconnect();
      return frame;
    }
    return decode(frame, answer);
  }

  #disconnect(): void {
    this.#client?.close();
    this.#client = null;
  }

  [Symbol.dispose](): void {
    this.#disconnect();
  }
}

function decode(frame: Uint8Array, { request, version, correlationId }: Answer): Json {
  if (request === null) return frame.toHex();
  const { response } = APIS.find((api) => api.request === request)!;
  const value = decodeResponse(frame, response, version, correlationId);
  return showRecords(toJson(response, version, value));
}
