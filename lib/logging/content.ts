/**
 * What somebody has sent or what is kept, as a part of one line.
 *
 * @module
 */

/** The most characters that are told of a value. */
const MAX_CONTENT_LENGTH = 2000;

/**
 * A value as JSON, cut where it is long. Bytes are told by their number: they may be secrets, and are often many.
 *
 * @param hidden names of fields whose values are not told either
 */
export function contentForLog(value: unknown, hidden: ReadonlySet<string> = NOTHING): string {
  const text = JSON.stringify(value, (name, part) => {
    if (part instanceof Uint8Array) return `${part.length} bytes`;
    if (typeof part === "bigint") return String(part);
    return hidden.has(name) && part !== null ? "[hidden]" : part;
  });
  return text.length <= MAX_CONTENT_LENGTH
    ? text
    : `${text.slice(0, MAX_CONTENT_LENGTH)} … (${text.length} characters)`;
}

const NOTHING: ReadonlySet<string> = new Set();
