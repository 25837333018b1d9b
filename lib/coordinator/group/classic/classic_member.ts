/**
 * A member of a classic group.
 *
 * @module
 */
import type { JoinGroupRequest, JoinGroupResponse } from "../../../protocol/messages/join_group.ts";
import type { SyncGroupResponse } from "../../../protocol/messages/sync_group.ts";
import type { Init } from "../../../protocol/schema.ts";
import type { Reply } from "../../turn.ts";

/** The answer to a JoinGroup. */
export type JoinAnswer = Init<JoinGroupResponse>;
/** The answer to a SyncGroup. */
export type SyncAnswer = Init<SyncGroupResponse>;

/** A way of assigning that a member supports, and what it tells the leader for it. */
export type MemberProtocol = JoinGroupRequest["protocols"][number];

/** What a member says of itself when it joins. */
export interface MemberInit {
  readonly memberId: string;
  /** Of a static member (KIP-345); null for a dynamic one. */
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** In the order of preference. */
  readonly protocols: readonly MemberProtocol[];
}

export const NO_ASSIGNMENT = new Uint8Array(0);

export class ClassicMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: readonly MemberProtocol[];
  assignment: Uint8Array = NO_ASSIGNMENT;
  /** Who waits for the next generation to begin. */
  awaitingJoin: Reply<JoinAnswer> | null = null;
  /** Who waits for the leader's assignment. */
  awaitingSync: Reply<SyncAnswer> | null = null;
  /**
   * True until its first generation has begun. Only then may it expire while it waits: it cannot send heartbeats
   * yet.
   */
  isNew = false;

  constructor(init: MemberInit) {
    this.memberId = init.memberId;
    this.groupInstanceId = init.groupInstanceId;
    this.clientId = init.clientId;
    this.clientHost = init.clientHost;
    this.sessionTimeoutMs = init.sessionTimeoutMs;
    this.rebalanceTimeoutMs = init.rebalanceTimeoutMs;
    this.protocols = init.protocols;
  }

  /** True while the coordinator owes it an answer, so that it need not send heartbeats. */
  get isWaiting(): boolean {
    return !this.isNew && (this.awaitingJoin !== null || this.awaitingSync !== null);
  }

  /** What it tells the leader for a protocol. */
  metadataFor(protocolName: string): Uint8Array {
    return this.protocols.find(({ name }) => name === protocolName)?.metadata ?? NO_ASSIGNMENT;
  }

  supports(protocolName: string): boolean {
    return this.protocols.some(({ name }) => name === protocolName);
  }

  /** Whether it joins again with the very same protocols. */
  matches(protocols: readonly MemberProtocol[]): boolean {
    return protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, index) => {
        const own = this.protocols[index];
        return name === own.name && isSame(metadata, own.metadata);
      });
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
