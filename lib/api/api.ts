/**
 * What an API is: its messages, and the function that answers.
 *
 * @module
 */
import type { MaybePromise } from "../at_once.ts";
import type { Init, Message } from "../protocol/schema.ts";
import type { BrokerServices, RequestContext } from "./context.ts";

/** The answer to a request: the fields of its response; null for none at all. */
export type Answer<Response> = Init<Response> | null;

/**
 * Answers one request. What it does before its first `await` takes effect in the order of the requests of its connection.
 */
export type Handler<Request, Response> = (
  request: Request,
  context: RequestContext,
) => MaybePromise<Answer<Response>>;

/** One API that is served. */
export interface ApiEntry {
  readonly key: number;
  readonly name: string;
  // deno-lint-ignore no-explicit-any -- entries of all APIs stand in one list; `api()` has checked that the parts fit.
  readonly request: Message<any>;
  // deno-lint-ignore no-explicit-any
  readonly response: Message<any>;
  // deno-lint-ignore no-explicit-any
  readonly handle: Handler<any, any>;
  /**
   * Whether a request may start while earlier ones of its connection wait for their answer, if those may too. So a producer
   * with several batches under way fills the log at the speed of the network, not of the disk's answers.
   */
  readonly isPipelined: boolean;
  /** Whether the time that it takes counts for no quota: brokers ask it of each other. */
  readonly isTimeExempt: boolean;
  /** Whether clients are told of it (ApiVersions); it is served in any case. */
  readonly isAnnounced: (services: BrokerServices) => boolean;
  /** Whether nothing of the request is kept once it is answered, so that the memory of its frame can be used again. */
  readonly isFrameReusable: boolean;
  /**
   * Whether so many bytes may stand behind the request: the mark of a known client that writes a field too wide. Without
   * it, they are taken for the damage they are.
   */
  // deno-lint-ignore no-explicit-any
  readonly mayLeaveOver: (request: any, sizeInBytes: number) => boolean;
}

/** Declares an API; every handler file has one such line. */
export function api<Request, Response>(
  request: Message<Request>,
  response: Message<Response>,
  handle: Handler<Request, Response>,
  options: Partial<Pick<ApiEntry, "isPipelined" | "isTimeExempt" | "isAnnounced" | "isFrameReusable">> & {
    mayLeaveOver?: (request: Request, sizeInBytes: number) => boolean;
  } = {},
): ApiEntry {
  return {
    key: request.key!,
    name: request.name.replace(/Request$/, ""),
    request,
    response,
    handle,
    isPipelined: options.isPipelined ?? false,
    isTimeExempt: options.isTimeExempt ?? false,
    isAnnounced: options.isAnnounced ?? (() => true),
    isFrameReusable: options.isFrameReusable ?? false,
    mayLeaveOver: options.mayLeaveOver ?? (() => false),
  };
}
