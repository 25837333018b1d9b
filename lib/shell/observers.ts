/**
 * Several observers as one.
 *
 * @module
 */
import type { Observer } from "../ports.ts";

/** An observer that tells all of these; none where there are none. */
export function allObservers(observers: readonly Observer[]): Observer | undefined {
  if (observers.length <= 1) return observers[0];
  const tell = <A extends unknown[]>(what: (observer: Observer, ...args: A) => void) => (...args: A) => {
    for (const observer of observers) what(observer, ...args);
  };
  return {
    requestBegan(api, requestBytes) {
      const ended = observers.map((observer) => observer.requestBegan(api, requestBytes));
      return (responseBytes) => ended.forEach((end) => end(responseBytes));
    },
    syncBegan() {
      const ended = observers.map((observer) => observer.syncBegan());
      return () => ended.forEach((end) => end());
    },
    produced: tell((observer, topic: string, records: number, bytes: number) =>
      observer.produced(topic, records, bytes)
    ),
    produceFailed: tell((observer, topic: string) => observer.produceFailed(topic)),
    fetched: tell((observer, topic: string, bytes: number) => observer.fetched(topic, bytes)),
    fetchFailed: tell((observer, topic: string) => observer.fetchFailed(topic)),
    throttled: tell((observer, api: string, throttleTimeMs: number) => observer.throttled(api, throttleTimeMs)),
    connectionThrottled: tell((observer, listener: string, limit: "listener" | "ip", throttleTimeMs: number) =>
      observer.connectionThrottled(listener, limit, throttleTimeMs)
    ),
  };
}
