/**
 * The broker: listeners, connections and what they share, wired together.
 *
 * In: settings and the world behind its ports. Out: a broker that serves until it is closed. Connections keep the order of
 * requests and hold back those who send too much; sessions, waiters and producer ids are what handlers need beyond one request.
 *
 * @module
 */
export * from "./broker.ts";
