/**
 * Where the facts about Apache Kafka are: a catalogue of messages, and bytes that its own serializers made.
 *
 * `KAFKA_FACTS` names the folder of `schemas.json`, `KAFKA_VECTORS` the one of `messages.jsonl` and its like. Where they are
 * missing, the tests that need them are ignored.
 *
 * @module
 */
import { parseJson } from "../../lib/protocol/json.ts";

const FACTS = Deno.env.get("KAFKA_FACTS") ?? new URL("../../../shared/kafka", import.meta.url).pathname;
const VECTORS = Deno.env.get("KAFKA_VECTORS") ?? `${FACTS}/vectors`;

/** One line of a file of vectors, counted from 1. */
export interface Line<T> {
  readonly number: number;
  readonly vector: T;
}

/** Registers a test that needs a file of the facts; `run` gets its text. */
export function testFacts(name: string, file: string, run: (text: string) => void): void {
  register(name, `${FACTS}/${file}`, "KAFKA_FACTS", run);
}

/** Registers a test that needs a file of vectors; `run` gets its lines. */
export function testVectors<T>(name: string, file: string, run: (lines: readonly Line<T>[]) => void): void {
  register(name, `${VECTORS}/${file}`, "KAFKA_VECTORS", (text) => run(parseLines(text)));
}

/** Runs `check` for each line; failures name the line, and `describe` says what it is about. */
export function checkLines<T>(
  lines: readonly Line<T>[],
  describe: (vector: T) => string,
  check: (vector: T) => void,
): void {
  const failures: string[] = [];
  for (const { number, vector } of lines) {
    try {
      check(vector);
    } catch (error) {
      failures.push(`line ${number}, ${describe(vector)}: ${(error as Error).message}`);
    }
  }
  if (failures.length > 0) {
    throw new Error(`${failures.length} of ${lines.length} lines fail:\n${failures.slice(0, 10).join("\n")}`);
  }
}

function register(name: string, path: string, variable: string, run: (text: string) => void): void {
  const ignore = !exists(path);
  Deno.test({
    name: ignore ? `${name} (ignored: ${path} is missing; ${variable} can name another folder)` : name,
    ignore,
    fn: () => run(Deno.readTextFileSync(path)),
  });
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function parseLines<T>(text: string): Line<T>[] {
  const lines = text.split("\n").map((line, index) => ({ number: index + 1, line }));
  return lines.filter(({ line }) => line !== "").map(({ number, line }) => ({ number, vector: parseJson(line) as T }));
}
