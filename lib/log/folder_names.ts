/**
 * The names of the folders in a log directory: `topic-N` for a partition, and longer ones for those that are on their
 * way out.
 *
 * @module
 */
import type { Random } from "../ports.ts";
import type { TopicPartition } from "./partition_log.ts";

/** What a folder is being put aside for: it is removed soon, or kept because the metadata knows no such partition. */
export type AsideReason = "delete" | "stray";

/** What a folder of a log directory is. */
export type FolderKind =
  | { readonly kind: "partition"; readonly topicPartition: TopicPartition }
  /** `future` is a partition that Apache Kafka was moving from another log directory. */
  | { readonly kind: AsideReason | "future" }
  | { readonly kind: "unknown" };

/** Most file systems allow this many bytes in a name. */
const MAX_NAME_LENGTH = 255;

/** Tells what a folder is by its name. */
export function kindOfFolder(name: string): FolderKind {
  const aside = /^.+-\d+\.[^.]+-(delete|stray|future)$/.exec(name);
  if (aside !== null) return { kind: aside[1] as AsideReason | "future" };
  const partition = /^(.+)-(\d{1,10})$/.exec(name);
  if (partition === null) return { kind: "unknown" };
  return { kind: "partition", topicPartition: { topic: partition[1], partition: Number(partition[2]) } };
}

/**
 * The name of a partition's folder that is put aside: unlike any other, so that the partition can be made anew at once.
 */
export function asideFolderName({ topic, partition }: TopicPartition, reason: AsideReason, random: Random): string {
  const id = [...random.fill(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const suffix = `-${partition}.${id}-${reason}`;
  return topic.slice(0, MAX_NAME_LENGTH - suffix.length) + suffix;
}
