/**
 * Makes the topic that a coordinator keeps its state in.
 *
 * @module
 */
import type { BrokerSettings } from "../metadata/configs/settings.ts";
import type { Metadata } from "../metadata/mod.ts";
import type { Logger } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { internalTopicLayout } from "./internal_topics.ts";

/** Creates an internal topic; resolves to NONE also where it is there by then, else to the error that is in the way. */
export async function createInternalTopic(
  name: string,
  { metadata, settings, logger }: {
    readonly metadata: Metadata;
    readonly settings: () => BrokerSettings;
    readonly logger: Logger;
  },
): Promise<ErrorCode> {
  const topic = { name, assignments: [], ...internalTopicLayout(name, settings())! };
  const [{ errorCode, errorMessage }] = await metadata.createTopics({ topics: [topic], validateOnly: false });
  if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) return ErrorCode.NONE;
  logger.warn(`The topic ${name}, which a coordinator needs, cannot be created: ${errorMessage}`);
  return errorCode;
}
