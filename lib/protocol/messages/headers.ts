/**
 * The headers in front of requests and responses.
 *
 * A request's header is of version 2 where the request is flexible, else 1; a response's of version 1 or 0 likewise,
 * and always 0 for ApiVersions (KIP-511).
 *
 * @module
 */
import { header, type Infer, int16, int32, neverFlexible, nullable, string } from "../schema.ts";

/** What every request begins with; the client id keeps its old encoding, so that any broker can read it. */
export const RequestHeader = header({ name: "RequestHeader", versions: [1, 2], flexible: 2 }, {
  requestApiKey: int16,
  requestApiVersion: int16,
  correlationId: int32,
  clientId: neverFlexible(nullable(string, "")),
});
export type RequestHeader = Infer<typeof RequestHeader>;

/** What every response begins with. */
export const ResponseHeader = header({ name: "ResponseHeader", versions: [0, 1], flexible: 1 }, {
  correlationId: int32,
});
export type ResponseHeader = Infer<typeof ResponseHeader>;
