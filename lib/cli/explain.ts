/**
 * The verb `explain`: frames of the Kafka protocol in hexadecimal, printed as JSON with the names of the fields.
 *
 * @module
 */
import { stringifyJson } from "../protocol/json.ts";
import { type Api, APIS } from "../protocol/messages/mod.ts";
import { explainRequest, explainResponse, type Explanation } from "./frame_json.ts";
import { type Program, UserError } from "./program.ts";

/** What `explain` can be told. */
export interface ExplainArguments {
  /** The frames in hexadecimal; "" to read them from standard input. */
  readonly hex: string;
  readonly response?: boolean;
  /** The name or the number of the API, for a response. */
  readonly api?: string;
  /** The version of the API, for a response. */
  readonly version?: number;
}

/**
 * Prints each frame, as far as it can be decoded.
 *
 * @returns 0, or 1 where a frame is not sound: what is printed says so
 */
export async function explain(program: Program, args: ExplainArguments): Promise<number> {
  const isResponse = args.response === true || args.api !== undefined || args.version !== undefined;
  const api = args.api === undefined ? undefined : findApi(args.api);
  const bytes = parseHex(args.hex === "" ? await readInput(program) : args.hex);
  let isSound = true;
  for (const { length, body } of framesIn(bytes)) {
    const { json, problem } = isResponse ? explainResponse(body, { api, version: args.version }) : explainRequest(body);
    program.write(`${stringifyJson({ ...framing(length, body), ...json, ...complaint({ json, problem }) }, 2)}\n`);
    isSound &&= problem === null;
  }
  return isSound ? 0 : 1;
}

async function readInput(program: Program): Promise<string> {
  const text = await program.readStandardInput();
  if (text === null) throw new UserError("Nothing to explain: give a frame in hexadecimal, or pipe one in");
  return text;
}

/** @throws {UserError} where `text` is not hexadecimal */
function parseHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "").replace(/^0x/i, "");
  const strange = /[^0-9a-f]/i.exec(digits);
  if (strange !== null) {
    throw new UserError(
      `Cannot explain this: "${strange[0]}" is no hexadecimal digit. Expected bytes such as 00 12 00 04`,
    );
  }
  if (digits === "") throw new UserError("Nothing to explain: the input is empty");
  if (digits.length % 2 === 1) {
    throw new UserError(`Cannot explain this: ${digits.length} hexadecimal digits are no whole number of bytes`);
  }
  return Uint8Array.from(
    { length: digits.length / 2 },
    (_, index) => parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

interface Frame {
  /** What the length in front says; null where there is none. */
  readonly length: number | null;
  readonly body: Uint8Array;
}

const LENGTH_BYTES = 4;

/** The frames of a stream. Bytes that do not begin with a length that fits are one frame without its length. */
function framesIn(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= LENGTH_BYTES) {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(at);
    const end = at + LENGTH_BYTES + length;
    if (length < 0 || (end > bytes.length && frames.length === 0 && !isCutShort(bytes))) break;
    frames.push({ length, body: bytes.subarray(at + LENGTH_BYTES, end) });
    at = Math.min(end, bytes.length);
  }
  if (at < bytes.length) frames.push({ length: null, body: bytes.subarray(at) });
  return frames;
}

/** True for the beginning of a frame: with its length taken away, it begins with the key of an API and a version that it has. */
function isCutShort(bytes: Uint8Array): boolean {
  if (bytes.length < LENGTH_BYTES + 4) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const hasVersion = (at: number) =>
    APIS.some(({ key, request }) => key === view.getInt16(at) && request.hasVersion(view.getInt16(at + 2)));
  return hasVersion(LENGTH_BYTES) && !hasVersion(0);
}

function framing(length: number | null, body: Uint8Array): { length?: number; missingBytes?: number } {
  if (length === null) return {};
  return length > body.length ? { length, missingBytes: length - body.length } : { length };
}

function complaint({ problem }: Explanation): { problem?: string } {
  return problem === null ? {} : { problem };
}

function findApi(nameOrKey: string): Api {
  const name = nameOrKey.toLowerCase().replace(/(?:request|response)$/, "");
  const api = APIS.find((candidate) => candidate.name.toLowerCase() === name || String(candidate.key) === name);
  if (api === undefined) {
    throw new UserError(`There is no API ${nameOrKey}: expected a name such as Fetch, or a number such as 1`);
  }
  return api;
}
