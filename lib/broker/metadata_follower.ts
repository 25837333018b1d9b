/**
 * Keeps the broker what the metadata says: a log for each partition of this broker, in its leader epoch and with its topic's configuration,
 * none for a deleted one; and settings with what was changed while the broker runs (KIP-226). It follows every change before the request that
 * made it is answered, so that a topic that was created can be written at once.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import type { LogConfig, LogManager } from "../log/mod.ts";
import { BrokerSettings, logConfigFor } from "../metadata/configs/mod.ts";
import {
  ConfigResourceType,
  isReservedDirectory,
  type Metadata,
  type MetadataChange,
  NO_LEADER,
  type TopicImage,
} from "../metadata/mod.ts";
import type { Logger } from "../ports.ts";

/** The resource name of what is set for all brokers. */
const ALL_BROKERS = "";

export class MetadataFollower {
  readonly #metadata: Metadata;
  readonly #logger: Logger;
  readonly #onSettings: (settings: BrokerSettings) => void;
  #settings: BrokerSettings;
  #watch: { stop(): void } | null = null;

  /** @param onSettings told of the settings in force: at once, and whenever they have changed */
  constructor(
    metadata: Metadata,
    settings: BrokerSettings,
    logger: Logger,
    onSettings: (settings: BrokerSettings) => void,
  ) {
    this.#metadata = metadata;
    this.#logger = logger;
    this.#onSettings = onSettings;
    this.#settings = this.#withDynamic(settings);
    onSettings(this.#settings);
  }

  /** What the log of a topic's partitions obeys. */
  logConfigFor(topic: string): LogConfig {
    return logConfigFor(this.#metadata.image.configs(ConfigResourceType.TOPIC, topic), this.#settings);
  }

  /** Brings the logs to what the metadata says now, and follows from then on. */
  async start(logs: LogManager): Promise<void> {
    const { image } = this.#metadata;
    for (const log of [...logs.all()]) {
      const { topic, partition } = log.topicPartition;
      const known = image.topicByName(topic);
      if (known === undefined || known.id !== log.topicId || !known.partitions.has(partition)) {
        await logs.setAside(log.topicPartition);
      }
    }
    for (const topic of image.topics()) this.#keepTopic(logs, topic);
    this.#watch = this.#metadata.watch((change) => this.#follow(logs, change));
  }

  stop(): void {
    this.#watch?.stop();
  }

  async #follow(logs: LogManager, change: MetadataChange): Promise<void> {
    const deletions = change.deletedTopics.flatMap(({ name, partitions }) =>
      Array.from(partitions.keys(), (partition) => logs.delete({ topic: name, partition }))
    );
    this.#followConfigs(logs, change);
    for (const topic of change.createdTopics) this.#keepTopic(logs, topic);
    for (const { topic, partition } of change.changedPartitions) this.#keepPartition(logs, topic, partition);
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

  /** True for the id of a folder that is none of ours: an empty log in another one would pass for the partition, and lose its records. */
  #isLost(directoryId: Uuid | undefined): boolean {
    return directoryId !== undefined && !isReservedDirectory(directoryId) &&
      !this.#metadata.directoryIds.includes(directoryId);
  }

  #keepTopic(logs: LogManager, topic: TopicImage): void {
    for (const partition of topic.partitions.keys()) this.#keepPartition(logs, topic, partition);
  }

  #keepPartition(logs: LogManager, { name, id, partitions }: TopicImage, index: number): void {
    const { replicas, directories, leader, leaderEpoch } = partitions.get(index)!;
    const replica = replicas.indexOf(this.#metadata.nodeId);
    if (replica === -1) return;
    const log = logs.get(name, index);
    if (log === undefined) {
      if (this.#isLost(directories[replica])) {
        this.#logger.warn(
          `Partition ${name}-${index} is not served: it lies in the folder with the id ${
            directories[replica]
          }, which is not in log.dirs`,
        );
        return;
      }
      logs.create({ topic: name, partition: index }, {
        topicId: id,
        config: this.logConfigFor(name),
        leaderEpoch,
        directoryId: directories[replica],
      });
    } else if (leader !== NO_LEADER && log.leaderEpoch !== leaderEpoch) {
      log.beginLeaderEpoch(leaderEpoch);
    }
  }
}
