/**
 * Where new partitions go. On one node that is this node; what is left to decide is the folder.
 *
 * @module
 */
import type { Uuid } from "../../bytes/mod.ts";
import type { MetadataImage } from "../image/image.ts";
import { LeaderRecoveryState, type PartitionImage, UNASSIGNED_DIRECTORY } from "../image/topics_image.ts";
import { type ApiError, apiError, type DecisionContext, NO_ERROR } from "./decision.ts";

/** Gives each new partition the data folder with the fewest, those that it gave before counted. */
export class DirectoryPlacer {
  readonly #image: MetadataImage;
  readonly #directoryIds: readonly Uuid[];
  #counts: Map<Uuid, number> | null = null;

  constructor(image: MetadataImage, { directoryIds }: DecisionContext) {
    this.#image = image;
    this.#directoryIds = directoryIds;
  }

  next(): Uuid {
    if (this.#directoryIds.length === 1) return this.#directoryIds[0];
    const counts = this.#counts ??= this.#count();
    let least = this.#directoryIds[0];
    for (const id of this.#directoryIds) {
      if (counts.get(id)! < counts.get(least)!) least = id;
    }
    counts.set(least, counts.get(least)! + 1);
    return least;
  }

  #count(): Map<Uuid, number> {
    const counts = new Map(this.#directoryIds.map((id) => [id, 0]));
    for (const topic of this.#image.topics()) {
      for (const { directories } of topic.partitions.values()) {
        for (const id of directories) {
          const count = counts.get(id);
          if (count !== undefined) counts.set(id, count + 1);
        }
      }
    }
    return counts;
  }
}

/** A new partition with these replicas, led by this broker. */
export function newPartition(
  replicas: readonly number[],
  placer: DirectoryPlacer,
  { nodeId }: DecisionContext,
): PartitionImage {
  return {
    replicas,
    directories: replicas.map((replica) => replica === nodeId ? placer.next() : UNASSIGNED_DIRECTORY),
    isr: [nodeId],
    removingReplicas: [],
    addingReplicas: [],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    leader: nodeId,
    leaderRecoveryState: LeaderRecoveryState.RECOVERED,
    leaderEpoch: 0,
    partitionEpoch: 0,
  };
}

/** What is wrong with a replication factor on one node; null where nothing is. */
export function replicationFactorComplaint(replicationFactor: number): string | null {
  if (replicationFactor === 1) return null;
  return `The target replication factor of ${replicationFactor} cannot be reached because only 1 broker(s) are ` +
    "registered or some brokers have all their log directories cordoned.";
}

/**
 * Checks the replicas that a client has chosen for one partition.
 *
 * @param replicationFactor that of the topic's other partitions; null for the first
 */
export function checkAssignment(
  image: MetadataImage,
  { nodeId }: DecisionContext,
  partitionId: number,
  replicas: readonly number[],
  replicationFactor: number | null,
): ApiError {
  const fail = (message: string) => apiError("INVALID_REPLICA_ASSIGNMENT", message);
  if (replicas.length === 0) return fail("The manual partition assignment includes an empty replica list.");
  const sorted = [...replicas].sort((a, b) => a - b);
  for (const [index, id] of sorted.entries()) {
    if (!image.brokers.has(id)) {
      return fail(`The manual partition assignment includes broker ${id}, but no such broker is registered.`);
    }
    if (index > 0 && id === sorted[index - 1]) {
      return fail(`The manual partition assignment includes the broker ${id} more than once.`);
    }
  }
  if (replicationFactor !== null && replicas.length !== replicationFactor) {
    return fail(
      `The manual partition assignment includes a partition with ${replicas.length} replica(s), but this is not ` +
        `consistent with previous partitions, which have ${replicationFactor} replica(s).`,
    );
  }
  if (!replicas.includes(nodeId)) {
    return fail(
      `All brokers specified in the manual partition assignment for partition ${partitionId} are fenced or in ` +
        "controlled shutdown.",
    );
  }
  return NO_ERROR;
}
