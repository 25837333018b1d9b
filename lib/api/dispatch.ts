/**
 * From a request frame to a call that is ready to start, and from its result to a response frame.
 *
 * What does not decode raises `DecodeError`, and the connection is closed: the peer speaks no Kafka, or another one. There
 * are two exceptions, both for ApiVersions, by which a client finds out what a broker speaks (KIP-35, KIP-511): a version
 * that is too new is answered in the oldest form with UNSUPPORTED_VERSION, and a request whose first eight bytes are
 * sound is answered from these where the rest does not decode.
 *
 * @module
 */
import { andThen, type MaybePromise } from "../at_once.ts";
import { DecodeError } from "../bytes/mod.ts";
import { findApi as findKnownApi } from "../protocol/messages/mod.ts";
import { readRequest, readRequestPrefix, type RequestPrefix, writeResponse } from "../wire/mod.ts";
import type { RequestThrottle } from "../quotas/mod.ts";
import type { BrokerServices, ClientConnection, RequestContext } from "./context.ts";
import { describeApis, unsupportedApiVersions } from "./handlers/api_versions.ts";
import type { ApiEntry } from "./api.ts";
import { findApi } from "./registry.ts";
import { logRequest } from "./request_log.ts";

/** A decoded request whose handler has not started yet. */
export interface Call {
  readonly apiName: string;
  /** Whether it may start before earlier ones of its connection are answered, where those may too. */
  readonly isPipelined: boolean;
  /** Whether nothing of the frame is kept when the call is done. */
  readonly isFrameReusable: boolean;
  /** Tells for how long its connection is to be muted, once it is done; null where no quota is set. */
  readonly throttle: Pick<RequestThrottle, "throttleTimeMs"> | null;
  /** Runs the handler. Gives the response frame, in chunks; null where none is sent (Produce with acks=0). */
  start(): MaybePromise<Uint8Array[] | null>;
}

/**
 * Decodes a request frame.
 *
 * @param isAuthenticated false for a client that has not said who it is yet: no quota is its own
 * @throws {DecodeError} where the frame is not a request that this broker knows.
 */
export function decodeCall(
  frame: Uint8Array,
  services: BrokerServices,
  connection: ClientConnection,
  isAuthenticated = true,
): Call {
  const prefix = readRequestPrefix(frame);
  const api = findApi(prefix.apiKey);
  if (api === undefined) throw unknownApi(prefix);
  const isApiVersions = api === findApi(API_VERSIONS_KEY);
  if (!api.request.hasVersion(prefix.apiVersion)) {
    if (isApiVersions) return answered(api, unsupportedApiVersions(prefix.correlationId));
    throw unknownApi(prefix);
  }
  try {
    const { clientId, request } = readRequest(frame, api.request, prefix.apiVersion, api.mayLeaveOver);
    const { quotas } = services;
    const throttle = isAuthenticated ? quotas.throttleFor(connection.principal.name, clientId, frame.length) : null;
    const { apiKey, apiVersion, correlationId } = prefix;
    const own = { connection, throttle, header: { apiKey, apiVersion, correlationId, clientId } };
    return prepared(api, request, contextOf(services, own));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (isApiVersions) {
      services.logger.warn(`ApiVersions from ${peer(connection)} answered though it does not decode: ${error.message}`);
      const body = describeApis(services, prefix.apiVersion);
      return answered(api, writeResponse(prefix.correlationId, api.response, prefix.apiVersion, body));
    }
    throw error.within(`${api.request.name} v${prefix.apiVersion}`);
  }
}

const API_VERSIONS_KEY = 18;

/** How a connection's peer is named to a person. */
export function peer(connection: ClientConnection): string {
  return `${connection.remote.host}:${connection.remote.port}`;
}

/** To copy all services for each request would take longer than to decode it: they are the prototype. */
function contextOf(services: BrokerServices, own: Omit<RequestContext, keyof BrokerServices>): RequestContext {
  const { connection, throttle, header } = own;
  return { __proto__: services, connection, throttle, header } as unknown as RequestContext;
}

function prepared(api: ApiEntry, request: unknown, context: RequestContext): Call {
  return {
    apiName: api.name,
    isPipelined: api.isPipelined,
    isFrameReusable: api.isFrameReusable,
    throttle: context.throttle,
    start() {
      const completed = logRequest(api, request, context);
      const answering = answer(api, request, context);
      return completed === undefined ? answering : andThen(answering, (frame) => {
        completed(sizeOf(frame ?? []));
        return frame;
      });
    },
  };
}

function answer(api: ApiEntry, request: unknown, context: RequestContext): MaybePromise<Uint8Array[] | null> {
  if (context.throttle !== null) return answerMeasured(api, request, context, context.throttle);
  return andThen(api.handle(request, context), (body) => body === null ? null : respond(api, context, body));
}

/** As where no quota is set; and what the request uses is measured, and the response says for how long it is throttled. */
async function answerMeasured(
  api: ApiEntry,
  request: unknown,
  context: RequestContext,
  throttle: RequestThrottle,
): Promise<Uint8Array[] | null> {
  const body = await throttle.work(() => api.handle(request, context));
  throttle.handled(api.isTimeExempt || body === null);
  const { throttleTimeMs } = throttle;
  if (throttleTimeMs > 0) context.observer?.throttled(api.name, throttleTimeMs);
  if (body === null) return null;
  const frame = throttle.work(() => respond(api, context, throttleTimeMs > 0 ? { ...body, throttleTimeMs } : body));
  throttle.responded();
  return frame;
}

function respond(api: ApiEntry, { header }: RequestContext, body: Parameters<ApiEntry["response"]["encode"]>[1]) {
  return writeResponse(header.correlationId, api.response, header.apiVersion, body);
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

function answered(api: ApiEntry, frame: Uint8Array[]): Call {
  return { apiName: api.name, isPipelined: false, isFrameReusable: false, throttle: null, start: () => frame };
}

function unknownApi({ apiKey, apiVersion }: RequestPrefix): DecodeError {
  const name = findKnownApi(apiKey)?.name;
  const api = findApi(apiKey);
  const known = api === undefined ? "" : `, which is served in versions ${api.request.versions.join(" to ")}`;
  return new DecodeError(`API key ${apiKey} (${name ?? "unknown"}) version ${apiVersion} is not served${known}`, 0);
}
