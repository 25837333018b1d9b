/**
 * What is told of requests in the area `kafka.request.logger`: at DEBUG a line for each that was answered, at TRACE one with
 * its content when it comes, too. Secrets are not told.
 *
 * @module
 */
import { contentForLog } from "../logging/mod.ts";
import { formatPrincipal } from "../security/mod.ts";
import type { ApiEntry } from "./api.ts";
import type { RequestContext } from "./context.ts";

/** The fields of requests that may be passwords. */
const SECRETS: Readonly<Record<string, ReadonlySet<string>>> = {
  AlterConfigs: new Set(["value"]),
  IncrementalAlterConfigs: new Set(["value"]),
};

/**
 * Tells of a request that has come. What is returned tells that it is answered, in so many bytes; undefined while nobody
 * wants to know.
 */
export function logRequest(
  api: ApiEntry,
  request: unknown,
  context: RequestContext,
): ((responseBytes: number) => void) | undefined {
  const { requestLogger, clock } = context;
  requestLogger.trace?.(`Received ${describe(api, context)}: ${contentForLog(request, SECRETS[api.name])}`);
  if (requestLogger.debug === undefined) return undefined;
  const beganMs = clock.now();
  return (responseBytes) =>
    requestLogger.debug?.(
      `Completed ${describe(api, context)}: ${responseBytes} bytes in ${clock.now() - beganMs} ms`,
    );
}

function describe({ name }: ApiEntry, { connection, header }: RequestContext): string {
  const { apiVersion, correlationId, clientId } = header;
  const { principal, remote, listenerName } = connection;
  return `${name} v${apiVersion} ${correlationId} of ${JSON.stringify(clientId)} (${formatPrincipal(principal)}) ` +
    `from ${remote.host}:${remote.port} on ${listenerName}`;
}
