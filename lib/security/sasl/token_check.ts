/**
 * What a token of OAUTHBEARER must say, beyond its signature.
 *
 * @module
 */
import type { Clock, WebTokenRules, WebTokens } from "../../ports.ts";
import { InvalidTokenError, type TokenCheck } from "./oauth_bearer.ts";

/** The rules of a listener. */
export interface TokenRules extends Omit<WebTokenRules, "nowMs"> {
  /** The claim that names the principal. */
  readonly nameClaim: string;
  readonly scopeClaim: string;
  /** All of these must be in the scope. */
  readonly requiredScope: readonly string[];
}

/** A check by these rules. */
export function tokenCheck(
  rules: TokenRules,
  { clock, webTokens }: { clock: Clock; webTokens: WebTokens },
): TokenCheck {
  return async (token) => {
    const claims = await claimsOf(token, { ...rules, nowMs: clock.now() }, webTokens);
    const principalName = claims[rules.nameClaim];
    if (typeof principalName !== "string" || principalName.trim() === "") {
      throw new InvalidTokenError(`the claim ${rules.nameClaim} has no name`);
    }
    if (typeof claims.exp !== "number") throw new InvalidTokenError("the claim exp has no time");
    const scope = scopeOf(claims[rules.scopeClaim]);
    const missing = rules.requiredScope.filter((part) => !scope.includes(part));
    if (missing.length > 0) {
      throw new InvalidTokenError(`its scope lacks ${missing.join(", ")}`, "insufficient_scope");
    }
    return { principalName: principalName.trim(), expiresAtMs: claims.exp * 1000 };
  };
}

async function claimsOf(token: string, rules: WebTokenRules, webTokens: WebTokens) {
  try {
    return await webTokens.claims(token, rules);
  } catch (error) {
    throw new InvalidTokenError(error instanceof Error ? error.message : String(error));
  }
}

/** A list, or words with spaces between them. */
function scopeOf(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.filter((part) => typeof part === "string");
  return typeof claim === "string" ? claim.split(/\s+/) : [];
}
