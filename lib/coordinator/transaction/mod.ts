/**
 * Transactions: who may write under a transactional id, what is written together, and how that ends.
 *
 * In: requests of transactional producers. Out: answers, when they are due and what they tell is committed; records of
 * `__transaction_state` as Apache Kafka writes them; markers in all partitions of a transaction that has ended. The
 * functions that decide are synchronous and see no clock and no log: a state, a turn and a request come in; records and
 * answers go out. `transaction_metadata.ts` has the table of the states, `completion.ts` the way to the last one.
 *
 * @module
 */
export {
  type InitTransactionalProducer,
  type Joining,
  TransactionCoordinator,
  type TransactionCoordinatorPorts,
} from "./transaction_coordinator.ts";
export type { TransactionalProducer } from "./partitions.ts";
export { TRANSACTION_VERSION_2 } from "./transaction_metadata.ts";
export { type TransactionFilter, unknownStates } from "./administration.ts";
