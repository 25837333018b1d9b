/**
 * Does what a plan says, and looks at what the broker answers: a stranger hears nothing but the words of authentication, and nobody
 * hears an answer to what was not asked.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { ApiVersionsRequest } from "../../../lib/protocol/messages/api_versions.ts";
import { SaslAuthenticateRequest } from "../../../lib/protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest } from "../../../lib/protocol/messages/sasl_handshake.ts";
import { Dice } from "./dice.ts";
import { MAX_DRIPPED_BYTES, type Plan } from "./plans.ts";
import { relay } from "./relay.ts";
import { STRANGER, type Target } from "./target.ts";
import { Client, readSome, sendAll, splitFrames } from "./wire.ts";

/** How long a connection goes on at most. */
const LIFETIME_MS = 4000;
/** How long a peer that lingers, or hangs, stays. */
const STAY_MS = 1500;
/** An answer is kept up to here. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/** What came of a plan. */
export interface Outcome {
  /** Whole answers that came back. */
  readonly answers: number;
  /** What the broker should not have done; null where there is nothing to complain of. */
  readonly complaint: string | null;
}

/** Plays it. Whatever the broker does to the connection is right; what it answers may not be. */
export async function play(plan: Plan, target: Target): Promise<Outcome> {
  const port = target.ports[plan.listener];
  using way = plan.flipEvery === null ? null : relay(port, plan.flipEvery);
  let connection: Deno.Conn;
  try {
    connection = await open(plan, way?.port ?? port, target);
  } catch (error) {
    if (isOfConnection(error)) return { answers: 0, complaint: null };
    throw error;
  }
  const received: Uint8Array[] = [];
  const timer = setTimeout(() => close(connection), LIFETIME_MS);
  try {
    if (plan.login !== null) await login(plan, connection);
    await converse(plan, connection, received);
  } catch (error) {
    if (!isOfConnection(error) && plan.flipEvery === null) throw error;
  } finally {
    clearTimeout(timer);
    close(connection);
  }
  const answers = splitFrames(concat(received));
  return { answers: answers.length, complaint: complaintAbout(plan, answers) };
}

async function open(plan: Plan, port: number, target: Target): Promise<Deno.Conn> {
  if (!plan.speaksTls) return await Deno.connect({ hostname: "127.0.0.1", port });
  const connection = await Deno.connectTls({ hostname: "localhost", port, caCerts: [target.authority] });
  const timer = setTimeout(() => close(connection), STAY_MS);
  await connection.handshake().finally(() => clearTimeout(timer));
  return connection;
}

async function login({ login }: Plan, connection: Deno.Conn): Promise<void> {
  const client = new Client(connection);
  if (login === "PLAIN") await client.login(STRANGER);
  else await client.loginByScram(STRANGER);
}

async function converse(plan: Plan, connection: Deno.Conn, received: Uint8Array[]): Promise<void> {
  const sending = send(plan, connection);
  if (plan.ending === "slam" || plan.ending === "hang") {
    await sending;
    if (plan.ending === "hang") await delay(STAY_MS);
    return;
  }
  const reading = readAll(connection, received);
  reading.catch(() => {});
  await sending;
  if (plan.ending === "finish") {
    await connection.closeWrite();
    await reading;
  } else {
    await Promise.race([reading, delay(STAY_MS)]);
  }
}

async function send({ number, chunks, pace }: Plan, connection: Deno.Conn): Promise<void> {
  const bytes = concat(chunks);
  const dice = new Dice(number);
  let at = 0;
  if (pace === "drip") {
    for (; at < Math.min(bytes.length, MAX_DRIPPED_BYTES); at++) await sendAll(connection, bytes.subarray(at, at + 1));
  }
  while (pace === "cut" && at < bytes.length) {
    const next = Math.min(bytes.length, at + 1 + dice.size(bytes.length));
    await sendAll(connection, bytes.subarray(at, next));
    await delay(dice.between(0, 3));
    at = next;
  }
  await sendAll(connection, bytes.subarray(at));
}

async function readAll(connection: Deno.Conn, received: Uint8Array[]): Promise<void> {
  let length = 0;
  for (;;) {
    const chunk = await readSome(connection);
    if (chunk === null) return;
    length += chunk.length;
    if (length <= MAX_KEPT_BYTES) received.push(chunk);
  }
}

const KEYS_BEFORE_AUTHENTICATION: ReadonlySet<number> = new Set(
  [ApiVersionsRequest, SaslHandshakeRequest, SaslAuthenticateRequest].map(({ key }) => key!),
);

function complaintAbout(plan: Plan, answers: readonly Uint8Array[]): string | null {
  // What is no frame of Kafka is TLS's own, and what has changed on the way is not known.
  if (plan.speaksTls !== plan.listener.endsWith("SSL") || plan.flipEvery !== null) return null;
  const asked = splitFrames(concat(plan.chunks)).filter(({ length }) => length >= 8).map(headOf);
  const isStranger = plan.listener.startsWith("SASL") && plan.login === null;
  return isStranger ? complaintOfStranger(asked, answers) : complaintOfClient(asked, answers);
}

interface Head {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
}

function headOf(frame: Uint8Array): Head {
  const view = new DataView(frame.buffer, frame.byteOffset);
  return { apiKey: view.getInt16(0), apiVersion: view.getInt16(2), correlationId: view.getInt32(4) };
}

/** Each answer is one to what has its place among the requests, and that is one of authentication. */
function complaintOfStranger(asked: readonly Head[], answers: readonly Uint8Array[]): string | null {
  for (const [index, answer] of answers.entries()) {
    const { apiKey, apiVersion, correlationId } = asked[index] ??
      { apiKey: null, apiVersion: null, correlationId: null };
    // After this handshake tokens come without a header, and so does what is said to them.
    if (apiKey === SaslHandshakeRequest.key && apiVersion === 0) return null;
    if (apiKey === null || !KEYS_BEFORE_AUTHENTICATION.has(apiKey)) return `a stranger's API ${apiKey} was answered`;
    if (idOf(answer) !== correlationId) return `a stranger got an answer to ${idOf(answer)}, not to ${correlationId}`;
    if (apiKey === SaslAuthenticateRequest.key && isNoError(answer, apiVersion!)) return null;
  }
  return null;
}

/** Whether somebody was let in, or may be soon: the error code is behind the correlation id, and in new versions behind tags. */
function isNoError(answer: Uint8Array, apiVersion: number): boolean {
  const at = SaslAuthenticateRequest.isFlexible(apiVersion) ? 5 : 4;
  return answer.length >= at + 2 && new DataView(answer.buffer, answer.byteOffset).getInt16(at) === 0;
}

/** Answers come in the order of the requests, though not all are answered. */
function complaintOfClient(asked: readonly Head[], answers: readonly Uint8Array[]): string | null {
  // After this handshake, here of a client that authenticates anew, tokens and what is said to them have no header.
  if (asked.some(({ apiKey, apiVersion }) => apiKey === SaslHandshakeRequest.key && apiVersion === 0)) return null;
  let next = 0;
  for (const answer of answers) {
    const id = idOf(answer);
    const index = asked.findIndex(({ correlationId }, index) => index >= next && correlationId === id);
    if (index < 0) return `there is an answer to ${id}, which was not asked, or not then`;
    next = index + 1;
  }
  return null;
}

function idOf(answer: Uint8Array): number {
  return answer.length < 4 ? NaN : new DataView(answer.buffer, answer.byteOffset).getInt32(0);
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** Whether the broker, or the clock, has ended the connection. */
function isOfConnection(error: unknown): boolean {
  return error instanceof Error && error.name in Deno.errors;
}

function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
