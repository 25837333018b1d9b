/**
 * A broker on this machine, and what watches it.
 *
 * @module
 */
import { BrokerCore, type World } from "../broker/mod.ts";
import type { BrokerSettings } from "../metadata/configs/settings.ts";
import type { Address, Observer } from "../ports.ts";
import { allObservers } from "./observers.ts";

/** A running broker. */
export interface RunningBroker {
  /** Where it listens, in the order of the settings. */
  readonly addresses: readonly Address[];
  /** Where metrics are; null for nowhere. */
  readonly metricsAddress: Address | null;
  /** Stops cleanly. A second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Starts a broker, and the HTTP listener of `barnabas.metrics.listener` where there is one. Where OpenTelemetry is on, it is
 * told of requests.
 *
 * @throws {Error} with one line for a person, where something cannot be had; nothing stays open then
 */
export async function startBroker(settings: BrokerSettings, world: World): Promise<RunningBroker> {
  const { metricsListener } = settings;
  const openTelemetry = isOpenTelemetryOn() ? [await newOpenTelemetryObserver()] : [];
  if (metricsListener === null) {
    const core = await BrokerCore.start(settings, { ...world, observer: allObservers(openTelemetry) });
    return { addresses: core.addresses, metricsAddress: null, close: () => core.close() };
  }
  const [{ PrometheusMetrics }, { serveMonitoring }] = await Promise.all([
    import("./prometheus.ts"),
    import("./monitoring.ts"),
  ]);
  const metrics = new PrometheusMetrics();
  const core = await BrokerCore.start(settings, { ...world, observer: allObservers([metrics, ...openTelemetry]) });
  try {
    const monitoring = serveMonitoring(core, metrics, metricsListener);
    return {
      addresses: core.addresses,
      metricsAddress: monitoring.address,
      async close() {
        await monitoring.close();
        await core.close();
      },
    };
  } catch (error) {
    await core.close();
    throw error;
  }
}

/** With `OTEL_DENO`, Deno itself registers at its start with the place that OpenTelemetry's libraries look at. */
function isOpenTelemetryOn(): boolean {
  return Symbol.for("opentelemetry.js.api.1") in globalThis;
}

async function newOpenTelemetryObserver(): Promise<Observer> {
  const { OpenTelemetryObserver } = await import("./open_telemetry.ts");
  return new OpenTelemetryObserver();
}
