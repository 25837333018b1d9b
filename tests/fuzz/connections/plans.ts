/**
 * What a peer does to the broker: made of a seed and a number, so that it can be done again.
 *
 * @module
 */
import { concat } from "@std/bytes";
import fc from "fast-check";
import { REGISTRY } from "../../../lib/api/registry.ts";
import { utf8 } from "../../../lib/bytes/mod.ts";
import { ApiVersionsRequest } from "../../../lib/protocol/messages/api_versions.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import { SaslAuthenticateRequest } from "../../../lib/protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest } from "../../../lib/protocol/messages/sasl_handshake.ts";
import { framed, requestFrame } from "../../interop/support/raw_client.ts";
import { type Existing, requestsOf } from "../request_values.ts";
import { Dice } from "./dice.ts";
import { type ListenerName, LISTENERS, STRANGER } from "./target.ts";

/** What one peer does, from the first byte to the last. */
export interface Plan {
  readonly number: number;
  /** In words, for a report. */
  readonly kind: string;
  readonly listener: ListenerName;
  /** Whether it speaks TLS, be it the right thing to do or not. */
  readonly speaksTls: boolean;
  /** Whether it says who it is first, as it should. */
  readonly login: "PLAIN" | "SCRAM-SHA-256" | null;
  /** Requests as they should be, and worse. */
  readonly chunks: readonly Uint8Array[];
  /** How the bytes leave: as they are, cut anywhere, one by one. */
  readonly pace: "whole" | "cut" | "drip";
  /** Flips a bit of every so many bytes on the way to the broker, beneath TLS; null for none. */
  readonly flipEvery: number | null;
  /**
   * `finish`: says that it sends no more, and reads to the end. `linger`: reads for a while and leaves. `slam`: leaves without reading,
   * which resets the connection. `hang`: neither reads nor leaves for a while.
   */
  readonly ending: "finish" | "linger" | "slam" | "hang";
}

/** How many bytes are sent one by one, at most; the rest follows at once. */
export const MAX_DRIPPED_BYTES = 400;
const MAX_FRAME_BYTES = 256 * 1024;

/** The plan of that number. */
export function makePlan(seed: number, number: number, existing: Existing): Plan {
  const dice = new Dice(seed * 1_000_003 + number);
  const kind = dice.pick(KINDS);
  const listener = kind.listener(dice);
  const needsTls = listener.endsWith("SSL");
  return {
    number,
    kind: kind.name,
    listener,
    speaksTls: kind.isWrongProtocol ? !needsTls : needsTls,
    login: kind.logsIn && listener.startsWith("SASL") ? dice.pick(["PLAIN", "SCRAM-SHA-256"] as const) : null,
    chunks: kind.chunks(dice, existing),
    pace: dice.weighted([["whole", 6], ["cut", 3], ["drip", 2]]),
    flipEvery: kind.flips ? dice.between(20, 2000) : null,
    ending: dice.weighted([["finish", 4], ["linger", 3], ["slam", 4], ["hang", 1]]),
  };
}

interface Kind {
  readonly name: string;
  readonly listener: (dice: Dice) => ListenerName;
  readonly isWrongProtocol?: boolean;
  readonly logsIn?: boolean;
  readonly flips?: boolean;
  readonly chunks: (dice: Dice, existing: Existing) => Uint8Array[];
}

const anyListener = (dice: Dice) => dice.pick(LISTENERS);
const tlsListener = (dice: Dice) => dice.pick(["SSL", "SASL_SSL"] as const);
const saslListener = (dice: Dice) => dice.pick(["SASL_PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL"] as const);

const KINDS: readonly Kind[] = [
  { name: "random bytes", listener: anyListener, chunks: (dice) => [dice.bytes(dice.size(64 * 1024))] },
  { name: "random frames", listener: anyListener, logsIn: true, chunks: randomFrames },
  { name: "hostile lengths", listener: anyListener, logsIn: true, chunks: hostileLengths },
  { name: "hostile lengths before authentication", listener: saslListener, chunks: hostileLengths },
  { name: "sound requests", listener: anyListener, logsIn: true, chunks: soundRequests },
  { name: "sound requests, many", listener: anyListener, logsIn: true, chunks: manyRequests },
  { name: "changed requests", listener: anyListener, logsIn: true, chunks: changedRequests },
  { name: "changed requests ", listener: anyListener, logsIn: true, chunks: changedRequests },
  { name: "a request cut off", listener: anyListener, logsIn: true, chunks: cutRequest },
  { name: "requests before authentication", listener: saslListener, chunks: strangersRequests },
  { name: "changed authentication", listener: saslListener, chunks: changedAuthentication },
  { name: "changed authentication, again", listener: saslListener, logsIn: true, chunks: changedAuthentication },
  { name: "TLS to a listener without", listener: anyListener, isWrongProtocol: true, chunks: soundRequests },
  { name: "requests in the place of TLS", listener: tlsListener, isWrongProtocol: true, chunks: changedRequests },
  { name: "half a handshake of TLS", listener: tlsListener, isWrongProtocol: true, chunks: halfHandshake },
  { name: "TLS with bits flipped", listener: tlsListener, logsIn: true, flips: true, chunks: manyRequests },
  { name: "nothing", listener: anyListener, chunks: () => [] },
];

function randomFrames(dice: Dice): Uint8Array[] {
  return dice.times(dice.between(1, 6), () => framed(dice.bytes(dice.size(4096))));
}

const HOSTILE_LENGTHS = [
  0x7fffffff,
  -1,
  -0x80000000,
  100_000_000,
  104_857_600,
  104_857_601,
  600_000,
  524_288,
  0,
  1,
  4,
  8,
];

function hostileLengths(dice: Dice): Uint8Array[] {
  return [framed(dice.bytes(dice.size(100_000)), dice.pick(HOSTILE_LENGTHS))];
}

function soundRequests(dice: Dice, existing: Existing): Uint8Array[] {
  return dice.times(dice.between(1, 8), () => soundRequest(dice, existing));
}

function manyRequests(dice: Dice, existing: Existing): Uint8Array[] {
  const different = soundRequests(dice, existing);
  return dice.times(dice.between(50, 400), () => dice.pick(different));
}

function changedRequests(dice: Dice, existing: Existing): Uint8Array[] {
  return dice.times(dice.between(1, 6), () => changed(dice, soundRequest(dice, existing)));
}

function cutRequest(dice: Dice, existing: Existing): Uint8Array[] {
  const frame = soundRequest(dice, existing);
  return [frame.subarray(0, dice.between(1, frame.length - 1))];
}

function strangersRequests(dice: Dice, existing: Existing): Uint8Array[] {
  const hello = dice.chance(0.5) ? [requestFrame(ApiVersionsRequest, 0, {}, { correlationId: 1 })] : [];
  return [...hello, ...soundRequests(dice, existing), requestFrame(MetadataRequest, 9, { topics: null })];
}

const API_VERSIONS = REGISTRY.flatMap(({ request }) => {
  const [first, last] = request.versions;
  return Array.from({ length: last - first + 1 }, (_, index) => ({ message: request, version: first + index }));
});

/** Values are made of these, once for each API and version: making them takes longer than a connection. */
const arbitraries = new Map<unknown, fc.Arbitrary<object>>();

/** A request that could be meant, of any API and version. */
function soundRequest(dice: Dice, existing: Existing): Uint8Array {
  for (;;) {
    const of = dice.pick(API_VERSIONS);
    let values = arbitraries.get(of);
    if (values === undefined) arbitraries.set(of, values = requestsOf(of, existing));
    const [value] = fc.sample(values, { seed: dice.int32(), numRuns: 1 });
    const header = { correlationId: dice.int32(), clientId: dice.pick(["stranger", "", null]) };
    const frame = requestFrame(of.message, of.version, value, header);
    if (frame.length <= MAX_FRAME_BYTES) return frame;
  }
}

const HUGE = [[0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 0x07], [0, 0, 0, 0], [0x7f, 0xff]];

/** With a few bytes changed; its length fits, mostly. */
function changed(dice: Dice, frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  const first = dice.chance(0.05) ? 0 : Math.min(4, copy.length - 1);
  for (let left = dice.between(1, 3); left > 0; left--) {
    const part = dice.chance(0.4) ? Uint8Array.from(dice.pick(HUGE)) : dice.bytes(dice.between(1, 4));
    const at = dice.between(first, copy.length - 1);
    copy.set(part.subarray(0, copy.length - at), at);
  }
  if (dice.chance(0.8)) return copy;
  return framed(copy.subarray(4, dice.between(4, copy.length)));
}

const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI", "", "x".repeat(0x7fff)];
const TOKENS = [
  `\0${STRANGER.name}\0guess`,
  `\0${STRANGER.name}\0${STRANGER.password}`,
  `steward\0${STRANGER.name}\0${STRANGER.password}`,
  "\0nobody\0guess",
  "\0\0",
  "n,,n=stranger,r=abc",
  "n,a=steward,n=stranger,r=abc",
  "n,,n=nobody,r=abc",
  "n,,n=stranger,r=abc,tokenauth=true",
  "c=biws,r=abc,p=AAAA",
  "n,,\x01auth=Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJzdGV3YXJkIn0.\x01\x01",
  "n,,\x01auth=Bearer x.y.z\x01\x01",
  "",
  "\x01",
  "x".repeat(100_000),
];

/** A handshake and tokens that may fit it, or each other. */
function changedAuthentication(dice: Dice): Uint8Array[] {
  const version = dice.pick([0, 1, 1, 1]);
  const mechanism = dice.weighted(MECHANISMS.map((name, index) => [name, index < 4 ? 5 : 1]));
  const handshake = requestFrame(SaslHandshakeRequest, version, { mechanism }, { correlationId: dice.int32() });
  const tokens = dice.times(dice.between(0, 4), () => {
    const token = utf8(dice.pick(TOKENS));
    if (version === 0) return framed(token);
    const header = { correlationId: dice.int32() };
    return requestFrame(SaslAuthenticateRequest, dice.between(0, 2), { authBytes: token }, header);
  });
  const hello = dice.chance(0.5) ? [requestFrame(ApiVersionsRequest, 0, {}, { correlationId: dice.int32() })] : [];
  const behind = dice.chance(0.5) ? [requestFrame(MetadataRequest, 9, { topics: null })] : [];
  return [...hello, handshake, ...tokens, ...behind].map((frame) => dice.chance(0.4) ? changed(dice, frame) : frame);
}

/** Version 1.2 and its extensions, up to where a client of version 1.3 would go on; what is random is so here. */
function halfHandshake(dice: Dice): Uint8Array[] {
  const extensions = concat([
    extension(0x002b, Uint8Array.of(4, 3, 4, 3, 3)),
    extension(0x000a, Uint8Array.of(0, 4, 0, 29, 0, 23)),
    extension(0x000d, Uint8Array.of(0, 4, 4, 3, 8, 4)),
    extension(0x0033, concat([Uint8Array.of(0, 36, 0, 29, 0, 32), dice.bytes(32)])),
  ]);
  const suites = Uint8Array.of(0, 6, 0x13, 0x01, 0xc0, 0x2b, 0xc0, 0x2f);
  const body = concat([
    Uint8Array.of(3, 3),
    dice.bytes(32),
    Uint8Array.of(0),
    suites,
    Uint8Array.of(1, 0),
    sized(extensions),
  ]);
  const handshake = concat([Uint8Array.of(1, 0), sized(body)]);
  const hello = concat([Uint8Array.of(0x16, 3, 1), sized(handshake)]);
  if (dice.chance(0.3)) return [hello.subarray(0, dice.between(1, hello.length))];
  const start = dice.chance(0.4) ? changed(dice, hello) : hello;
  return dice.chance(0.5) ? [start] : [start, dice.bytes(dice.size(2000))];
}

function extension(type: number, data: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(type >> 8, type & 0xff), sized(data)]);
}

/** With its length in front, as two bytes. */
function sized(bytes: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}
