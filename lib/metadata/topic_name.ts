/**
 * Names of topics: what is allowed, and which two are too much alike.
 *
 * @module
 */

/** The longest name, in characters. */
export const MAX_TOPIC_NAME_LENGTH = 249;

/** The topic that is the metadata log, which no client may touch. */
export const CLUSTER_METADATA_TOPIC = "__cluster_metadata";

/** What is wrong with a topic's name, in Apache Kafka's words; null where nothing is. */
export function topicNameComplaint(name: string): string | null {
  const complaint = complaintOf(name);
  return complaint === null ? null : `Topic name is invalid: ${complaint}`;
}

/** True for names that metrics cannot tell from another's: they write `.` as `_`. */
export function hasCollisionCharacters(name: string): boolean {
  return /[._]/.test(name);
}

function complaintOf(name: string): string | null {
  if (name === "") return "the empty string is not allowed";
  if (name === "." || name === "..") return `'${name}' is not allowed`;
  if (name.length > MAX_TOPIC_NAME_LENGTH) {
    return `the length of '${name}' is longer than the max allowed length ${MAX_TOPIC_NAME_LENGTH}`;
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return null;
}
