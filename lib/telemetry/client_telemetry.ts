/**
 * Decides on the requests of clients that push their metrics (KIP-714).
 *
 * A client asks what is wanted of it (GetTelemetrySubscriptions), and pushes that (PushTelemetry) in an interval. What it is
 * asked for has a number, which changes when the subscriptions do; a push under another number is refused, so that the
 * client asks anew.
 *
 * | instance | event                                                          | next     |
 * | -------- | -------------------------------------------------------------- | -------- |
 * | none     | it asks, or pushes                                             | known    |
 * | known    | the subscriptions have changed, and it asks or pushes          | anew     |
 * | known    | it pushes for the last time (`terminating`)                    | ended: what it pushes is refused |
 * | any      | its connection ends, it is silent for three intervals, or too many others are there | none |
 *
 * @module
 */
import type { ClientConnection } from "../api/context.ts";
import { DecodeError, METADATA_TOPIC_ID, type Uuid, ZERO_UUID } from "../bytes/mod.ts";
import { ConfigResourceType, type Metadata } from "../metadata/mod.ts";
import { randomUuid } from "../metadata/random_uuid.ts";
import type { BrokerSettings } from "../metadata/configs/settings.ts";
import { type Clock, CompressionError, type Compressor, type Logger, type Random } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { PushTelemetryRequest } from "../protocol/messages/push_telemetry.ts";
import { COMPRESSION_TYPES } from "../records/mod.ts";
import { ClientSeries } from "./client_series.ts";
import { readMetrics } from "./otlp.ts";
import { assign, type Assignment, readSubscriptions, subscriptionId } from "./subscriptions.ts";

/** What of the broker is needed. */
export interface TelemetryPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly compressor: Compressor;
  readonly logger: Logger;
  readonly metadata: Metadata;
  /** The settings in force. */
  readonly settings: () => BrokerSettings;
}

/** Who asks. */
export interface TelemetryClient {
  readonly connection: ClientConnection;
  readonly clientId: string | null;
}

/** What a client is told to push. */
export interface TelemetrySubscription extends Assignment {
  readonly clientInstanceId: Uuid;
  readonly subscriptionId: number;
  /** By their numbers on the wire, the preferred one first. */
  readonly acceptedCompressionTypes: readonly number[];
  readonly telemetryMaxBytes: number;
}

/** The most instances that are known at a time, as in Apache Kafka. */
const MAX_INSTANCES = 16_384;
/** An instance is known for at least so long after it was heard of. */
const LEAST_EXPIRY_MS = 60_000;
/** An instance, and what it said last, is forgotten when it is silent for so many intervals. */
const INTERVALS_TO_EXPIRY = 3;
/** A push may be so many times larger than `telemetry.max.bytes` when it is decompressed. */
const MAX_EXPANSION = 4;
/** The most numbers that are taken of one push. */
const MAX_POINTS = 10_000;
const PREFERRED_COMPRESSION = ["zstd", "lz4", "gzip", "snappy"] as const;
/** After these a client asks what is wanted of it before it pushes again. */
const MUST_ASK_ANEW: ReadonlySet<ErrorCode> = new Set([
  ErrorCode.UNKNOWN_SUBSCRIPTION_ID,
  ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
]);
/** Ids that no client can have. */
const RESERVED_IDS: ReadonlySet<Uuid> = new Set([ZERO_UUID, METADATA_TOPIC_ID]);

interface Instance extends Assignment {
  readonly subscriptionId: number;
  /** That of the subscriptions from which the assignment is made. */
  readonly version: number;
  lastAskedMs: number;
  lastPushedMs: number;
  /** Since its last push. */
  hasAsked: boolean;
  isTerminating: boolean;
  /** Of its last push. */
  lastError: ErrorCode;
  expiresAtMs: number;
}

export class ClientTelemetry {
  /** What clients said last. */
  readonly series = new ClientSeries();
  readonly #ports: TelemetryPorts;
  /** The one that was heard of last comes last. */
  readonly #instances = new Map<Uuid, Instance>();
  readonly #instanceOf = new WeakMap<ClientConnection, Uuid>();
  #subscriptions: ReturnType<typeof readSubscriptions> | null = null;
  #version = 1;
  readonly #watch: { stop(): void };

  constructor(ports: TelemetryPorts) {
    this.#ports = ports;
    this.#watch = ports.metadata.watch(({ changedConfigs }) => {
      if (!changedConfigs.some(({ resourceType }) => resourceType === ConfigResourceType.CLIENT_METRICS)) return;
      this.#subscriptions = null;
      this.#version++;
    });
  }

  /** Whether anybody can see what clients push: else they are not told that they could. */
  get isWatched(): boolean {
    return this.#ports.settings().metricsListener !== null;
  }

  /** The instances that are known. */
  get instanceCount(): number {
    return this.#instances.size;
  }

  close(): void {
    this.#watch.stop();
  }

  /**
   * Tells a client what is wanted of it. Error: THROTTLING_QUOTA_EXCEEDED where it asks again before its interval is over.
   *
   * @param knownAs the client's id; zero where it has none yet, and is given one
   */
  subscribe(knownAs: Uuid, client: TelemetryClient): TelemetrySubscription | ErrorCode {
    const { clock, compressor, settings, random } = this.#ports;
    const clientInstanceId = knownAs === ZERO_UUID ? randomUuid(random) : knownAs;
    const instance = this.#instance(clientInstanceId, client);
    const nowMs = clock.now();
    const isDue = nowMs - Math.max(instance.lastAskedMs, instance.lastPushedMs) >= instance.pushIntervalMs;
    // Who was told that it must ask anew may do so at once.
    if (!isDue && !MUST_ASK_ANEW.has(instance.lastError)) return ErrorCode.THROTTLING_QUOTA_EXCEEDED;
    instance.lastError = ErrorCode.NONE;
    instance.lastAskedMs = nowMs;
    instance.hasAsked = true;
    return {
      clientInstanceId,
      metrics: instance.metrics,
      pushIntervalMs: instance.pushIntervalMs,
      subscriptionId: instance.subscriptionId,
      acceptedCompressionTypes: PREFERRED_COMPRESSION.filter((name) => compressor.supports(name))
        .map((name) => COMPRESSION_TYPES.indexOf(name)),
      telemetryMaxBytes: settings().get("telemetry.max.bytes"),
    };
  }

  /**
   * Takes what a client pushes. Errors: INVALID_REQUEST, THROTTLING_QUOTA_EXCEEDED, UNKNOWN_SUBSCRIPTION_ID,
   * UNSUPPORTED_COMPRESSION_TYPE, TELEMETRY_TOO_LARGE, INVALID_RECORD.
   */
  push(request: PushTelemetryRequest, client: TelemetryClient): ErrorCode {
    if (RESERVED_IDS.has(request.clientInstanceId)) return ErrorCode.INVALID_REQUEST;
    const instance = this.#instance(request.clientInstanceId, client);
    const errorCode = this.#refusal(request, instance);
    instance.isTerminating = request.terminating;
    instance.lastError = errorCode;
    if (errorCode !== ErrorCode.NONE || request.metrics.length === 0 || !this.isWatched) return errorCode;
    return this.#take(request, instance, client);
  }

  #refusal(request: PushTelemetryRequest, instance: Instance): ErrorCode {
    const nowMs = this.#ports.clock.now();
    if (instance.isTerminating) return ErrorCode.INVALID_REQUEST;
    // A client waits for a random part of the interval before its first push, which may be short.
    const isDue = instance.hasAsked || nowMs - instance.lastPushedMs >= instance.pushIntervalMs;
    if (isDue) {
      instance.lastPushedMs = nowMs;
      instance.hasAsked = false;
    } else if (!request.terminating) return ErrorCode.THROTTLING_QUOTA_EXCEEDED;
    if (request.subscriptionId !== instance.subscriptionId) return ErrorCode.UNKNOWN_SUBSCRIPTION_ID;
    if (COMPRESSION_TYPES[request.compressionType] === undefined) return ErrorCode.UNSUPPORTED_COMPRESSION_TYPE;
    return request.metrics.length > this.#ports.settings().get("telemetry.max.bytes")
      ? ErrorCode.TELEMETRY_TOO_LARGE
      : ErrorCode.NONE;
  }

  #take(request: PushTelemetryRequest, instance: Instance, { connection, clientId }: TelemetryClient): ErrorCode {
    const { clientInstanceId } = request;
    const { clientSoftware } = connection;
    try {
      const pushed = readMetrics(this.#decompressed(request), MAX_POINTS);
      this.series.record({ clientInstanceId, clientId, clientSoftware }, pushed, instance.expiresAtMs);
      return ErrorCode.NONE;
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof CompressionError)) throw error;
      this.#ports.logger.warn(
        `The metrics that the client ${JSON.stringify(clientId)} has pushed from ${connection.remote.host} cannot be ` +
          `read: ${error.message}`,
      );
      return ErrorCode.INVALID_RECORD;
    }
  }

  #decompressed({ compressionType, metrics }: PushTelemetryRequest): Uint8Array {
    const name = COMPRESSION_TYPES[compressionType];
    if (name === "none") return metrics;
    const maxBytes = MAX_EXPANSION * this.#ports.settings().get("telemetry.max.bytes");
    return this.#ports.compressor.decompress(name, metrics, maxBytes);
  }

  /** What is known of an instance, by the subscriptions as they are now. */
  #instance(clientInstanceId: Uuid, client: TelemetryClient): Instance {
    const nowMs = this.#ports.clock.now();
    const before = this.#instances.get(clientInstanceId);
    const isSound = before !== undefined && before.version === this.#version && before.expiresAtMs > nowMs;
    const instance = isSound ? before : this.#newInstance(clientInstanceId, client);
    instance.expiresAtMs = nowMs + Math.max(LEAST_EXPIRY_MS, INTERVALS_TO_EXPIRY * instance.pushIntervalMs);
    this.#instances.delete(clientInstanceId);
    this.#instances.set(clientInstanceId, instance);
    this.#forgetOldest(nowMs);
    this.#forgetAfter(client.connection, clientInstanceId);
    return instance;
  }

  #newInstance(clientInstanceId: Uuid, { connection, clientId }: TelemetryClient): Instance {
    const { clientSoftware, remote } = connection;
    this.#subscriptions ??= readSubscriptions(
      this.#ports.metadata.image,
      (line) => this.#ports.logger.warn(line),
    );
    const assignment = assign(this.#subscriptions, {
      client_instance_id: clientInstanceId,
      client_id: clientId,
      client_software_name: clientSoftware?.name ?? null,
      client_software_version: clientSoftware?.version ?? null,
      client_source_address: remote.host,
      client_source_port: String(remote.port),
    });
    return {
      ...assignment,
      subscriptionId: subscriptionId(assignment, clientInstanceId),
      version: this.#version,
      lastAskedMs: 0,
      lastPushedMs: 0,
      hasAsked: false,
      isTerminating: false,
      lastError: ErrorCode.NONE,
      expiresAtMs: 0,
    };
  }

  #forgetOldest(nowMs: number): void {
    for (const [clientInstanceId, { expiresAtMs }] of this.#instances) {
      if (this.#instances.size <= MAX_INSTANCES && expiresAtMs > nowMs) return;
      this.#instances.delete(clientInstanceId);
    }
  }

  /** When the connection ends, the instance that was heard of last on it is forgotten; what it has said is not yet. */
  #forgetAfter(connection: ClientConnection, clientInstanceId: Uuid): void {
    if (!this.#instanceOf.has(connection)) {
      connection.onClosed(() => this.#instances.delete(this.#instanceOf.get(connection)!));
    }
    this.#instanceOf.set(connection, clientInstanceId);
  }
}
