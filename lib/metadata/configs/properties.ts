/**
 * Java's `.properties` files, in which Kafka's brokers are configured.
 *
 * ```ts
 * import { parseProperties } from "./properties.ts";
 *
 * parseProperties("# ports\nlisteners = \\\n  PLAINTEXT://:9092\n");
 * // [{ name: "listeners", value: "PLAINTEXT://:9092", line: 2 }]
 * ```
 *
 * @module
 */

/** One entry of a file. */
export interface Property {
  readonly name: string;
  readonly value: string;
  /** The line on which it begins, counted from 1. */
  readonly line: number;
}

/** An escape that stands for nothing. */
export class PropertiesError extends Error {
  override name = "PropertiesError";
  /** @param line the line on which the entry begins, counted from 1 */
  constructor(readonly line: number, message: string) {
    super(message);
  }
}

/**
 * The entries of a file, in order; where a name comes twice, both are there.
 *
 * @throws {PropertiesError} on a malformed `\uXXXX`, as in Java.
 */
export function parseProperties(text: string): Property[] {
  return logicalLines(text).map(({ text, line }) => {
    const [name, value] = splitEntry(text);
    return { name: unescape(name, line), value: unescape(value, line), line };
  });
}

/** Lines that mean something, without the white space at their beginning, and with the lines that continue them. */
function logicalLines(text: string): { text: string; line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | null = null;
  for (const [index, natural] of text.split(/\r\n|\n|\r/).entries()) {
    const trimmed = natural.replace(/^[ \t\f]+/, "");
    if (open === null && /^(?:[#!].*)?$/.test(trimmed)) continue;
    const current: { text: string; line: number } = open ?? { text: "", line: index + 1 };
    const goesOn = /\\*$/.exec(trimmed)![0].length % 2 === 1;
    current.text += goesOn ? trimmed.slice(0, -1) : trimmed;
    // As in Java, a backslash alone does not begin anything: what follows may be a comment.
    const hasBegun = current.text !== "";
    if (open === null && hasBegun) lines.push(current);
    open = goesOn && hasBegun ? current : null;
  }
  return lines;
}

/** Name and value, which the first `=`, `:` or white space parts that no backslash protects. */
function splitEntry(text: string): [name: string, value: string] {
  const parts = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s.exec(text);
  return parts === null ? [text, ""] : [parts[1], parts[2]];
}

const ESCAPED: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

function unescape(text: string, line: number): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, escaped: string) => {
    if (escaped.length === 5) return String.fromCharCode(parseInt(escaped.slice(1), 16));
    if (escaped === "u") throw new PropertiesError(line, "has a \\u that four hexadecimal digits do not follow");
    return ESCAPED[escaped] ?? escaped;
  });
}
