/**
 * A frame of the protocol as JSON, as far as it can be decoded.
 *
 * @module
 */
import { DecodeError, Reader } from "../bytes/mod.ts";
import type { Json } from "../protocol/json.ts";
import { RequestHeader, ResponseHeader } from "../protocol/messages/headers.ts";
import { type Api, APIS, findApi } from "../protocol/messages/mod.ts";
import type { Message } from "../protocol/schema.ts";
import { readRequestPrefix, requestHeaderVersion, responseHeaderVersion } from "../wire/headers.ts";
import { readableJson } from "./readable_json.ts";

/** What a frame says. */
export interface Explanation {
  readonly json: Readonly<Record<string, Json>>;
  /** Why the JSON is not all of it, or not surely what is meant; null where nothing is wrong. */
  readonly problem: string | null;
}

/** Explains a request, its length not included. */
export function explainRequest(frame: Uint8Array): Explanation {
  try {
    return explainPrefixed(frame);
  } catch (error) {
    if (error instanceof DecodeError) return { json: {}, problem: error.message };
    throw error;
  }
}

function explainPrefixed(frame: Uint8Array): Explanation {
  const { apiKey, apiVersion, correlationId } = readRequestPrefix(frame);
  const api = findApi(apiKey);
  const prefix = { requestApiKey: apiKey, requestApiVersion: apiVersion, correlationId };
  if (api === undefined) return { json: { header: prefix }, problem: `no API has the key ${apiKey}` };
  if (!api.request.hasVersion(apiVersion)) {
    const [first, last] = api.request.versions;
    const problem = `${api.name} has the versions ${first} to ${last}, and no ${apiVersion}`;
    return { json: { api: api.name, header: prefix }, problem };
  }
  const reader = new Reader(frame);
  const headerVersion = requestHeaderVersion(api.request, apiVersion);
  const { json, problem } = explainParts(reader, RequestHeader, headerVersion, api.request, apiVersion);
  return { json: { api: api.name, header: prefix, ...json }, problem };
}

/** What is known of a response beforehand. */
export interface ResponseFacts {
  readonly api?: Api;
  readonly version?: number;
}

/** Explains a response, its length not included. What is not known of it is guessed, and the guess is said. */
export function explainResponse(frame: Uint8Array, facts: ResponseFacts): Explanation {
  if (facts.api !== undefined && facts.version !== undefined) return explainKnown(frame, facts.api, facts.version);
  const guesses = candidates(facts).filter(({ api, version }) => fits(frame, api, version));
  const names = [...new Set(guesses.map(({ api }) => api.name))];
  if (guesses.length === 0) {
    return {
      json: correlation(frame),
      problem: "it is no sound response of what it could be: name --api and --version",
    };
  }
  if (names.length > 1) {
    return {
      json: correlation(frame),
      problem: `it could be of several APIs, name one with --api: ${names.join(", ")}`,
    };
  }
  const [{ api, version }, ...others] = guesses;
  const { json, problem } = explainKnown(frame, api, version);
  if (others.length === 0) return { json, problem };
  const versions = others.map((guess) => guess.version).join(", ");
  return { json: { guess: `version ${version}; ${versions} would fit too`, ...json }, problem };
}

function explainKnown(frame: Uint8Array, api: Api, version: number): Explanation {
  if (!api.response.hasVersion(version)) {
    const [first, last] = api.response.versions;
    return { json: correlation(frame), problem: `${api.name} has the versions ${first} to ${last}, and no ${version}` };
  }
  const headerVersion = responseHeaderVersion(api.response, version);
  const { json, problem } = explainParts(new Reader(frame), ResponseHeader, headerVersion, api.response, version);
  return { json: { api: api.name, version, ...json }, problem };
}

/** Every API and version that a response could have, the newest first. */
function candidates({ api, version }: ResponseFacts): { api: Api; version: number }[] {
  return (api === undefined ? APIS : [api]).flatMap((candidate) => {
    const [first, last] = candidate.response.versions;
    const versions = Array.from({ length: last - first + 1 }, (_, index) => last - index);
    return versions.filter((each) => version === undefined || each === version)
      .map((each) => ({ api: candidate, version: each }));
  });
}

/** True where the frame is such a response, and writing that gives the same bytes again. */
function fits(frame: Uint8Array, { response }: Api, version: number): boolean {
  try {
    const reader = new Reader(frame);
    ResponseHeader.read(reader, responseHeaderVersion(response, version));
    const start = reader.offset;
    const body = response.read(reader, version);
    const again = response.encode(version, body as Parameters<typeof response.encode>[1]);
    return reader.remaining === 0 && again.length === frame.length - start &&
      again.every((byte, index) => byte === frame[start + index]);
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

function correlation(frame: Uint8Array): Record<string, Json> {
  return frame.length < 4 ? {} : { header: { correlationId: new Reader(frame).int32() } };
}

/** Header and body, as far as they can be decoded. */
function explainParts(
  reader: Reader,
  header: Message<unknown>,
  headerVersion: number,
  message: Message<unknown>,
  version: number,
): Explanation {
  const json: Record<string, Json> = {};
  const add = (name: "header" | "body", part: Message<unknown>, partVersion: number): string | null => {
    try {
      json[name] = readableJson(part, partVersion, part.read(reader, partVersion));
      return null;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (error.partial !== undefined) json[name] = readableJson(part, partVersion, error.partial);
      return `the ${name} does not decode: ${error.message}`;
    }
  };
  const problem = add("header", header, headerVersion) ?? add("body", message, version);
  return { json, problem: problem ?? (reader.remaining === 0 ? null : leftOver(reader)) };
}

function leftOver(reader: Reader): string {
  return `${reader.remaining} bytes are left over (from byte ${reader.offset} on)`;
}
