/**
 * Throws whole connections at a broker: random bytes, requests of every API as they should be and not, hostile lengths, bytes one by
 * one, halves of TLS, protocols in each other's place, authentication gone wrong; many at once, for as long as is wanted.
 *
 * ```sh
 * deno task fuzz-connections --minutes 60 --seed 1
 * ```
 *
 * All the while well-behaved clients must be served, by three ways of authentication, with the content that they have sent; the process
 * must live and write no stack; strangers must get no answer but those of authentication; and memory must stay level. After
 * the last peer has left, nothing may be left of any. What a peer does comes of the seed and its number: `--first 1234
 * --count 1` does again what number 1234 did.
 *
 * @module
 */
import { run } from "./connections/run.ts";

if (import.meta.main) {
  const { complaints, connections, answers, rounds } = await run({ ...readOptions(), print });
  print(
    `${connections} connections, ${answers} answers, ${rounds} rounds of sound clients: ${complaints.length} faults`,
  );
  Deno.exit(complaints.length === 0 ? 0 : 1);
}

function readOptions() {
  const given = new Map<string, number>();
  for (let index = 0; index + 1 < Deno.args.length; index += 2) {
    given.set(Deno.args[index], Number(Deno.args[index + 1]));
  }
  const seed = given.get("--seed") ?? crypto.getRandomValues(new Uint32Array(1))[0];
  print(`seed ${seed}`);
  return {
    seed,
    first: given.get("--first") ?? 0,
    count: given.get("--count") ?? Infinity,
    durationMs: (given.get("--minutes") ?? 1) * 60_000,
    width: given.get("--width") ?? 32,
  };
}

function print(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}
