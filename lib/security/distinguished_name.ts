/**
 * The name in a certificate (X.509), in the form of RFC 2253 as Java prints it, which principals of Apache Kafka have.
 *
 * ```text
 * CN=alice,OU=Data,O=Example\, Inc.,C=DE
 * ```
 *
 * @module
 */
import { utf8Text } from "./sasl/text.ts";

/** The name of whom a certificate is about. */
export function subjectOf(certificate: Uint8Array): string {
  const [body] = children(element(certificate, 0));
  const parts = children(body);
  // The version stands in front, where it is not the first one.
  const subject = parts[parts[0].tag === VERSION ? SUBJECT + 1 : SUBJECT];
  return children(subject).reverse().map((part) => children(part).map(formatAttribute).join("+")).join(",");
}

/** Tags of DER (X.690). */
const VERSION = 0xa0;
const BMP_STRING = 0x1e;
const TEXT_TAGS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x14, 0x16, BMP_STRING]);
/** The place of the subject in the body of a certificate of version 1. */
const SUBJECT = 4;

/** The attributes that RFC 2253 has names for; others stand as numbers, with their bytes. */
const KEYWORDS: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.25": "DC",
  "0.9.2342.19200300.100.1.1": "UID",
};

/** A value of DER: its tag, its content, and all of its bytes. */
interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly bytes: Uint8Array;
}

function element(bytes: Uint8Array, at: number): Element {
  let length = bytes[at + 1];
  let start = at + 2;
  if (length > 0x7f) {
    const digits = length & 0x7f;
    length = bytes.subarray(start, start + digits).reduce((sum, byte) => sum * 256 + byte, 0);
    start += digits;
  }
  const end = start + length;
  if (!(end <= bytes.length)) throw new RangeError(`a value of DER at ${at} goes beyond its end`);
  return { tag: bytes[at], content: bytes.subarray(start, end), bytes: bytes.subarray(at, end) };
}

function children({ content }: Element): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < content.length; at += found.at(-1)!.bytes.length) found.push(element(content, at));
  return found;
}

function formatAttribute(attribute: Element): string {
  const [type, value] = children(attribute);
  const identifier = objectIdentifier(type.content);
  const keyword = KEYWORDS[identifier];
  if (keyword === undefined || !TEXT_TAGS.has(value.tag)) return `${keyword ?? identifier}=#${hex(value.bytes)}`;
  return `${keyword}=${escape(textOf(value))}`;
}

function objectIdentifier(bytes: Uint8Array): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of bytes) {
    number = number * 128 + (byte & 0x7f);
    if (byte > 0x7f) continue;
    if (numbers.length === 0) {
      const first = Math.min(2, Math.floor(number / 40));
      numbers.push(first, number - first * 40);
    } else {
      numbers.push(number);
    }
    number = 0;
  }
  return numbers.join(".");
}

function textOf({ tag, content }: Element): string {
  return tag === BMP_STRING ? new TextDecoder("utf-16be").decode(content) : utf8Text(content);
}

function escape(text: string): string {
  return text.replace(/[,=+<>#;"\\]/g, "\\$&").replace(/^ +| +$/g, (spaces) => "\\ ".repeat(spaces.length));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
