/**
 * From the name in a client's certificate to the name of its principal: `ssl.principal.mapping.rules` (KIP-371).
 *
 * Rules are tried in their order, and the first that fits decides: `DEFAULT` takes the name as it is, and
 * `RULE:pattern/replacement/` needs the pattern to fit the whole name; `L` or `U` behind it makes small or capital letters.
 *
 * ```ts
 * import { parsePrincipalMapping } from "./ssl_principal_mapper.ts";
 *
 * const nameOf = parsePrincipalMapping("RULE:^CN=([^,]+),.*$/$1/L, DEFAULT");
 * nameOf("CN=Alice,O=Example"); // "alice"
 * nameOf("OU=Things"); // "OU=Things"
 * ```
 *
 * @module
 */

/** Gives the name of the principal; null where no rule fits, and the client is nobody. */
export type PrincipalMapping = (distinguishedName: string) => string | null;

/**
 * Reads rules.
 *
 * @throws {SyntaxError} where one is malformed; the message says which
 */
export function parsePrincipalMapping(rules: string): PrincipalMapping {
  const parsed = splitRules(rules).map(parseRule);
  return (distinguishedName) => {
    for (const rule of parsed) {
      const name = rule(distinguishedName);
      if (name !== null) return name;
    }
    return null;
  };
}

/** A part of a rule: anything up to the next slash that no backslash stands before. */
const PART = "((?:\\\\.|[^\\\\/])*)";
const RULE = new RegExp(`\\s*(?:(DEFAULT)|RULE:${PART}/${PART}/([LU]?))\\s*(?:,|$)`, "y");

interface RuleText {
  readonly pattern: string | null;
  readonly replacement: string;
  readonly letters: string;
}

function splitRules(rules: string): RuleText[] {
  const found: RuleText[] = [];
  let at = 0;
  while (at < rules.trimEnd().length) {
    RULE.lastIndex = at;
    const match = RULE.exec(rules);
    if (match === null) {
      throw new SyntaxError(`"${rules.slice(at)}" is no rule: expected DEFAULT, or RULE:pattern/replacement/[LU]`);
    }
    const [whole, isDefault, pattern, replacement, letters] = match;
    found.push({ pattern: isDefault === undefined ? pattern : null, replacement, letters });
    at += whole.length;
  }
  return found;
}

function parseRule({ pattern, replacement, letters }: RuleText): PrincipalMapping {
  if (pattern === null) return (distinguishedName) => distinguishedName;
  const whole = new RegExp(`^(?:${pattern})$`);
  return (distinguishedName) => {
    const groups = whole.exec(distinguishedName);
    if (groups === null) return null;
    const name = replaceGroups(replacement, groups);
    if (letters === "L") return name.toLowerCase();
    return letters === "U" ? name.toUpperCase() : name;
  };
}

/**
 * Puts in what the groups of the pattern have found. As in Apache Kafka, `$12` is the first group and a 2 where there is
 * no twelfth, and what names no group at all stands for itself.
 */
function replaceGroups(replacement: string, groups: RegExpExecArray): string {
  return replacement.replace(/\\(.)|\$(\d+)/g, (text, escaped: string | undefined, digits: string) => {
    if (escaped !== undefined) return escaped;
    for (let length = digits.length; length > 0; length--) {
      const group = Number(digits.slice(0, length));
      if (group < groups.length) return (groups[group] ?? "") + digits.slice(length);
    }
    return text;
  });
}
