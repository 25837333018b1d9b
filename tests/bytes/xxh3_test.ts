import { assertEquals } from "@std/assert";
import { xxh3 } from "../../lib/bytes/mod.ts";

/** Made by hash4j 0.22.0, which Apache Kafka 4.3.1 hashes with, from bytes `31 * index + 7`. */
const HASHES: readonly (readonly [number, bigint])[] = [
  [0, 3244421341483603138n],
  [3, 1582743943441612892n],
  [8, 16052704444545341486n],
  [16, 9099606716676871632n],
  [33, 1844846513307983686n],
  [97, 6981672134384256435n],
  [128, 17954568492486910600n],
  [200, 1368452603177808973n],
  [240, 14755823527060053763n],
  [241, 809349449570470400n],
  [1024, 2575082683865311686n],
  [1025, 13880058576091512194n],
  [5000, 6169931020318013678n],
];

Deno.test("bytes of every length hash as Apache Kafka's library hashes them", () => {
  for (const [length, hash] of HASHES) {
    const bytes = Uint8Array.from({ length }, (_, index) => 31 * index + 7);
    assertEquals(xxh3(bytes), hash, `of ${length} bytes`);
    assertEquals(xxh3(new Uint8Array([0, ...bytes]).subarray(1)), hash, `of ${length} bytes within others`);
  }
});
