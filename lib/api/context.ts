/**
 * What a handler sees beside its request.
 *
 * @module
 */
import type { ApiEntry } from "./api.ts";
import type { DelegationTokens } from "../broker/delegation_tokens.ts";
import type { FetchSessions } from "../broker/fetch_sessions.ts";
import type { GroupCoordinator, TransactionCoordinator } from "../coordinator/mod.ts";
import type { Loggers } from "../logging/mod.ts";
import type { LogManager } from "../log/mod.ts";
import type { BrokerSettings } from "../metadata/configs/settings.ts";
import type { Metadata } from "../metadata/mod.ts";
import type { Address, Clock, Hashes, Logger, Observer, Timers } from "../ports.ts";
import type { QuotaManagers, RequestThrottle } from "../quotas/mod.ts";
import type { KafkaPrincipal, StandardAuthorizer } from "../security/mod.ts";
import type { ProducerIds } from "../broker/producer_ids.ts";
import type { ShareCoordinator } from "../coordinator/share/mod.ts";
import type { ClientTelemetry } from "../telemetry/mod.ts";
import type { SharePartitionManager } from "../share/mod.ts";

/** The parts of the broker that handlers use. */
export interface BrokerServices {
  /** All APIs that are served. */
  readonly apis: readonly ApiEntry[];
  readonly settings: BrokerSettings;
  readonly metadata: Metadata;
  readonly logs: LogManager;
  readonly fetchSessions: FetchSessions;
  readonly producerIds: ProducerIds;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly shareCoordinator: ShareCoordinator;
  readonly sharePartitions: SharePartitionManager;
  readonly delegationTokens: DelegationTokens;
  readonly clientTelemetry: ClientTelemetry;
  readonly hashes: Hashes;
  /** Null where everybody may do everything. */
  readonly authorizer: StandardAuthorizer | null;
  readonly quotas: QuotaManagers;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly loggers: Loggers;
  /** Told who was refused what. */
  readonly auditLogger: Logger;
  /** Told of each request. */
  readonly requestLogger: Logger;
  readonly observer?: Observer;
  /** Ends the process loudly: an invariant is broken. */
  readonly fatal: (error: unknown) => void;
}

/** The memory that the answers to all clients share. Who makes a large one takes it first. */
export interface AnswerMemory {
  /** How many bytes are free: the fewer, the more answers there are that clients do not read. */
  readonly bytesLeft: number;
  take(bytes: number): void;
  release(bytes: number): void;
}

/** The connection that a request came by. */
export interface ClientConnection {
  readonly listenerName: string;
  /** Who the client is. */
  readonly principal: KafkaPrincipal;
  /** The address that the client connected to. */
  readonly local: Address;
  readonly remote: Address;
  /** What the client calls itself (KIP-511); null before it has. */
  clientSoftware: { name: string; version: string } | null;
  readonly answerMemory: AnswerMemory;
  /** Ends the connection at once. */
  close(): void;
  /** Calls `listener` when the connection ends, until `stop` is called. */
  onClosed(listener: () => void): { stop(): void };
}

/** One request's surroundings. The services are its prototype: whoever spreads it loses them. */
export interface RequestContext extends BrokerServices {
  readonly connection: ClientConnection;
  /** Measures what the request uses of the quotas of its client; null where nobody is bound by any. */
  readonly throttle: RequestThrottle | null;
  readonly header: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly correlationId: number;
    readonly clientId: string | null;
  };
}
