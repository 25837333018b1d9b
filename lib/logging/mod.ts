/**
 * What the broker tells of itself, in areas that each have a level, which can be changed while it runs (KIP-412).
 *
 * In: lines of the parts of the broker, each part by the logger of its area (`areas.ts`). Out: those that the level of the
 * area lets through, to a sink (`ports.ts`); `shell/logger.ts` writes them as text or as JSON. What is not let through costs
 * one look at a field.
 *
 * @module
 */
export * from "./areas.ts";
export * from "./content.ts";
export * from "./loggers.ts";
