/**
 * Regular expressions that clients send, in the syntax of RE2: to match takes time in proportion to the length of the
 * text, whatever a client puts into them.
 *
 * @module
 */
import { RE2JS, RE2JSSyntaxException } from "re2js";

/** In UTF-16 units: with a longer one, a single text could take longer to match than the loop should wait. */
const MAX_LENGTH = 4_096;

/** The expression, or what is wrong with it, for a person. */
export function compileRegex(regex: string): RE2JS | string {
  if (regex.length > MAX_LENGTH) return `it has more than ${MAX_LENGTH} characters`;
  try {
    return RE2JS.compile(regex);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return error.getDescription();
    throw error;
  }
}
