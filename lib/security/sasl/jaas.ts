/**
 * The configuration of login modules in the form of Java (`sasl.jaas.config`): a class, a flag, options, a semicolon.
 *
 * ```ts
 * import { parseJaas } from "./jaas.ts";
 *
 * const module = "org.apache.kafka.common.security.plain.PlainLoginModule";
 * parseJaas(`${module} required user_alice="secret";`).options.get("user_alice"); // "secret"
 * ```
 *
 * @module
 */

/** One entry of a JAAS configuration. */
export interface JaasEntry {
  /** The name of a Java class. */
  readonly loginModule: string;
  readonly options: ReadonlyMap<string, string>;
}

const CONTROL_FLAGS = ["required", "requisite", "sufficient", "optional"];
/** Comments and space, then a quoted text, a sign, or a word. */
const TOKEN = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([;=])|([^\s;="']+))/y;

/**
 * Reads the one entry that Apache Kafka allows.
 *
 * @throws {SyntaxError} where it is malformed; the message never repeats a value, which may be a password
 */
export function parseJaas(text: string): JaasEntry {
  const tokens = tokenize(text);
  let at = 0;
  const next = (what: string): Token => {
    const token = tokens[at++];
    if (token === undefined) throw new SyntaxError(`it ends where ${what} is expected`);
    return token;
  };
  const loginModule = word(next("a login module"), "a login module");
  const flag = word(next("a control flag"), "a control flag");
  if (!CONTROL_FLAGS.includes(flag.toLowerCase())) {
    throw new SyntaxError(`"${flag}" is no control flag: expected ${CONTROL_FLAGS.join(", ")}`);
  }
  const options = new Map<string, string>();
  for (;;) {
    const token = next("a semicolon");
    if (token.sign === ";") break;
    const name = word(token, "an option or a semicolon");
    if (next("=").sign !== "=") throw new SyntaxError(`the option ${name} has no value`);
    options.set(name, word(next("a value"), `the value of ${name}`));
  }
  if (at < tokens.length) throw new SyntaxError("it has more than one login module");
  return { loginModule, options };
}

/** A sign, or a word that may have been quoted. */
interface Token {
  readonly sign: string | null;
  readonly text: string;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.replace(/(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+$/, "").length;
  let at = 0;
  while (at < end) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError(`a quoted value is not closed, or a sign is out of place, at ${at}`);
    const [whole, double, single, sign, plain] = match;
    tokens.push({ sign: sign ?? null, text: plain ?? unescape(double ?? single ?? sign) });
    at += whole.length;
  }
  return tokens;
}

function unescape(text: string): string {
  const signs: Record<string, string> = { n: "\n", r: "\r", t: "\t" };
  return text.replace(/\\(.)/gs, (_, sign: string) => signs[sign] ?? sign);
}

function word({ sign, text }: Token, what: string): string {
  if (sign !== null) throw new SyntaxError(`"${sign}" stands where ${what} is expected`);
  return text;
}
