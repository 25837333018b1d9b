/**
 * The shell: the world, from Deno. The only files in lib that name Deno, node modules, timers or the time of day.
 *
 * In: nothing. Out: the ports of `lib/ports.ts` on this machine: clock, timers, chance, disk, network, compression, a place for
 * warnings; and a disk in memory, for brokers that keep nothing.
 *
 * @module
 */
export * from "./clock.ts";
export * from "./compressor.ts";
export * from "./disk.ts";
export * from "./listen.ts";
export * from "./logger.ts";
export * from "./memory_disk.ts";
