/**
 * The APIs: a request frame in, a response frame out.
 *
 * `registry.ts` is the one list of APIs, from which ApiVersions is derived; `dispatch.ts` decodes, finds the handler and
 * encodes what it answers; `handlers/` has one file an API. A handler is a function of the decoded request and its
 * context, and never sees a version's bytes: fields that a version lacks have their default.
 *
 * @module
 */
export * from "./context.ts";
export * from "./dispatch.ts";
