/**
 * Which errors are for the person at the command line, and which are ours.
 *
 * @module
 */

/** The names of errors whose message is written for a person: what was wrong, where, what to do. */
const FOR_A_PERSON = new Set(["UserError", "SettingsError", "DiskError", "NetworkError", "MetaPropertiesError"]);

/** What to tell the person; null where the error is a mistake of the program, which should end with its stack trace. */
export function describeFailure(error: unknown): string | null {
  return error instanceof Error && FOR_A_PERSON.has(error.name) ? error.message : null;
}
