/**
 * Which errors are for the person at the command line, and which are ours.
 *
 * @module
 */

/** The names of errors whose message is always written for a person: what was wrong, where, what to do. */
const FOR_A_PERSON = new Set(["UserError", "SettingsError", "DiskError", "NetworkError", "MetaPropertiesError"]);

/** What to tell the person; null where the error is a mistake of the program, which should end with its stack trace. */
export function describeFailure(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  // An error without a name of its own that says what cannot be done, and why, is the outcome of a check.
  const isForAPerson = FOR_A_PERSON.has(error.name) || (error.name === "Error" && error.message.startsWith("Cannot "));
  return isForAPerson ? error.message : null;
}
