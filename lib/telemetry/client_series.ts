/**
 * What clients said last of themselves, as series for Prometheus.
 *
 * Names are those of KIP-714 with `kafka_client_` in the place of `org.apache.kafka.`, so that no client can take a name of
 * the broker's: `org.apache.kafka.producer.record.send.total` is `kafka_client_producer_record_send_total`. Clients choose names,
 * labels and how many: so all of it is bounded, and what a client has not renewed for a while goes.
 *
 * @module
 */
import type { Attributes, ClientPoint, PushedMetrics } from "./otlp.ts";

/** The most series of one client, and of all of them. A Java client has a few hundred. */
const MAX_SERIES_PER_CLIENT = 2_000;
const MAX_SERIES = 50_000;
/** The most labels that a client gives a series, and the most characters of a name and of a value. */
const MAX_LABELS = 8;
const MAX_NAME_LENGTH = 200;
const MAX_VALUE_LENGTH = 200;

/** Who pushes. */
export interface PushingClient {
  readonly clientInstanceId: string;
  readonly clientId: string | null;
  readonly clientSoftware: { readonly name: string; readonly version: string } | null;
}

interface Series {
  readonly metric: string;
  readonly isCounter: boolean;
  readonly labels: string;
  value: number;
}

/** What one client has said, by metric and labels. */
interface ClientState {
  readonly series: Map<string, Series>;
  expiresAtMs: number;
}

export class ClientSeries {
  readonly #clients = new Map<string, ClientState>();
  #count = 0;
  #passedOver = 0;

  /** Takes note of what a client has pushed. It is kept until `expiresAtMs`, or the next push. */
  record(client: PushingClient, pushed: PushedMetrics, expiresAtMs: number): void {
    const { clientInstanceId } = client;
    const state = this.#clients.get(clientInstanceId) ?? { series: new Map<string, Series>(), expiresAtMs };
    state.expiresAtMs = expiresAtMs;
    this.#clients.set(clientInstanceId, state);
    this.#passedOver += pushed.passedOver;
    const own = clientLabels(client, pushed.resource);
    for (const point of pushed.points) this.#recordPoint(state, own, point);
  }

  /** Forgets the clients that have not pushed in time. */
  forgetExpired(nowMs: number): void {
    for (const [clientInstanceId, { expiresAtMs, series }] of this.#clients) {
      if (expiresAtMs > nowMs) continue;
      this.#clients.delete(clientInstanceId);
      this.#count -= series.size;
    }
  }

  /** All series in Prometheus' text format; empty where no client has pushed. */
  print(nowMs: number): string {
    this.forgetExpired(nowMs);
    const metrics = new Map<string, { readonly isCounter: boolean; readonly lines: string[] }>();
    for (const { series } of this.#clients.values()) {
      for (const { metric, isCounter, labels, value } of series.values()) {
        const known = metrics.get(metric) ?? { isCounter, lines: [] };
        metrics.set(metric, known);
        // A name has one type in Prometheus: that of the client who came first.
        if (known.isCounter === isCounter) known.lines.push(`${metric}{${labels}} ${formatNumber(value)}\n`);
      }
    }
    const blocks = Array.from(
      metrics,
      ([metric, { isCounter, lines }]) => `# TYPE ${metric} ${isCounter ? "counter" : "gauge"}\n${lines.join("")}`,
    );
    return `${blocks.join("")}${this.#printOwn()}`;
  }

  #printOwn(): string {
    return "# HELP barnabas_client_telemetry_clients Clients that push their metrics\n" +
      "# TYPE barnabas_client_telemetry_clients gauge\n" +
      `barnabas_client_telemetry_clients ${this.#clients.size}\n` +
      "# HELP barnabas_client_telemetry_passed_over_total Numbers of clients that there was no room for, or that are of no known kind\n" +
      "# TYPE barnabas_client_telemetry_passed_over_total counter\n" +
      `barnabas_client_telemetry_passed_over_total ${this.#passedOver}\n`;
  }

  #recordPoint({ series }: ClientState, own: ReadonlyMap<string, string>, point: ClientPoint): void {
    const metric = metricName(point);
    const labels = printLabels(own, point.attributes);
    const key = `${metric}{${labels}`;
    const known = series.get(key);
    if (known !== undefined) {
      known.value = point.isDelta ? known.value + point.value : point.value;
    } else if (series.size >= MAX_SERIES_PER_CLIENT || this.#count >= MAX_SERIES || point.name === "") {
      this.#passedOver++;
    } else {
      series.set(key, { metric, isCounter: point.isCounter, labels, value: point.value });
      this.#count++;
    }
  }
}

function metricName({ name, isCounter }: ClientPoint): string {
  const rest = name.startsWith(KAFKA_PREFIX) ? name.slice(KAFKA_PREFIX.length) : name;
  const plain = `kafka_client_${sanitized(rest)}`;
  return isCounter && !plain.endsWith("_total") ? `${plain}_total` : plain;
}

const KAFKA_PREFIX = "org.apache.kafka.";

/** Who it is, and what it says of itself: `group_id`, `client_rack`, `transactional_id` and the like. */
function clientLabels(
  { clientInstanceId, clientId, clientSoftware }: PushingClient,
  resource: Attributes,
): Map<string, string> {
  const labels = new Map([["client_instance_id", clientInstanceId], ["client_id", clientId ?? ""]]);
  if (clientSoftware !== null) {
    labels.set("client_software_name", clientSoftware.name);
    labels.set("client_software_version", clientSoftware.version);
  }
  addLabels(labels, resource);
  return labels;
}

/** Labels that are there already are not changed: no client can say that it is another one. */
function addLabels(labels: Map<string, string>, attributes: Attributes): void {
  let added = 0;
  for (const [name, value] of attributes) {
    const label = labelName(name);
    if (labels.has(label)) continue;
    if (++added > MAX_LABELS) return;
    labels.set(label, value);
  }
}

function printLabels(own: ReadonlyMap<string, string>, attributes: Attributes): string {
  const labels = new Map(own);
  addLabels(labels, attributes);
  return Array.from(labels, ([name, value]) => `${name}="${escapeValue(value)}"`).join(",");
}

/** Names with two underscores before them are Prometheus' own. */
function labelName(name: string): string {
  const label = sanitized(name);
  return /^(?!__)[a-zA-Z_]/.test(label) ? label : `label_${label}`;
}

function sanitized(name: string): string {
  return name.slice(0, MAX_NAME_LENGTH).replace(/[^a-zA-Z0-9_]/g, "_");
}

function escapeValue(value: string): string {
  return value.slice(0, MAX_VALUE_LENGTH).replace(/[\\"\n]/g, (sign) => sign === "\n" ? "\\n" : `\\${sign}`);
}

function formatNumber(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}
