import { assertEquals } from "@std/assert";
import { ARRIVAL_PATIENCE_MS, RequestMemory } from "../../lib/broker/request_memory.ts";

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
