/**
 * Barnabas inside a Deno program or a test: a Kafka broker on a free port, in memory or on disk, up in milliseconds.
 *
 * ```ts ignore
 * import { Broker } from "@barnabas/broker";
 *
 * await using broker = await Broker.start({ port: 0, dataDir: "memory" });
 * console.log(broker.bootstrapServers); // 127.0.0.1:45123
 * ```
 *
 * @module
 */
import type { World } from "./broker/mod.ts";
import { type BrokerSettings, loadSettings } from "./metadata/configs/mod.ts";
import { Loggers, type PlainLogger, sinkOf } from "./logging/mod.ts";
import type { Address } from "./ports.ts";
import { systemClock, systemRandom, systemStopwatch, systemTimers } from "./shell/clock.ts";
import { runtimeCompressor } from "./shell/compressor.ts";
import { runtimeHashes } from "./shell/hashes.ts";
import { jsonWebTokens } from "./shell/json_web_tokens.ts";
import { DenoDisk } from "./shell/disk.ts";
import { tcp } from "./shell/listen.ts";
import { consoleSink } from "./shell/logger.ts";
import { MemoryDisk } from "./shell/memory_disk.ts";
import { type RunningBroker, startBroker } from "./shell/start.ts";

export type { PlainLogger } from "./logging/mod.ts";
export type { Address, Logger } from "./ports.ts";

/** How to start a broker; nothing is needed. */
export interface BrokerOptions {
  /** The host to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** The port to listen on; a free one by default. */
  readonly port?: number;
  /** The folder that keeps the data, in Apache Kafka's format; `"memory"`, the default, keeps it until the broker is closed. */
  readonly dataDir?: string;
  /** Any other setting, by the name that Apache Kafka has for it, such as `{ "num.partitions": "3" }`. */
  readonly set?: Readonly<Record<string, string>>;
  /** Who is told what goes on; standard error by default, in the format of `barnabas.log.format`. */
  readonly logger?: PlainLogger;
}

/** A running broker. */
export class Broker implements AsyncDisposable {
  readonly #running: RunningBroker;

  private constructor(running: RunningBroker) {
    this.#running = running;
  }

  /**
   * Starts a broker. It serves as soon as the promise resolves.
   *
   * @throws {Error} with one line for a person, where a setting is wrong, the port is taken, or the folder cannot be used or is in use.
   */
  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const { host = "127.0.0.1", port = 0, set = {}, logger } = options;
    const dataDir = options.dataDir ?? ("log.dirs" in set || "log.dir" in set ? undefined : MEMORY);
    const { settings, warnings } = loadSettings({ flags: { host, port, dataDir, set } });
    const world = systemWorld(settings, logger);
    for (const warning of warnings) world.loggers.of("kafka.server").warn(warning);
    return new Broker(await startBroker(settings, world));
  }

  /** Where it listens. */
  get address(): Address {
    return this.#running.addresses[0];
  }

  /** Where metrics are served (`barnabas.metrics.listener`); null for nowhere. */
  get metricsAddress(): Address | null {
    return this.#running.metricsAddress;
  }

  /** What a client takes as `bootstrap.servers`. */
  get bootstrapServers(): string {
    return this.#running.addresses.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(
      ",",
    );
  }

  /** Stops cleanly; what was acknowledged is on the disk, if there is one. A second call waits for the first. */
  close(): Promise<void> {
    return this.#running.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The data folder that is none. */
const MEMORY = "memory";

/** This machine, as a broker sees it. */
export function systemWorld(settings: BrokerSettings, logger?: PlainLogger): World {
  const sink = logger === undefined ? consoleSink(settings.logFormat) : sinkOf(logger);
  const inMemory = settings.logDirs.length === 1 && settings.logDirs[0] === MEMORY;
  return {
    clock: systemClock,
    timers: systemTimers,
    stopwatch: systemStopwatch,
    random: systemRandom,
    network: tcp,
    compressor: runtimeCompressor,
    hashes: runtimeHashes,
    webTokens: jsonWebTokens(),
    loggers: new Loggers(sink, settings.logLevels),
    ...(inMemory ? { disk: new MemoryDisk(systemClock), tailCacheBytes: 0 } : { disk: new DenoDisk() }),
    fatal(error) {
      sink.write("FATAL", "kafka.server", error instanceof Error ? error.stack ?? String(error) : String(error));
      // Outside of any promise, so that nobody can swallow it: the process ends with the stack on standard error.
      queueMicrotask(() => {
        throw error;
      });
    },
  };
}
