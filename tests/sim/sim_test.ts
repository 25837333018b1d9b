/** Some worlds of the simulator; `deno task sim --seeds N` runs more. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { runWorld } from "./world.ts";

const SEEDS = 100;

Deno.test(`in ${SEEDS} worlds that crash, lose their power and fail, every promise is kept`, async () => {
  const broken: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violation } = await runWorld(seed);
    if (violation !== null) broken.push(`${violation}\nRepeat it with: deno task sim --seed ${seed} --trace`);
  }
  assertEquals(broken, []);
});

Deno.test("one seed is one world: two runs of it are the same, line by line", async () => {
  for (const seed of [3, 14, 15]) {
    const first: string[] = [];
    const second: string[] = [];
    const { digest } = await runWorld(seed, { trace: (line) => first.push(line) });
    assertEquals((await runWorld(seed, { trace: (line) => second.push(line) })).digest, digest);
    assertEquals(second, first);
    assertNotEquals(first.length, 0);
  }
});

Deno.test("different seeds are different worlds", async () => {
  const digests = new Set<string>();
  for (let seed = 1; seed <= 10; seed++) digests.add((await runWorld(seed)).digest);
  assertEquals(digests.size, 10);
});
