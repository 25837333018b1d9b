/**
 * Text like people's: prose in several scripts, log lines, JSON, and now and then a very long line. The same for the same
 * seed, on every machine.
 *
 * @module
 */

/** What a text should have. */
export interface TextOptions {
  readonly lines: number;
  readonly seed: number;
  /** Whether some lines are empty. */
  readonly emptyLines: boolean;
}

/** A record may be that large with each client's own default limits. */
const LONGEST_LINE_BYTES = 900_000;

const WORDS = (
  "the of and a to in he was that it his her you as had with for she not at but be on they have him which said from all this " +
  "castle village snow bridge messenger letter landlord teacher assistant official secretary telephone corridor morning " +
  "surveyor peasant sledge lantern silence answer permission document Schloss Straße Übergang naïve façade città señor " +
  "замок письмо вестник ποταμός γέφυρα 城 信使 橋 手紙 雪 성 편지 قلعة رسالة हिमपात 🏰 ✉️ 👩‍🚀"
).split(" ");

/** The lines, in UTF-8, each ended by a newline. */
export function text({ lines, seed, emptyLines }: TextOptions): Uint8Array {
  const random = mulberry32(seed);
  const parts: string[] = [];
  for (let index = 0; index < lines; index++) {
    parts.push(index === lines >> 1 ? longest(random) : line(random, index, emptyLines), "\n");
  }
  return new TextEncoder().encode(parts.join(""));
}

function line(random: () => number, index: number, emptyLines: boolean): string {
  const kind = random();
  if (kind < 0.02 && emptyLines) return "";
  if (kind < 0.1) {
    return JSON.stringify({ id: index, name: words(random, 2), score: random(), tags: [words(random, 1)] });
  }
  if (kind < 0.2) {
    return `2026-01-01T00:00:${String(index % 60).padStart(2, "0")}Z WARN ${words(random, 6)}\ttook ${index} ms`;
  }
  if (kind > 0.999) return words(random, 1 + Math.floor(random() * 5_000));
  return words(random, 1 + Math.floor(random() * 16));
}

function longest(random: () => number): string {
  // Of characters that are one byte each, so that the length is exact.
  let result = "";
  while (result.length < LONGEST_LINE_BYTES) result += random().toString(36).slice(2) + " ";
  return result.slice(0, LONGEST_LINE_BYTES);
}

function words(random: () => number, count: number): string {
  const chosen: string[] = [];
  for (let index = 0; index < count; index++) chosen.push(WORDS[Math.floor(random() * WORDS.length)]);
  return chosen.join(" ");
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
