/**
 * The broker configs of transactions.
 *
 * @module
 */
import { atLeast } from "./check.ts";
import { boolean, defineConfigs, ignored, int, short } from "./definition.ts";

/** Configs of the transaction coordinator. */
export const BROKER_TRANSACTION_CONFIGS = defineConfigs({
  "transaction.max.timeout.ms": int(900000, atLeast(1)).readOnly(
    "The longest timeout of a transaction that a producer may ask for, in milliseconds.",
  ),
  "transactional.id.expiration.ms": int(604_800_000, atLeast(1)).readOnly(
    "After how many milliseconds without a transaction a transactional id is forgotten.",
  ),
  "transaction.abort.timed.out.transaction.cleanup.interval.ms": int(10000, atLeast(1)).readOnly(
    "How often transactions are searched for those that have timed out, in milliseconds.",
  ),
  "transaction.remove.expired.transaction.cleanup.interval.ms": int(3_600_000, atLeast(1)).readOnly(
    "How often transactional ids are searched for those to forget, in milliseconds.",
  ),
  "transaction.partition.verification.enable": boolean(true).clusterWide(
    "Whether a produced batch must belong to a transaction that its coordinator knows (KIP-890).",
  ),
  "transaction.two.phase.commit.enable": boolean(false).readOnly(
    "Whether producers may take part in a two-phase commit (KIP-939).",
  ),
  "transaction.state.log.num.partitions": int(50, atLeast(1)).readOnly(
    "How many partitions the topic of transactions gets when it is made.",
  ),
  "transaction.state.log.segment.bytes": int(104_857_600, atLeast(1)).readOnly(
    "The size in bytes of the segments of the topic of transactions.",
  ),
  ...ignored("A single broker keeps one copy of everything.", {
    "transaction.state.log.replication.factor": short(3, atLeast(1)),
    "transaction.state.log.min.isr": int(2, atLeast(1)),
  }),
  ...ignored(
    "The coordinator and the partitions of a transaction live in one process, with nothing to load in parts and nothing to try again.",
    {
      "transaction.state.log.load.buffer.size": int(5_242_880, atLeast(1)),
      "add.partitions.to.txn.retry.backoff.ms": int(20, atLeast(1)),
      "add.partitions.to.txn.retry.backoff.max.ms": int(100, atLeast(0)),
    },
  ),
});
