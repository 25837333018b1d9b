/**
 * The wiring: settings and a world behind ports in, a serving broker out.
 *
 * Start: metadata first, since it says which partitions there are; then the logs; then the listeners. Stop: the other way
 * round, so that nobody is answered by a half-closed broker, and what is closed last says that all was clean.
 *
 * @module
 */
import type { BrokerServices } from "../api/mod.ts";
import type { Uuid } from "../bytes/mod.ts";
import { REGISTRY } from "../api/registry.ts";
import { GroupCoordinator, TransactionCoordinator } from "../coordinator/mod.ts";
import type { Loggers } from "../logging/mod.ts";
import { lockLogDirectories, type LogDirectoryLocks, LogManager, type PartitionLog } from "../log/mod.ts";
import { ShareCoordinator } from "../coordinator/share/mod.ts";
import { configRules } from "../metadata/configs/mod.ts";
import type { BrokerSettings } from "../metadata/configs/settings.ts";
import { Metadata } from "../metadata/mod.ts";
import type {
  Address,
  Clock,
  Compressor,
  Disk,
  Hashes,
  Network,
  Observer,
  Random,
  Stopwatch,
  Timers,
  Transport,
  WebTokens,
} from "../ports.ts";
import { QuotaManagers } from "../quotas/mod.ts";
import { SECURITY_PROTOCOLS, StandardAuthorizer } from "../security/mod.ts";
import { type Admission, Connection } from "./connection.ts";
import { ConnectionThrottle } from "./connection_throttle.ts";
import { DelegationTokens } from "./delegation_tokens.ts";
import { FetchSessions } from "./fetch_sessions.ts";
import { type OpenListener, openListeners } from "./listeners.ts";
import { MetadataFollower } from "./metadata_follower.ts";
import { ProducerIds } from "./producer_ids.ts";
import { RequestMemory } from "./request_memory.ts";
import { ClientTelemetry } from "../telemetry/mod.ts";
import { SharePartitionManager } from "../share/mod.ts";

/** All of the world that a broker needs. */
export interface World {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly stopwatch: Stopwatch;
  readonly random: Random;
  readonly disk: Disk;
  readonly network: Network;
  readonly compressor: Compressor;
  readonly hashes: Hashes;
  readonly webTokens: WebTokens;
  readonly loggers: Loggers;
  /** Bytes of recent records that are kept in memory beside the disk: none are needed where the disk is memory. The logs' own default else. */
  readonly tailCacheBytes?: number;
  /** Told of what goes on, where somebody watches. */
  readonly observer?: Observer;
  /** Ends the process loudly: an invariant is broken. */
  readonly fatal: (error: unknown) => void;
}

/** A running broker. */
export class BrokerCore {
  readonly #world: World;
  readonly #services: BrokerServices;
  readonly #follower: MetadataFollower;
  readonly #memory: RequestMemory;
  readonly #throttle: ConnectionThrottle;
  readonly #listeners: readonly OpenListener[];
  readonly #connections = new Map<Connection, string>();
  readonly #connectionsByHost = new Map<string, number>();
  readonly #connectionsByListener = new Map<string, number>();
  /** Wakes the accept loops that wait until there are fewer connections. */
  #whenFewer: (() => void)[] = [];
  #closing: Promise<void> | null = null;

  private constructor(
    world: World,
    services: BrokerServices,
    follower: MetadataFollower,
    listeners: readonly OpenListener[],
  ) {
    this.#world = world;
    this.#services = services;
    this.#follower = follower;
    this.#listeners = listeners;
    this.#memory = new RequestMemory(services.settings.queuedMaxRequestBytes);
    this.#throttle = new ConnectionThrottle(services);
  }

  /**
   * Listens, opens the data folders, and serves as soon as the promise resolves. Clients that come earlier wait.
   *
   * @throws {Error} with one line for a person, where an address or a folder cannot be had; nothing stays open then
   */
  static async start(settings: BrokerSettings, world: World): Promise<BrokerCore> {
    const undo: (() => void | Promise<void>)[] = [];
    try {
      let current = settings;
      let broker: BrokerCore | null = null;
      const { loggers } = world;
      const network = {
        ...world,
        logger: loggers.of("kafka.network"),
        auditLogger: loggers.of("kafka.authorizer.logger"),
      };
      const listeners = await openListeners(() => current, network, (listener) => undo.push(() => listener.close()));
      const locks = lock(settings, world, undo);
      const metadata = await openMetadata(settings, () => current, world, listeners);
      undo.push(() => metadata.close());
      const server = { ...world, logger: loggers.of("kafka.server") };
      const follower = new MetadataFollower(metadata, settings, server, (changed) => {
        current = changed;
        if (broker !== null) broker.#applyLimits();
      });
      const onDirectoryOffline = (id: Uuid) => void metadata.loseDirectory(id).catch(world.fatal);
      const options = logOptions(() => current, metadata, follower);
      const onSync = world.observer && (() => world.observer!.syncBegan());
      const logs = await LogManager.open({
        ...world,
        logger: loggers.of("kafka.log"),
        cleanerLogger: loggers.of("kafka.log.cleaner"),
        ...options,
        locks,
        onDirectoryOffline,
        onSync,
      });
      await follower.start(logs);
      const parts = { ...world, metadata, logs, settings: () => current };
      const groups = new GroupCoordinator({ ...parts, logger: loggers.of("kafka.coordinator.group") });
      groups.start();
      const producerIds = new ProducerIds(() => metadata.allocateProducerIds());
      const transactions = new TransactionCoordinator({
        ...parts,
        logger: loggers.of("kafka.coordinator.transaction"),
        newProducerId: () => producerIds.next(),
        endTransactionOfGroups: (partition, marker) => groups.endTransaction(partition, marker),
      });
      transactions.start();
      const shareLogger = loggers.of("kafka.coordinator.share");
      const shareCoordinator = new ShareCoordinator({ ...parts, logger: shareLogger });
      shareCoordinator.start();
      const delegationTokens = new DelegationTokens({ ...server, metadata, settings });
      delegationTokens.start();
      const shareParts = { ...parts, logger: shareLogger, coordinator: shareCoordinator };
      const services: BrokerServices = {
        ...server,
        auditLogger: loggers.of("kafka.authorizer.logger"),
        requestLogger: loggers.of("kafka.request.logger"),
        apis: REGISTRY,
        get settings() {
          return current;
        },
        metadata,
        logs,
        fetchSessions: fetchSessionsOf(settings, world),
        authorizer: authorizerOf(() => current, metadata),
        quotas: quotasOf(settings, metadata, world),
        producerIds,
        groups,
        transactions,
        shareCoordinator,
        sharePartitions: new SharePartitionManager(shareParts),
        delegationTokens,
        clientTelemetry: new ClientTelemetry({ ...server, metadata, settings: () => current }),
      };
      broker = new BrokerCore(world, services, follower, listeners);
      for (const open of listeners) broker.#acceptAll(open).catch(world.fatal);
      return broker;
    } catch (error) {
      for (const step of undo.reverse()) await step();
      throw error;
    }
  }

  /** Where it listens, in the order of the settings. */
  get addresses(): readonly Address[] {
    return this.#listeners.map(({ listener }) => listener.address);
  }

  get services(): BrokerServices {
    return this.#services;
  }

  /** Connections open now. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Connections open now, by the name of their listener. */
  connectionsByListener(): Map<string, number> {
    return new Map(this.#listeners.map(({ name }) => [name, this.#connectionsByListener.get(name) ?? 0]));
  }

  /** Bytes of requests under way. */
  get requestBytes(): number {
    return this.#memory.takenBytes;
  }

  /** Stops cleanly: no new connections, the open ones ended, everything on disk. */
  close(): Promise<void> {
    return this.#closing ??= this.#stop();
  }

  async #stop(): Promise<void> {
    for (const { listener } of this.#listeners) listener.close();
    for (const wake of this.#whenFewer) wake();
    this.#throttle.close();
    for (const connection of this.#connections.keys()) connection.close();
    const {
      groups,
      transactions,
      shareCoordinator,
      sharePartitions,
      delegationTokens,
      clientTelemetry,
      logs,
      metadata,
    } = this.#services;
    const { brokerEpoch } = metadata;
    transactions.close();
    groups.close();
    clientTelemetry.close();
    sharePartitions.close();
    shareCoordinator.close();
    delegationTokens.close();
    this.#follower.stop();
    try {
      await metadata.close();
    } finally {
      // Last, and whatever came before: they give the locks of the folders back.
      await logs.close(brokerEpoch);
    }
  }

  async #acceptAll(open: OpenListener): Promise<void> {
    for (;;) {
      while (this.#isFull(open) && this.#closing === null) {
        await new Promise<void>((resolve) => this.#whenFewer.push(resolve));
      }
      const transport = await open.listener.accept();
      if (transport === null) return;
      await this.#throttle.pace(open.name);
      if (this.#throttle.refuses(transport, open.name)) continue;
      const admission = this.#closing === null ? open.admit(transport) : null;
      if (admission === null) transport.close();
      else this.#serve(admission, transport);
    }
  }

  /**
   * With `max.connections` open, in all or at that listener, a new client waits in the system's queue until another one
   * leaves, as in Apache Kafka (KIP-402).
   */
  #isFull({ name }: OpenListener): boolean {
    const { settings } = this.#services;
    return this.#connections.size >= settings.maxConnections ||
      (this.#connectionsByListener.get(name) ?? 0) >= settings.getFor(name, "max.connections");
  }

  #serve(admission: Admission, transport: Transport): void {
    const { host } = transport.remote;
    const fromHost = this.#connectionsByHost.get(host) ?? 0;
    if (fromHost >= this.#services.settings.maxConnectionsFrom(host)) {
      this.#world.loggers.of("kafka.network").warn(
        `Connection of ${host} refused: it has ${fromHost} already (max.connections.per.ip)`,
      );
      transport.close();
      return;
    }
    this.#connectionsByHost.set(host, fromHost + 1);
    const { listenerName } = admission;
    this.#connectionsByListener.set(listenerName, (this.#connectionsByListener.get(listenerName) ?? 0) + 1);
    const connection = new Connection(transport, admission, this.#services, this.#memory);
    this.#connections.set(connection, host);
    connection.serve().catch(this.#world.fatal).finally(() => this.#forget(connection));
  }

  #forget(connection: Connection): void {
    const host = this.#connections.get(connection)!;
    this.#connections.delete(connection);
    this.#connectionsByListener.set(
      connection.listenerName,
      this.#connectionsByListener.get(connection.listenerName)! - 1,
    );
    const left = this.#connectionsByHost.get(host)! - 1;
    if (left > 0) this.#connectionsByHost.set(host, left);
    else this.#connectionsByHost.delete(host);
    this.#wakeAcceptors();
  }

  #wakeAcceptors(): void {
    const waiting = this.#whenFewer;
    this.#whenFewer = [];
    for (const wake of waiting) wake();
  }

  /**
   * After the settings have changed: who waited to be accepted may come now, and where fewer connections are allowed in all, those go
   * that were not used for longest, as in Apache Kafka.
   */
  #applyLimits(): void {
    this.#wakeAcceptors();
    const excess = this.#connections.size - this.#services.settings.maxConnections;
    if (excess <= 0) return;
    const byUse = [...this.#connections.keys()].sort((a, b) => a.lastActiveMs - b.lastActiveMs);
    for (const connection of byUse.slice(0, excess)) connection.close();
  }
}

function lock(settings: BrokerSettings, { disk }: World, undo: (() => void)[]): LogDirectoryLocks {
  const folders = [...new Set([settings.metadataLogDir, ...settings.logDirs])];
  for (const folder of folders) disk.makeFolderSync(folder);
  const locks = lockLogDirectories(disk, folders);
  undo.push(() => locks.release());
  return locks;
}

function openMetadata(
  settings: BrokerSettings,
  current: () => BrokerSettings,
  world: World,
  listeners: readonly OpenListener[],
): Promise<Metadata> {
  return Metadata.open({
    ...world,
    logger: world.loggers.of("kafka.metadata"),
    dataDirs: settings.logDirs,
    metadataDir: settings.metadataLogDir,
    nodeId: settings.nodeId ?? undefined,
    endpoints: settings.listeners.map(({ name, host, advertised, securityProtocol }, index) => ({
      name,
      host: advertised?.host ?? (isWildcard(host) ? "localhost" : host),
      port: advertised?.port ?? listeners[index].listener.address.port,
      securityProtocol: SECURITY_PROTOCOLS[securityProtocol],
    })),
    rack: settings.get("broker.rack"),
    configRules: configRules(current),
    defaultPartitions: settings.numPartitions,
    defaultReplicationFactor: settings.get("default.replication.factor"),
  });
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function authorizerOf(current: () => BrokerSettings, { image }: Metadata): StandardAuthorizer | null {
  return current().authorizer === null
    ? null
    : new StandardAuthorizer(image.security.acls, () => current().authorizer!);
}

function quotasOf(settings: BrokerSettings, metadata: Metadata, world: World): QuotaManagers {
  return new QuotaManagers({
    ...world,
    quotas: () => metadata.image.quotas,
    windows: {
      samples: settings.get("quota.window.num"),
      windowSizeMs: settings.get("quota.window.size.seconds") * 1000,
    },
    controllerWindows: {
      samples: settings.get("controller.quota.window.num"),
      windowSizeMs: settings.get("controller.quota.window.size.seconds") * 1000,
    },
  });
}

function logOptions(current: () => BrokerSettings, metadata: Metadata, follower: MetadataFollower) {
  const settings = current();
  return {
    logDirs: settings.logDirs.map((path, index) => ({ path, id: metadata.directoryIds[index] })),
    configFor: (topic: string) => follower.logConfigFor(topic),
    isStray: (log: PartitionLog) => follower.isStray(log),
    flushOnAck: settings.flushOnAck,
    producerIdExpirationMs: settings.get("producer.id.expiration.ms"),
    retentionCheckIntervalMs: settings.get("log.retention.check.interval.ms"),
    checkpointIntervalMs: settings.get("log.flush.offset.checkpoint.interval.ms"),
    producerIdExpirationCheckIntervalMs: settings.get("producer.id.expiration.check.interval.ms"),
    isCleanerEnabled: settings.get("log.cleaner.enable"),
    cleanerSettings: () => ({
      backoffMs: current().get("log.cleaner.backoff.ms"),
      dedupeBufferBytes: current().get("log.cleaner.dedupe.buffer.size"),
      maxBytesPerSecond: current().get("log.cleaner.io.max.bytes.per.second"),
    }),
  };
}

function fetchSessionsOf(settings: BrokerSettings, { random }: World): FetchSessions {
  return new FetchSessions({
    maxSessions: settings.maxIncrementalFetchSessionCacheSlots,
    evictionMs: MIN_SESSION_EVICTION_MS,
    random,
  });
}

/** How long a fetch session must be unused before a new one takes its place, as in Apache Kafka. */
const MIN_SESSION_EVICTION_MS = 120_000;
