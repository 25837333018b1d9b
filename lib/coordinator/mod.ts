/**
 * The coordinators: groups, transactions and share groups, each a state machine of decide → records → append → replay →
 * respond over a topic of the broker's own.
 *
 * In: requests about groups and transactions. Out: records in the internal topics, and answers once these are committed. As
 * yet it only knows which topics these are.
 *
 * @module
 */
export * from "./internal_topics.ts";
