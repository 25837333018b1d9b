/**
 * The coordinators: each a state machine of decide → records → append → replay → respond over a topic of the
 * broker's own.
 *
 * In: requests about groups, committed offsets and transactions. Out: records in the internal topics, and answers once
 * these are committed. `runtime.ts` is what all coordinators share; `group/` has the groups, `transaction/` the
 * transactions.
 *
 * @module
 */
export * from "./internal_topics.ts";
export { compileRegex } from "./compile_regex.ts";
export { CoordinatorError } from "./runtime.ts";
export * from "./group/mod.ts";
export * from "./transaction/mod.ts";
