/** The checker bites: each of the planted bugs is found, and soon. */
import { assert } from "@std/assert";
import { PLANTED } from "./planted.ts";
import type { Planting } from "./planting.ts";
import { runWorld } from "./world.ts";

for (const [name, planting] of Object.entries(PLANTED)) {
  Deno.test(`a broker that ${name} is found out within ${planting.withinSeeds} seeds`, async () => {
    assert(await findsOut(planting), `no world of the first ${planting.withinSeeds} broke a promise`);
  });
}

async function findsOut({ plant, withinSeeds }: Planting): Promise<boolean> {
  for (let seed = 1; seed <= withinSeeds; seed++) {
    const bug = plant();
    try {
      if ((await runWorld(seed, { plant: bug })).violation !== null) return true;
    } finally {
      bug.uproot?.();
    }
  }
  return false;
}
