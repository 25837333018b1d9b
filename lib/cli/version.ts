/**
 * The verb `version`.
 *
 * @module
 */
import { KAFKA_VERSION, VERSION } from "../version.ts";
import type { Program } from "./program.ts";

/** Says which Barnabas this is, whose protocol it speaks, and what runs it. */
export function versionLine({ runtime }: Program): string {
  return `barnabas ${VERSION} (for Apache Kafka ${KAFKA_VERSION}, ${runtime})`;
}
