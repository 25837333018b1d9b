/**
 * The language of the differential test: a case is a name and steps, each of which sends something to a broker and
 * shows what came back as JSON.
 *
 * ```ts ignore
 * const twice: Case = {
 *   name: "a topic is created once",
 *   steps: [
 *     ask(CreateTopicsRequest, 7, { topics: [{ name: "a", numPartitions: 1, replicationFactor: 1 }] }),
 *     ask(CreateTopicsRequest, 7, { topics: [{ name: "a", numPartitions: 1, replicationFactor: 1 }] }),
 *   ],
 * };
 * ```
 *
 * @module
 */
import type { Json } from "../../../lib/protocol/json.ts";
import { CreateTopicsRequest } from "../../../lib/protocol/messages/create_topics.ts";
import { ListOffsetsRequest } from "../../../lib/protocol/messages/list_offsets.ts";
import type { Init, Message } from "../../../lib/protocol/schema.ts";
import { fromHex } from "../../conformance/message_vector.ts";
import type { Known } from "./known.ts";
import { framed, type HeaderFields, requestFrame } from "./raw_client.ts";

/** Steps that are played one after the other, on one connection, against a broker that has no topic of the case yet. */
export interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Something to send, and how its answer is read. */
export interface Step {
  /** What is sent, for a person. */
  readonly label: string;
  /** The bytes to send, in one piece. */
  readonly bytes: (known: Known) => Uint8Array;
  /** The requests in these bytes that are answered, in order. */
  readonly answers: readonly Answer[];
  readonly options: StepOptions;
}

/** How one answer is decoded. */
export interface Answer {
  /** The request's message, or null for bytes that are no request: a frame in answer to them is shown as hex. */
  readonly request: Message<unknown> | null;
  readonly version: number;
  readonly correlationId: number;
}

/** What is special about a step. */
export interface StepOptions {
  /** Added to the label. */
  readonly as?: string;
  /** The step is repeated until its answer is so: brokers apply some changes a little after they have answered. */
  readonly until?: (answer: Json) => boolean;
  /** Where Barnabas answers otherwise on purpose. */
  readonly differs?: readonly PurposefulDifference[];
  /** The answer takes about so long; whether it did is part of what is compared. */
  readonly waitsMs?: number;
  /** Header fields other than usual. */
  readonly header?: HeaderFields;
  /** Whether the request is one that gets no answer (Produce with acks=0). */
  readonly unanswered?: boolean;
  /** Whether a broker may leave the request without an answer: then it is not waited for long. */
  readonly maySayNothing?: boolean;
  /** Starts the step on a new connection. */
  readonly reconnect?: boolean;
  /** Which of several connections the step uses; each name is one. */
  readonly on?: string;
}

/** A part of an answer in which Barnabas differs from Apache Kafka, and should. */
export interface PurposefulDifference {
  /** The path, such as `topics[0].errorCode`; "" for the whole answer. */
  readonly at: string;
  /** What Barnabas says there; left out where that is shown elsewhere, or too long to be said. */
  readonly barnabas?: Json;
  readonly reason: string;
}

/** The fields of a request, or how to have them from what earlier answers showed. */
export type Value<T> = Init<T> | ((known: Known) => Init<T>);

/** Sends a request. */
export function ask<T>(message: Message<T>, version: number, value: Value<T>, options: StepOptions = {}): Step {
  const correlationId = options.header?.correlationId ?? 1;
  const name = `${message.name.replace(/Request$/, "")} v${version}`;
  return {
    label: options.as === undefined ? name : `${name}, ${options.as}`,
    bytes: (known) => requestFrame(message, version, resolve(value, known), { ...options.header, correlationId }),
    answers: options.unanswered ? [] : [{ request: message as Message<unknown>, version, correlationId }],
    options,
  };
}

/** Sends a request whose bytes `change` has changed; `change` gets them without their length. */
export function askChanged<T>(
  message: Message<T>,
  version: number,
  value: Value<T>,
  change: (body: Uint8Array) => Uint8Array,
  options: StepOptions,
): Step {
  const step = ask(message, version, value, options);
  return { ...step, bytes: (known) => framed(change(step.bytes(known).subarray(4))) };
}

/** Sends bytes in hexadecimal, spaces ignored, as they are; `answer` says how to read what comes back. */
export function sendHex(as: string, hex: string, answer: Partial<Answer> = {}, options: StepOptions = {}): Step {
  return sendBytes(as, fromHex(hex.replaceAll(/\s/g, "")), answer, options);
}

/** As {@linkcode sendHex}, for bytes. */
export function sendBytes(
  as: string,
  bytes: Uint8Array,
  answer: Partial<Answer> = {},
  options: StepOptions = {},
): Step {
  return {
    label: as,
    bytes: () => bytes,
    answers: [{ request: null, version: 0, correlationId: 1, ...answer }],
    options,
  };
}

/** Sends the requests of several steps at once, and then reads their answers. */
export function pipeline(as: string, steps: readonly Step[], options: StepOptions = {}): Step {
  return {
    label: as,
    bytes(known) {
      const frames = steps.map((step) => step.bytes(known));
      const all = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0));
      let at = 0;
      for (const frame of frames) {
        all.set(frame, at);
        at += frame.length;
      }
      return all;
    },
    answers: steps.flatMap((step) => step.answers),
    options,
  };
}

/** Two steps of one request on a connection of its own: it is sent, and later its answer is read. */
export function slow(connection: string, step: Step): { readonly begin: Step; readonly end: Step } {
  const options = { ...step.options, on: connection };
  return {
    begin: { ...step, label: `${step.label}, begun`, answers: [], options: { on: connection } },
    end: { ...step, label: `${step.label}, ended`, bytes: () => new Uint8Array(0), options },
  };
}

/** Creates a topic and waits until all its partitions can be written. */
export function topic(
  name: string,
  { partitions = 1, configs = {} }: {
    readonly partitions?: number;
    readonly configs?: Readonly<Record<string, string>>;
  } = {},
): Step[] {
  return [
    ask(CreateTopicsRequest, 7, {
      topics: [{
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      }],
    }, { as: `topic ${name}` }),
    untilWritable(name, partitions),
  ];
}

/** Where a log begins; where it ends, may depend on what a broker writes there by itself. */
const EARLIEST = -2n;

/** Waits until the partitions have a leader. */
export function untilWritable(name: string, partitions: number): Step {
  return ask(ListOffsetsRequest, 4, {
    replicaId: -1,
    topics: [{
      name,
      partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: EARLIEST })),
    }],
  }, { as: `until ${name} is writable`, until: (answer) => errorCodesOf(answer).every((code) => code === 0) });
}

/** All error codes in an answer. */
export function errorCodesOf(answer: Json): Json[] {
  if (Array.isArray(answer)) return answer.flatMap(errorCodesOf);
  if (typeof answer !== "object" || answer === null) return [];
  return Object.entries(answer).flatMap(([name, part]) => name === "errorCode" ? [part] : errorCodesOf(part));
}

function resolve<T>(value: Value<T>, known: Known): Init<T> {
  return typeof value === "function" ? (value as (known: Known) => Init<T>)(known) : value;
}
