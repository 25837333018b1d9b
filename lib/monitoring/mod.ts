/**
 * Watching a broker: what it holds, and what has gone on in it.
 *
 * In: a running broker, whose parts are asked when somebody looks (`inventory.ts`), and whose hot path tells an observer
 * (`ports.ts`). Out: figures without a format; `shell/prometheus.ts` gives them one, `shell/monitoring.ts` serves them.
 *
 * @module
 */
export * from "./inventory.ts";
