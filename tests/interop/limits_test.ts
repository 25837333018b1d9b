/**
 * Memory stays bounded, whatever many clients do at once, and sound clients are served beside them. The figures of a larger run are made
 * by tests/interop/limits.ts; the bounds here are generous.
 *
 * @module
 */
import { assertLess } from "@std/assert";
import { inMib } from "../fuzz/connections/watch.ts";
import { LOADS, measure } from "./support/loads.ts";

/** The process itself, what requests and answers may have by the limits, and as much again for what the garbage collector has not seen. */
const MOST_BYTES = 1024 ** 3;
const CLIENTS = 300;

for (const load of LOADS) {
  const clients = Math.ceil(CLIENTS * load.share);
  Deno.test(`memory is bounded where ${clients} clients ${load.name}`, async () => {
    const { before, most } = await measure(load, clients);
    assertLess(most, MOST_BYTES, `${inMib(most)}, ${inMib(before)} before`);
  });
}
