/**
 * Giving out producer ids in blocks (KIP-730), so that a broker asks the log once in a thousand producers.
 *
 * @module
 */
import type { MetadataImage } from "../image/image.ts";
import { metadataRecord } from "../record.ts";
import type { Decision } from "./decision.ts";

/** How many ids a block has. */
export const PRODUCER_ID_BLOCK_SIZE = 1000;

/** Ids that nobody else gets. */
export interface ProducerIdBlock {
  readonly firstProducerId: bigint;
  readonly size: number;
}

/** Decides on the next block for a broker of that registration. */
export function allocateProducerIds(
  image: MetadataImage,
  broker: { readonly brokerId: number; readonly brokerEpoch: bigint },
): Decision<ProducerIdBlock> {
  const firstProducerId = image.nextProducerId;
  const nextProducerId = firstProducerId + BigInt(PRODUCER_ID_BLOCK_SIZE);
  return {
    records: [metadataRecord("ProducerIdsRecord", { ...broker, nextProducerId })],
    result: { firstProducerId, size: PRODUCER_ID_BLOCK_SIZE },
  };
}
