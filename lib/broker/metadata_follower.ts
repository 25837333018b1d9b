/**
 * Keeps the broker what the metadata says: a log for each partition of this broker, in its leader epoch and with its topic's configuration,
 * none for a deleted one; and settings with what was changed while the broker runs (KIP-226). It follows every change before the request that
 * made it is answered, so that a topic that was created can be written at once. Thousands of partitions are made a few at a time, and others
 * are served in between.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import type { LogConfig, LogManager, PartitionLog, TopicPartition } from "../log/mod.ts";
import { BrokerSettings, logConfigFor } from "../metadata/configs/mod.ts";
import {
  ConfigResourceType,
  isReservedDirectory,
  type Metadata,
  type MetadataChange,
  NO_LEADER,
  type TopicImage,
} from "../metadata/mod.ts";
import type { Logger, Timer, Timers } from "../ports.ts";

/** A partition without a log. */
interface Missing extends TopicPartition {
  readonly topicId: Uuid;
}

/** The resource name of what is set for all brokers. */
const ALL_BROKERS = "";

export class MetadataFollower {
  readonly #metadata: Metadata;
  readonly #logger: Logger;
  readonly #timers: Timers;
  readonly #onSettings: (settings: BrokerSettings) => void;
  #settings: BrokerSettings;
  #watch: { stop(): void } | null = null;
  /** Partitions for whose logs the disk had no room. */
  readonly #notMade: Missing[] = [];
  #retry: Timer | null = null;

  /** @param onSettings told of the settings in force: at once, and whenever they have changed */
  constructor(
    metadata: Metadata,
    settings: BrokerSettings,
    { logger, timers }: { readonly logger: Logger; readonly timers: Timers },
    onSettings: (settings: BrokerSettings) => void,
  ) {
    this.#metadata = metadata;
    this.#logger = logger;
    this.#timers = timers;
    this.#onSettings = onSettings;
    this.#settings = this.#withDynamic(settings);
    onSettings(this.#settings);
  }

  /** What the log of a topic's partitions obeys. */
  logConfigFor(topic: string): LogConfig {
    return logConfigFor(this.#metadata.image.configs(ConfigResourceType.TOPIC, topic), this.#settings);
  }

  /** Whether the metadata knows no such partition, or another one of that name. */
  isStray({ topicId, topicPartition: { topic, partition } }: PartitionLog): boolean {
    const known = this.#metadata.image.topicByName(topic);
    return known === undefined || known.id !== topicId || !known.partitions.has(partition);
  }

  /** Brings the logs to what the metadata says now, and follows from then on. */
  async start(logs: LogManager): Promise<void> {
    const { image } = this.#metadata;
    for (const log of [...logs.all()]) {
      if (this.isStray(log)) await logs.setAside(log.topicPartition);
    }
    this.#watch = this.#metadata.watch((change) => this.#follow(logs, change));
    const missing = Array.from(image.topics(), (topic) => this.#keepTopic(logs, topic, false)).flat();
    await this.#makeLogs(logs, missing);
  }

  stop(): void {
    this.#watch?.stop();
    this.#retry?.cancel();
  }

  async #follow(logs: LogManager, change: MetadataChange): Promise<void> {
    const deletions = change.deletedTopics.flatMap(({ name, partitions }) =>
      Array.from(partitions.keys(), (partition) => logs.delete({ topic: name, partition }))
    );
    this.#followConfigs(logs, change);
    const missing: Missing[] = [];
    for (const topic of change.createdTopics) missing.push(...this.#keepTopic(logs, topic, true));
    for (const { topic, partition } of change.changedPartitions) {
      missing.push(...this.#keepPartitions(logs, topic, [partition], true));
    }
    await Promise.all([this.#makeLogs(logs, missing), ...deletions]);
  }

  #followConfigs(logs: LogManager, { changedConfigs }: MetadataChange): void {
    if (changedConfigs.some(({ resourceType }) => resourceType === ConfigResourceType.BROKER)) {
      this.#settings = this.#withDynamic(this.#settings);
      this.#onSettings(this.#settings);
      for (const { name } of this.#metadata.image.topics()) logs.configure(name, this.logConfigFor(name));
      return;
    }
    for (const { resourceType, resourceName } of changedConfigs) {
      if (resourceType === ConfigResourceType.TOPIC) logs.configure(resourceName, this.logConfigFor(resourceName));
    }
  }

  #withDynamic(settings: BrokerSettings): BrokerSettings {
    const { image, nodeId } = this.#metadata;
    return settings.withDynamic({
      cluster: new Map(image.configs(ConfigResourceType.BROKER, ALL_BROKERS)),
      broker: new Map(image.configs(ConfigResourceType.BROKER, String(nodeId))),
    });
  }

  #keepTopic(logs: LogManager, topic: TopicImage, isNew: boolean): Missing[] {
    return this.#keepPartitions(logs, topic, topic.partitions.keys(), isNew);
  }

  /** Returns the partitions that have no log yet; the log manager expects them. */
  #keepPartitions(logs: LogManager, topic: TopicImage, indexes: Iterable<number>, isNew: boolean): Missing[] {
    const missing: Missing[] = [];
    const config = this.logConfigFor(topic.name);
    for (const partition of indexes) {
      const { replicas, directories, leader, leaderEpoch } = topic.partitions.get(partition)!;
      const replica = replicas.indexOf(this.#metadata.nodeId);
      if (replica === -1) continue;
      const log = logs.get(topic.name, partition);
      const directoryId = directories[replica];
      if (log !== undefined) {
        if (leader !== NO_LEADER && log.leaderEpoch !== leaderEpoch) log.beginLeaderEpoch(leaderEpoch);
      } else if (isNew || this.#mayBeMade(logs, topic.name, partition, directoryId)) {
        logs.expect({ topic: topic.name, partition }, { topicId: topic.id, config, leaderEpoch, directoryId });
        missing.push({ topicId: topic.id, topic: topic.name, partition });
      }
    }
    return missing;
  }

  /** A partition from an earlier run is made anew only in its own folder: an empty log elsewhere would pass for it, and lose its records. */
  #mayBeMade(logs: LogManager, topic: string, partition: number, directoryId: Uuid): boolean {
    if (isReservedDirectory(directoryId) || isOnline(logs, directoryId)) return true;
    this.#logger.warn(
      `Partition ${topic}-${partition} is not served: it lies in the folder with the id ${directoryId}, which is offline or not in log.dirs`,
    );
    return false;
  }

  #makeLogs(logs: LogManager, missing: readonly Missing[]): Promise<void> {
    return logs.createAll(missing, (partition, error) => {
      this.#logger.warn(`Partition ${partition.topic}-${partition.partition} is not served yet: ${error.message}`);
      this.#notMade.push(partition);
      this.#retryLater(logs);
    });
  }

  /** Where the disk had no room for a log, there may be some again. */
  #retryLater(logs: LogManager): void {
    this.#retry ??= this.#timers.after(RETRY_MS, () => {
      this.#retry = null;
      const missing = this.#notMade.splice(0).flatMap(({ topicId, partition }) => {
        const topic = this.#metadata.image.topicById(topicId);
        return topic === undefined ? [] : this.#keepPartitions(logs, topic, [partition], true);
      });
      return this.#makeLogs(logs, missing);
    });
  }
}

/** How long after a log could not be made it is tried again. */
const RETRY_MS = 5_000;

function isOnline(logs: LogManager, directoryId: Uuid): boolean {
  return logs.directories().some(({ id, isOffline }) => id === directoryId && !isOffline);
}
