/**
 * The hash by which Apache Kafka finds the partition of a group or a transactional id: Java's, of a string.
 *
 * @module
 */

/** The hash code of `text`, an int32. Java counts UTF-16 units, and so does this. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}
