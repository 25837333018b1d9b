import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { contentForLog, LOG_AREAS, LOG_LEVELS, type LogArea, Loggers, sinkOf } from "../../lib/logging/mod.ts";
import type { LogLevel } from "../../lib/ports.ts";

const AREAS = Object.keys(LOG_AREAS) as LogArea[];

/** Loggers that write into a list. */
function recorded(levels?: ReadonlyMap<string, LogLevel>): { loggers: Loggers; lines: string[] } {
  const lines: string[] = [];
  const sink = { write: (level: LogLevel, name: string, line: string) => void lines.push(`${level} ${name}: ${line}`) };
  return { loggers: new Loggers(sink, levels), lines };
}

/** Tells a line at each level that the area has a word for. */
function tellAll(loggers: Loggers, area: LogArea): void {
  const logger = loggers.of(area);
  logger.error("e");
  logger.warn("w");
  logger.info("i");
  logger.debug?.("d");
  logger.trace?.("t");
}

Deno.test("an area tells what its level lets through, and that is INFO where nobody has said so", () => {
  const { loggers, lines } = recorded();
  tellAll(loggers, "kafka.network");
  assertEquals(lines, ["ERROR kafka.network: e", "WARN kafka.network: w", "INFO kafka.network: i"]);
});

Deno.test("what is not let through is not even made", () => {
  const { loggers } = recorded();
  const made = () => {
    throw new Error("the line was made");
  };
  loggers.of("kafka.log").debug?.(made());
  loggers.of("kafka.log").trace?.(made());
});

Deno.test("whoever has a logger sees a change of its level", () => {
  const { loggers, lines } = recorded();
  const logger = loggers.of("kafka.log");
  loggers.setLevel("kafka.log", "DEBUG");
  logger.debug?.("now");
  loggers.setLevel("kafka.log", "FATAL");
  logger.error("not now");
  assertEquals(lines, ["DEBUG kafka.log: now"]);
  assertStrictEquals(loggers.of("kafka.log"), logger);
});

Deno.test("an area without a level has that of the area above it, and at last that of the root", () => {
  const { loggers } = recorded(new Map<string, LogLevel>([["root", "WARN"], ["kafka.log", "DEBUG"]]));
  assertEquals(loggers.levels().get("kafka.log.cleaner"), "DEBUG");
  assertEquals(loggers.levels().get("kafka.network"), "WARN");
  loggers.setLevel("kafka.log.cleaner", "TRACE");
  loggers.clearLevel("kafka.log");
  assertEquals(loggers.levels().get("kafka.log"), "WARN");
  assertEquals(loggers.levels().get("kafka.log.cleaner"), "TRACE");
  loggers.clearLevel("kafka.log.cleaner");
  loggers.setLevel("root", "ERROR");
  assertEquals(new Set(loggers.levels().values()), new Set(["ERROR"]));
});

Deno.test("the root always has a level", () => {
  const { loggers } = recorded();
  assertThrows(() => loggers.clearLevel("root"), Error, "root logger");
  assertEquals(loggers.levels().get("root"), "INFO");
});

Deno.test("whatever is set, an area at a level tells it and the graver ones", () => {
  const change = fc.record({
    name: fc.constantFrom("root", ...AREAS),
    level: fc.option(fc.constantFrom(...LOG_LEVELS)),
  });
  fc.assert(fc.property(fc.array(change, { maxLength: 20 }), fc.constantFrom(...AREAS), (changes, area) => {
    const { loggers, lines } = recorded();
    for (const { name, level } of changes) {
      if (level !== null) loggers.setLevel(name, level);
      else if (name !== "root") loggers.clearLevel(name);
    }
    tellAll(loggers, area);
    const told = LOG_LEVELS.slice(1, LOG_LEVELS.indexOf(loggers.levels().get(area)!) + 1);
    assertEquals(lines.map((line) => line.split(" ")[0]), told);
  }));
});

Deno.test("a logger that has no word for errors is told of them as warnings, and not of what it does not ask for", () => {
  const told: string[] = [];
  const sink = sinkOf({ info: (line) => void told.push(`i ${line}`), warn: (line) => void told.push(`w ${line}`) });
  for (const level of LOG_LEVELS) sink.write(level, "kafka.log", level);
  assertEquals(told, ["w FATAL", "w ERROR", "w WARN", "i INFO"]);
});

Deno.test("content is told without bytes and hidden values, and not at any length", () => {
  const value = { name: "a", value: "secret", records: new Uint8Array(3), offset: 7n, nothing: { value: null } };
  assertEquals(
    contentForLog(value, new Set(["value"])),
    '{"name":"a","value":"[hidden]","records":"3 bytes","offset":"7","nothing":{"value":null}}',
  );
  const long = contentForLog("x".repeat(1_000_000));
  assertEquals(long.length < 2100 && long.endsWith("… (1000002 characters)"), true);
});
