/**
 * What a record of a share partition can be, and what a consumer can say of it (KIP-932).
 *
 * @module
 */

/** The states of a record that a share group has seen, by their numbers in `__share_group_state`. */
export const RecordState = {
  /** May be given to a member. */
  AVAILABLE: 0,
  /** A member has it, until its lock expires. */
  ACQUIRED: 1,
  /** Processed: never delivered again. */
  ACKNOWLEDGED: 2,
  /** Given up: rejected, delivered too often, or gone from the log. Never delivered again. */
  ARCHIVED: 4,
} as const;
export type RecordState = typeof RecordState[keyof typeof RecordState];

/** True for a state that a record does not leave. */
export function isTerminal(state: RecordState): boolean {
  return state === RecordState.ACKNOWLEDGED || state === RecordState.ARCHIVED;
}

/** The state with that number; null where there is none. */
export function recordStateOf(deliveryState: number): RecordState | null {
  return Object.values(RecordState).find((state) => state === deliveryState) ?? null;
}

/** What a member says of a record that it has acquired. */
export const AcknowledgeType = {
  /** The offset holds no record that a consumer sees: compacted away, or a control record. */
  GAP: 0,
  ACCEPT: 1,
  RELEASE: 2,
  REJECT: 3,
  /** The member needs more time: its lock begins anew (KIP-1222). */
  RENEW: 4,
} as const;
export type AcknowledgeType = typeof AcknowledgeType[keyof typeof AcknowledgeType];

/** True for a number that is an {@linkcode AcknowledgeType}. */
export function isAcknowledgeType(type: number): type is AcknowledgeType {
  return type >= AcknowledgeType.GAP && type <= AcknowledgeType.RENEW;
}
