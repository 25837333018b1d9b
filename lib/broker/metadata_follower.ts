/**
 * Keeps the broker what the metadata says: a log for each partition of this broker, in its leader epoch and with its topic's configuration,
 * none for a deleted one; and settings with what was changed while the broker runs (KIP-226). It follows every change before the request that
 * made it is answered, so that a topic that was created can be written at once.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import type { LogConfig, LogManager, PartitionLog } from "../log/mod.ts";
import { BrokerSettings, logConfigFor } from "../metadata/configs/mod.ts";
import {
  ConfigResourceType,
  isReservedDirectory,
  type Metadata,
  type MetadataChange,
  NO_LEADER,
  type TopicImage,
} from "../metadata/mod.ts";
import { DiskError, type Logger, type Timer, type Timers } from "../ports.ts";

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
  readonly #notMade: { readonly topicId: Uuid; readonly partition: number }[] = [];
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
    for (const topic of image.topics()) this.#keepTopic(logs, topic, false);
    this.#watch = this.#metadata.watch((change) => this.#follow(logs, change));
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
    for (const topic of change.createdTopics) this.#keepTopic(logs, topic, true);
    for (const { topic, partition } of change.changedPartitions) this.#keepPartition(logs, topic, partition, true);
    await Promise.all(deletions);
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

  #keepTopic(logs: LogManager, topic: TopicImage, isNew: boolean): void {
    for (const partition of topic.partitions.keys()) this.#keepPartition(logs, topic, partition, isNew);
  }

  #keepPartition(logs: LogManager, topic: TopicImage, index: number, isNew: boolean): void {
    const { replicas, directories, leader, leaderEpoch } = topic.partitions.get(index)!;
    const replica = replicas.indexOf(this.#metadata.nodeId);
    if (replica === -1) return;
    const log = logs.get(topic.name, index);
    if (log === undefined) this.#makeLog(logs, topic, index, directories[replica], isNew);
    else if (leader !== NO_LEADER && log.leaderEpoch !== leaderEpoch) log.beginLeaderEpoch(leaderEpoch);
  }

  /** A partition from an earlier run is made anew only in its own folder: an empty log elsewhere would pass for it, and lose its records. */
  #makeLog(logs: LogManager, topic: TopicImage, index: number, directoryId: Uuid, isNew: boolean): void {
    const { name, id, partitions } = topic;
    if (!isNew && !isReservedDirectory(directoryId) && !isOnline(logs, directoryId)) {
      this.#logger.warn(
        `Partition ${name}-${index} is not served: it lies in the folder with the id ${directoryId}, which is offline or not in log.dirs`,
      );
      return;
    }
    const config = this.logConfigFor(name);
    try {
      const { leaderEpoch } = partitions.get(index)!;
      logs.create({ topic: name, partition: index }, { topicId: id, config, leaderEpoch, directoryId });
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#logger.warn(`Partition ${name}-${index} is not served yet: ${error.message}`);
      this.#notMade.push({ topicId: id, partition: index });
      this.#retryLater(logs);
    }
  }

  /** Where the disk had no room for a log, there may be some again. */
  #retryLater(logs: LogManager): void {
    this.#retry ??= this.#timers.after(RETRY_MS, () => {
      this.#retry = null;
      const notMade = this.#notMade.splice(0);
      for (const { topicId, partition } of notMade) {
        const topic = this.#metadata.image.topicById(topicId);
        if (topic !== undefined) this.#keepPartition(logs, topic, partition, true);
      }
    });
  }
}

/** How long after a log could not be made it is tried again. */
const RETRY_MS = 5_000;

function isOnline(logs: LogManager, directoryId: Uuid): boolean {
  return logs.directories().some(({ id, isOffline }) => id === directoryId && !isOffline);
}
