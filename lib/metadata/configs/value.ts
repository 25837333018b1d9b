/**
 * The values of configs as text: how each type is read and printed, in the way of Apache Kafka.
 *
 * @module
 */

/** How the text of a config is read. */
export type ConfigType = "boolean" | "string" | "int" | "short" | "long" | "double" | "list" | "class" | "password";

/** What the text of a config stands for; null where it is not set. */
export type ConfigValue = boolean | number | string | readonly string[] | null;

/** A config has a value that it cannot have. The message is the one that Apache Kafka gives. */
export class InvalidConfigError extends Error {
  override name = "InvalidConfigError";
}

/** The message of Apache Kafka for a value that is not allowed. */
export function invalidValue(name: string, value: unknown, reason: string): string {
  return `Invalid value ${value} for configuration ${name}: ${reason}`;
}

const INTEGER_BITS: Partial<Record<ConfigType, number>> = { short: 16, int: 32, long: 64 };

/**
 * Reads the text of the config `name`. A `long` beyond 2^53 is rounded.
 *
 * @throws {InvalidConfigError} where `text` is not of the type.
 */
export function parseValue(name: string, type: ConfigType, text: string): NonNullable<ConfigValue> {
  const trimmed = trim(text);
  switch (type) {
    case "boolean":
      return parseBoolean(name, trimmed, text);
    case "short":
    case "int":
    case "long":
      return Number(parseInteger(name, type, trimmed, text));
    case "double":
      return parseDouble(name, trimmed, text);
    case "list":
      return trimmed === "" ? [] : trimmed.split(/\s*,\s*/);
    default:
      return trimmed;
  }
}

/** Prints a value that was read from `text`, which has the digits that a rounded `long` has lost. */
export function formatValue(type: ConfigType, value: NonNullable<ConfigValue>, text = ""): string {
  if (type === "long") return String(BigInt(trim(text).replace(/^\+/, "")));
  if (type === "double") return formatDouble(value as number);
  return Array.isArray(value) ? value.join(",") : String(value);
}

/** As Java's `String.trim`, which takes away control characters and the space, and no other white space. */
function trim(text: string): string {
  return text.replace(/^[\0- ]+|[\0- ]+$/g, "");
}

function parseBoolean(name: string, trimmed: string, text: string): boolean {
  const lowerCase = trimmed.toLowerCase();
  if (lowerCase !== "true" && lowerCase !== "false") {
    throw new InvalidConfigError(invalidValue(name, text, "Expected value to be either true or false"));
  }
  return lowerCase === "true";
}

function parseInteger(name: string, type: ConfigType, trimmed: string, text: string): bigint {
  if (/^[+-]?\d+$/.test(trimmed)) {
    const value = BigInt(trimmed.replace(/^\+/, ""));
    if (BigInt.asIntN(INTEGER_BITS[type]!, value) === value) return value;
  }
  throw notANumber(name, type, text);
}

function parseDouble(name: string, trimmed: string, text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[fd]?$/i.test(trimmed)) return Number.parseFloat(trimmed);
  throw notANumber(name, "double", text);
}

function notANumber(name: string, type: ConfigType, text: string): InvalidConfigError {
  return new InvalidConfigError(invalidValue(name, text, `Not a number of type ${type.toUpperCase()}`));
}

/** As Java prints a double: always with a point, and with an exponent below 0.001 and from ten million on. */
function formatDouble(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-3 && magnitude < 1e7)) {
    return Number.isInteger(value) ? value.toFixed(1) : String(value);
  }
  const [digits, exponent] = value.toExponential().split("e");
  return `${digits.includes(".") ? digits : `${digits}.0`}E${Number(exponent)}`;
}
