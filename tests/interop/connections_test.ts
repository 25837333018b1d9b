/**
 * A few seconds of the fuzzer of whole connections (tests/fuzz/connections.ts), which goes on for as long as one wants by `deno task
 * fuzz-connections`.
 *
 * @module
 */
import { assertEquals, assertGreater } from "@std/assert";
import { run } from "../fuzz/connections/run.ts";
import { complaintAboutTrend, leftOver, type Minute } from "../fuzz/connections/watch.ts";

Deno.test("peers of every kind at once bring a broker to nothing, and sound clients are served beside them", async () => {
  const seed = Number(Deno.env.get("FUZZ_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  const lines: string[] = [`FUZZ_SEED=${seed} ./your_program.sh test tests/interop/connections_test.ts`];
  const print = (line: string) => void lines.push(line);
  const result = await run({ seed, first: 0, count: 1500, durationMs: 30_000, width: 32, print });
  assertEquals(result.complaints, [], lines.join("\n"));
  assertGreater(result.answers, 0, lines.join("\n"));
  assertGreater(result.rounds, 0, lines.join("\n"));
});

const MINUTE: Minute = { rssBytes: 200e6, liveBytes: 30e6, files: 100 };

Deno.test("memory and files that grow on are found out, and those that come to a level are not", () => {
  const minutes = (of: (index: number) => Partial<Minute>) =>
    Array.from({ length: 12 }, (_, index) => ({ ...MINUTE, ...of(index) }));
  assertEquals(complaintAboutTrend(minutes((index) => ({ rssBytes: 150e6 + Math.min(3, index) * 50e6 }))), null);
  assertEquals(
    complaintAboutTrend(minutes((index) => ({ liveBytes: 30e6 + index * 20e6 }))),
    "heap and buffers went from 143 MiB in the middle third to 219 MiB in the last",
  );
  assertEquals(
    complaintAboutTrend(minutes((index) => ({ files: 100 + index * 20 }))),
    "open files went from 220 in the middle third to 300 in the last",
  );
});

Deno.test("what is left of peers that have gone is told", () => {
  const before = { rssBytes: 1, heapBytes: 1, externalBytes: 1, connections: 0, requestBytes: 0, sockets: 5, files: 9 };
  assertEquals(leftOver(before, before), null);
  assertEquals(
    leftOver(before, { ...before, connections: 2, requestBytes: 70, sockets: 7 }),
    "2 connections are counted; 70 bytes of requests are counted; 7 sockets are open, 5 at first",
  );
});
