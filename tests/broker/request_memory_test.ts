import { assertEquals } from "@std/assert";
import { ARRIVAL_PATIENCE_MS, READER_PATIENCE_MS, RequestMemory } from "../../lib/broker/request_memory.ts";

const LIMIT_BYTES = 1000;

Deno.test("large requests that arrive have so much memory together, and one of them more", () => {
  const memory = new RequestMemory(LIMIT_BYTES);
  assertEquals([memory.reserve(600), memory.reserve(600), memory.reserve(400)], [true, false, true]);
  assertEquals([memory.overdraw(), memory.overdraw()], [true, false]);
  memory.unreserve(400, true);
  assertEquals([memory.reserve(400), memory.overdraw()], [true, true]);
});

Deno.test("who waits for memory is woken when some is given back", async () => {
  const memory = new RequestMemory(LIMIT_BYTES);
  memory.reserve(LIMIT_BYTES);
  const room = memory.roomToArrive(0);
  memory.unreserve(1, false);
  await room;
});

Deno.test("a request that takes long to arrive is given up as soon as another one waits, and not before", () => {
  const memory = new RequestMemory(LIMIT_BYTES);
  const givenUp: string[] = [];
  const arrives = (name: string, atMs: number) => {
    const by = { name };
    memory.arrives(by, atMs, () => givenUp.push(name));
    return by;
  };
  const first = arrives("first", 0);
  arrives("second", 1);
  arrives("third", 5);
  // What goes on to arrive is as old as it was.
  memory.arrives(first, 4, () => givenUp.push("first, again"));
  memory.roomToArrive(ARRIVAL_PATIENCE_MS - 1);
  assertEquals(givenUp, []);
  memory.arrived(first);
  memory.roomToArrive(ARRIVAL_PATIENCE_MS + 4);
  assertEquals(givenUp, ["second"]);
});

Deno.test("where answers take twice the limit, nothing is begun until who reads nothing is let go", () => {
  const { answers } = new RequestMemory(LIMIT_BYTES);
  const letGo: string[] = [];
  const reader = (name: string, bytes: number) => {
    answers.take(bytes);
    const reader = {
      giveUpReader() {
        letGo.push(name);
        answers.ends(reader);
        answers.release(bytes);
      },
    };
    return reader;
  };
  const [slow, slower, quick] = [reader("slow", 900), reader("slower", 900), reader("quick", 200)];
  answers.progresses(slow, 0);
  answers.progresses(slower, 0);
  answers.progresses(quick, 1);
  // It has taken some, and so the other one has read nothing for longer.
  answers.progresses(slow, 2);
  assertEquals([answers.isExhausted, answers.bytesLeft], [true, 0]);
  let isWoken = false;
  answers.whenRoom(() => isWoken = true);
  answers.giveUpSlow(READER_PATIENCE_MS - 1);
  assertEquals([letGo, isWoken], [[], false]);
  answers.ends(quick);
  answers.giveUpSlow(READER_PATIENCE_MS + 1);
  assertEquals([letGo, isWoken, answers.isExhausted], [["slower"], true, false]);
  // What is left is over the limit, but nobody has been without progress for that long.
  answers.giveUpSlow(READER_PATIENCE_MS + 1);
  assertEquals(letGo, ["slower"]);
});
