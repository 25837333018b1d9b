/**
 * The coordinators: each a state machine of decide → records → append → replay → respond over a topic of the
 * broker's own.
 *
 * In: requests about groups and committed offsets. Out: records in the internal topics, and answers once these are
 * committed. `runtime.ts` is what all coordinators share; `group/` has the groups.
 *
 * @module
 */
export * from "./internal_topics.ts";
export * from "./group/mod.ts";
