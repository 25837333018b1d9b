import { assertEquals } from "@std/assert";
import { jsonEntry, textEntry } from "../../lib/shell/logger.ts";

const TIME = new Date("2026-11-24T18:15:03.123Z");

Deno.test("an entry as text has the time, the level and the area before the line", () => {
  assertEquals(
    textEntry(TIME, "WARN", "kafka.network", "Connection closed"),
    "2026-11-24T18:15:03.123Z WARN kafka.network: Connection closed",
  );
});

Deno.test("an entry as JSON has them as fields", () => {
  assertEquals(JSON.parse(jsonEntry(TIME, "FATAL", "kafka.server", 'a "broken"\ninvariant')), {
    time: "2026-11-24T18:15:03.123Z",
    level: "FATAL",
    logger: "kafka.server",
    message: 'a "broken"\ninvariant',
  });
});

Deno.test("a client's name that has line breaks or commands of a terminal in it makes no entry of its own", () => {
  const hostile = "x\n2026-11-24T18:15:03.123Z INFO kafka.server: all is well\x1b[2J\u2028\r\x9b";
  assertEquals(
    textEntry(TIME, "INFO", "kafka.log", hostile),
    "2026-11-24T18:15:03.123Z INFO kafka.log: x\\u000a2026-11-24T18:15:03.123Z INFO kafka.server: all is well" +
      "\\u001b[2J\\u2028\\u000d\\u009b",
  );
  assertEquals(jsonEntry(TIME, "INFO", "kafka.log", hostile).includes("\n"), false);
});
