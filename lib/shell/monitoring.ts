/**
 * The HTTP side of a broker, for who watches it.
 *
 * | path            | answer                                                                                |
 * | --------------- | ------------------------------------------------------------------------------------- |
 * | `/metrics`      | metrics in Prometheus' text format                                                    |
 * | `/health/live`  | 200 as long as the process can answer at all                                          |
 * | `/health/ready` | 200 while all partitions can be served; 503 with the reason while some cannot         |
 *
 * @module
 */
import type { BrokerCore } from "../broker/mod.ts";
import { takeInventory } from "../monitoring/mod.ts";
import type { Address } from "../ports.ts";
import type { PrometheusMetrics } from "./prometheus.ts";

/** Serves HTTP until it is closed. */
export interface Monitoring {
  readonly address: Address;
  close(): Promise<void>;
}

/**
 * Begins to serve.
 *
 * @throws {Error} with one line for a person, where the address cannot be had
 */
export function serveMonitoring(broker: BrokerCore, metrics: PrometheusMetrics, { host, port }: Address): Monitoring {
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve(
      { hostname: host, port, onListen: () => {}, onError: (error) => plain(500, String(error)) },
      (request) => answer(request, broker, metrics),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Cannot serve metrics on ${host}:${port}: ${reason}. Choose another address with barnabas.metrics.listener`,
    );
  }
  return {
    address: { host: server.addr.hostname, port: server.addr.port },
    async close() {
      metrics.close();
      await server.shutdown();
    },
  };
}

async function answer(request: Request, broker: BrokerCore, metrics: PrometheusMetrics): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return plain(405, "Only GET and HEAD are answered");
  switch (new URL(request.url).pathname) {
    case "/metrics":
      return new Response(await printMetrics(broker, metrics), {
        headers: { "content-type": metrics.contentType },
      });
    case "/health/live":
      return plain(200, "alive");
    case "/health/ready":
      return readiness(broker);
    default:
      return plain(404, "There are /metrics, /health/live and /health/ready");
  }
}

/** What the broker says of itself, and what clients say of themselves. */
async function printMetrics(broker: BrokerCore, metrics: PrometheusMetrics): Promise<string> {
  const own = await metrics.print(await takeInventory(broker));
  const { clientTelemetry, clock } = broker.services;
  return `${own}${own.endsWith("\n") ? "" : "\n"}${clientTelemetry.series.print(clock.now())}`;
}

function readiness(broker: BrokerCore): Response {
  const offline = broker.services.logs.directories().filter(({ isOffline }) => isOffline);
  if (offline.length === 0) return plain(200, "ready");
  return plain(503, `offline: ${offline.map(({ path }) => path).join(", ")}`);
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
