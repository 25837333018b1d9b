/**
 * Spans and metrics of requests for OpenTelemetry, which Deno's own exporter sends where `OTEL_EXPORTER_OTLP_ENDPOINT` says.
 * It is loaded where `OTEL_DENO` is true, or somebody else has registered with OpenTelemetry, and nowhere else. The exporter
 * sends what the broker logs, too, and figures of the runtime.
 *
 * Names are those of OpenTelemetry's conventions for remote procedure calls; what these have no name for begins with `kafka.`.
 * Topics are no attributes: clients choose their names and number.
 *
 * @module
 */
import { metrics, SpanKind, trace } from "@opentelemetry/api";
import type { Observer } from "../ports.ts";
import { VERSION } from "../version.ts";

const SCOPE = "barnabas";
const MILLISECONDS_PER_SECOND = 1000;

/** Tells OpenTelemetry what an observer is told. */
export class OpenTelemetryObserver implements Observer {
  readonly #tracer = trace.getTracer(SCOPE, VERSION);
  readonly #meter = metrics.getMeter(SCOPE, VERSION);
  readonly #durations = this.#meter.createHistogram("rpc.server.call.duration", {
    unit: "s",
    description: "From the arrival of a request until its response is handed to the connection",
  });
  readonly #requestSizes = this.#meter.createHistogram("rpc.server.request.size", { unit: "By" });
  readonly #responseSizes = this.#meter.createHistogram("rpc.server.response.size", { unit: "By" });
  readonly #recordsIn = this.#meter.createCounter("kafka.records.in", { description: "Records appended" });
  readonly #bytesIn = this.#meter.createCounter("kafka.bytes.in", { unit: "By", description: "Bytes appended" });
  readonly #bytesOut = this.#meter.createCounter("kafka.bytes.out", {
    unit: "By",
    description: "Bytes given to consumers",
  });
  readonly #failures = this.#meter.createCounter("kafka.partition.failures", {
    description: "Appends and reads that were refused, or failed",
  });
  readonly #throttles = this.#meter.createHistogram("kafka.throttle.duration", {
    unit: "s",
    description: "For how long clients are muted by a quota",
  });
  readonly #syncs = this.#meter.createHistogram("kafka.log.flush.duration", {
    unit: "s",
    description: "Syncs of logs",
  });

  requestBegan(api: string, requestBytes: number): (responseBytes: number) => void {
    const attributes = { "rpc.system.name": "kafka", "rpc.method": api };
    const began = performance.now();
    const span = this.#tracer.startSpan(api, { kind: SpanKind.SERVER, attributes });
    return (responseBytes) => {
      span.setAttributes({ "rpc.request.size": requestBytes, "rpc.response.size": responseBytes });
      span.end();
      this.#durations.record(secondsSince(began), attributes);
      this.#requestSizes.record(requestBytes, attributes);
      this.#responseSizes.record(responseBytes, attributes);
    };
  }

  produced(_topic: string, records: number, bytes: number): void {
    this.#recordsIn.add(records);
    this.#bytesIn.add(bytes);
  }

  produceFailed(): void {
    this.#failures.add(1, { "kafka.operation": "produce" });
  }

  fetched(_topic: string, bytes: number): void {
    this.#bytesOut.add(bytes);
  }

  fetchFailed(): void {
    this.#failures.add(1, { "kafka.operation": "fetch" });
  }

  throttled(api: string, throttleTimeMs: number): void {
    this.#throttles.record(throttleTimeMs / MILLISECONDS_PER_SECOND, { "rpc.method": api });
  }

  connectionThrottled(_listenerName: string, limit: "listener" | "ip", throttleTimeMs: number): void {
    this.#throttles.record(throttleTimeMs / MILLISECONDS_PER_SECOND, { "kafka.limit": limit });
  }

  syncBegan(): () => void {
    const began = performance.now();
    return () => this.#syncs.record(secondsSince(began));
  }
}

function secondsSince(began: number): number {
  return (performance.now() - began) / MILLISECONDS_PER_SECOND;
}
