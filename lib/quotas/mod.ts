/**
 * Client quotas: how much a client may use, and how long one that has used more is left waiting.
 *
 * In: the quotas of the metadata log, what clients use, and the time of day, which is always a parameter. Out: throttle
 * times in milliseconds; who mutes connections for that long is `broker/connection.ts`. The arithmetic is Apache Kafka's:
 * rates over sampled windows, token buckets for changes of metadata. Where no quota is set, nothing is remembered.
 *
 * @module
 */
export { QuotaManagers } from "./quota_managers.ts";
export type { RequestThrottle } from "./request_throttle.ts";
