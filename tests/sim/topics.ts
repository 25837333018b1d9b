/**
 * The topics of a world, as those who administer it know them.
 *
 * @module
 */
import { type Uuid, ZERO_UUID } from "../../lib/bytes/mod.ts";
import type { CleaningBounds } from "./cleaning.ts";
import { PartitionHistory, type SentRecords, Violation } from "./history.ts";

/** One topic, from the request to create it until it is deleted. A later one of the same name is another. */
export interface SimTopic {
  readonly name: string;
  /** Zero as long as no answer told. */
  id: Uuid;
  /** True where producers write a few keys again and again, and remove some. */
  readonly isKeyed: boolean;
  /** As many as were acknowledged. */
  readonly partitions: PartitionHistory[];
  /** As many as may be, should a request that nobody answered have been heard. */
  mostPartitions: number;
  state: TopicState;
  /** What its configuration is known to be; undefined where a change was not answered. */
  readonly configs: Map<string, string | undefined>;
  cleaningBounds: CleaningBounds;
}

const NO_BOUNDS: CleaningBounds = { deleteRetentionMs: Infinity, compactionLagMs: Infinity };
const KAFKA_DEFAULTS = { "delete.retention.ms": "86400000", "min.compaction.lag.ms": "0" };

/** `creating`, `deleting`: asked for and not answered. */
export type TopicState = "creating" | "there" | "deleting" | "deleted";

export class Topics {
  readonly all: SimTopic[] = [];
  readonly #sent = new Map<string, SentRecords>();

  add(name: string, partitionCount: number, configs: Readonly<Record<string, string>>, isKeyed: boolean): SimTopic {
    const topic: SimTopic = {
      name,
      isKeyed,
      id: ZERO_UUID,
      partitions: [],
      mostPartitions: partitionCount,
      state: "creating",
      configs: new Map(Object.entries(configs)),
      cleaningBounds: leastOf(NO_BOUNDS, { ...KAFKA_DEFAULTS, ...configs }),
    };
    this.all.push(topic);
    return topic;
  }

  /** Those that clients may use. */
  usable(): SimTopic[] {
    return this.all.filter(({ state }) => state === "there");
  }

  /** The topic exists under that id. */
  noteThere(topic: SimTopic, id: Uuid, partitionCount: number): void {
    if (topic.id !== ZERO_UUID && topic.id !== id) {
      throw new Violation(`topic ${topic.name} had the id ${topic.id} and has ${id}`);
    }
    const twin = this.all.find((other) => other !== topic && other.id === id);
    if (twin !== undefined) {
      throw new Violation(`topics ${twin.name} and ${topic.name} (${twin.state}) share the id ${id}`);
    }
    if (partitionCount < topic.partitions.length || partitionCount > topic.mostPartitions) {
      const expected = `${topic.partitions.length} to ${topic.mostPartitions}`;
      throw new Violation(`topic ${topic.name} has ${partitionCount} partitions, expected ${expected}`);
    }
    topic.id = id;
    if (topic.state === "creating") topic.state = "there";
    this.#addPartitions(topic, partitionCount);
  }

  /** The topic has, or may have, been given these configurations. */
  noteConfigs(topic: SimTopic, configs: Readonly<Record<string, string>>): void {
    topic.cleaningBounds = leastOf(topic.cleaningBounds, configs);
    noteNames(topic, Object.keys(configs));
  }

  /** The broker has ended, and not by a clean stop. */
  noteCrash(): void {
    for (const { partitions } of this.all) partitions.forEach((partition) => partition.noteCrash());
  }

  /** The power was cut. */
  notePowerCut(): void {
    for (const { partitions } of this.all) partitions.forEach((partition) => partition.notePowerCut());
  }

  #historyOf(name: string): PartitionHistory {
    let sent = this.#sent.get(name);
    if (sent === undefined) this.#sent.set(name, sent = new Map());
    return new PartitionHistory(name, sent);
  }

  #addPartitions(topic: SimTopic, count: number): void {
    for (let index = topic.partitions.length; index < count; index++) {
      const history = this.#historyOf(`${topic.name}-${index}`);
      topic.partitions.push(history);
    }
    noteNames(topic, [...topic.configs.keys()]);
  }
}

function noteNames({ partitions }: SimTopic, names: readonly string[]): void {
  for (const history of partitions) {
    history.hasRetention ||= names.some((name) => name.startsWith("retention."));
    history.isCompacted ||= names.includes("cleanup.policy");
  }
}

function leastOf(bounds: CleaningBounds, configs: Readonly<Record<string, string>>): CleaningBounds {
  return {
    deleteRetentionMs: Math.min(bounds.deleteRetentionMs, Number(configs["delete.retention.ms"] ?? Infinity)),
    compactionLagMs: Math.min(bounds.compactionLagMs, Number(configs["min.compaction.lag.ms"] ?? Infinity)),
  };
}
