/**
 * The topics in which coordinators keep their state. Clients may read them and not write them.
 *
 * @module
 */

/** Groups and their committed offsets. */
export const CONSUMER_OFFSETS_TOPIC = "__consumer_offsets";
/** Transactions (KIP-98). */
export const TRANSACTION_STATE_TOPIC = "__transaction_state";
/** What share groups have delivered (KIP-932). */
export const SHARE_GROUP_STATE_TOPIC = "__share_group_state";

/** True for a topic that a coordinator keeps its state in. */
export function isInternalTopic(name: string): boolean {
  return name === CONSUMER_OFFSETS_TOPIC || name === TRANSACTION_STATE_TOPIC || name === SHARE_GROUP_STATE_TOPIC;
}
