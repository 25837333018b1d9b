/**
 * The settings of the broker, and the feature of the cluster, that transactions obey.
 *
 * @module
 */
import type { BrokerSettings } from "../../metadata/configs/settings.ts";
import type { MetadataImage } from "../../metadata/mod.ts";

export interface TransactionSettings {
  /** The finalized level of the feature `transaction.version`. */
  readonly transactionVersion: number;
  /** The longest time-out that a producer may ask for. */
  readonly maxTimeoutMs: number;
  readonly isTwoPhaseCommitEnabled: boolean;
  readonly transactionalIdExpirationMs: number;
  readonly abortTimedOutIntervalMs: number;
  readonly removeExpiredIntervalMs: number;
}

export function transactionSettings(settings: BrokerSettings, image: MetadataImage): TransactionSettings {
  return {
    transactionVersion: image.features.get("transaction.version") ?? 0,
    maxTimeoutMs: settings.get("transaction.max.timeout.ms"),
    isTwoPhaseCommitEnabled: settings.get("transaction.two.phase.commit.enable"),
    transactionalIdExpirationMs: settings.get("transactional.id.expiration.ms"),
    abortTimedOutIntervalMs: settings.get("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
    removeExpiredIntervalMs: settings.get("transaction.remove.expired.transaction.cleanup.interval.ms"),
  };
}
