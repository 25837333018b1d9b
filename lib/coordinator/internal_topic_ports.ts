/**
 * What a coordinator's runtime needs, made of the parts of the broker: the logs of its topic, and the topic itself.
 *
 * @module
 */
import type { LogManager } from "../log/mod.ts";
import type { BrokerSettings } from "../metadata/configs/settings.ts";
import type { Metadata } from "../metadata/mod.ts";
import type { Clock, Compressor, Logger, Timers } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { internalTopicLayout } from "./internal_topics.ts";
import type { RuntimePorts } from "./runtime.ts";

/** The parts of the broker that every coordinator works with. */
export interface InternalTopicParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly compressor: Compressor;
  readonly logger: Logger;
  readonly metadata: Metadata;
  readonly logs: LogManager;
  /** The settings in force. */
  readonly settings: () => BrokerSettings;
}

/** All that the runtime needs but how its records are compressed. */
export function internalTopicPorts(parts: InternalTopicParts): Omit<RuntimePorts, "compressionType"> {
  const { metadata, logs } = parts;
  return {
    ...parts,
    partitionCount: (topic) => metadata.image.topicByName(topic)?.partitions.size ?? 0,
    log: (topic, partition) => logs.get(topic, partition),
    createTopic: (topic) => createTopic(topic, parts),
  };
}

async function createTopic(name: string, { metadata, settings, logger }: InternalTopicParts): Promise<ErrorCode> {
  const topic = { name, assignments: [], ...internalTopicLayout(name, settings())! };
  const [{ errorCode, errorMessage }] = await metadata.createTopics({ topics: [topic], validateOnly: false });
  if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) return ErrorCode.NONE;
  logger.warn(`Coordinators cannot keep their state: the topic ${name} cannot be created: ${errorMessage}`);
  return errorCode;
}
