/**
 * The broker's process: it may die at any moment, and from then on has no effect on the world.
 *
 * The machine below it (disk, network, time) goes on. What the dead process still tries fails, and nothing that it
 * waits for comes.
 *
 * @module
 */
import { BrokerCore, type World } from "../../lib/broker/mod.ts";
import { Loggers } from "../../lib/logging/mod.ts";
import { loadSettings } from "../../lib/metadata/configs/mod.ts";
import { type Address, type Disk, DiskError, type DiskFile, type Timers, type Transport } from "../../lib/ports.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { runtimeHashes } from "../../lib/shell/hashes.ts";
import { jsonWebTokens } from "../../lib/shell/json_web_tokens.ts";
import type { SimLoop } from "./clock.ts";
import type { SimDisk } from "./disk.ts";
import type { SimNetwork } from "./network.ts";
import type { Draw } from "./random.ts";

/** The address of the broker. */
export const ADDRESS: Address = { host: "127.0.0.1", port: 9092 };

/** What the process runs on. */
export interface Machine {
  readonly loop: SimLoop;
  readonly disk: SimDisk;
  readonly network: SimNetwork;
  readonly draw: Draw;
  trace(line: string): void;
  /** The process ended itself: an invariant is broken, or so it thinks. */
  onFatal(error: unknown): void;
}

/** A broker with a bug in it: what it sees of the world is not quite true. */
export interface Plant {
  disk?(disk: Disk): Disk;
  random?(): World["random"];
  timers?(timers: Timers): Timers;
  /** Settings that differ from what the checker believes. */
  readonly set?: Readonly<Record<string, string>>;
}

export class BrokerProcess {
  readonly #machine: Machine;
  #isDead = false;
  #core: BrokerCore | null = null;
  /** How many more changes of the disk the process lives; null for as long as it likes. */
  #changesLeft: number | null = null;
  #onDeath: () => void = () => {};
  /** Resolves when the process is dead. */
  readonly death: Promise<void>;
  #resolveDeath!: () => void;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.death = new Promise((resolve) => this.#resolveDeath = resolve);
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** True where it serves. */
  get isServing(): boolean {
    return this.#core !== null && !this.#isDead;
  }

  /** Resolves when it serves; rejects where it cannot; never does where it dies meanwhile. */
  async start(set: Readonly<Record<string, string>>, plant: Plant): Promise<void> {
    const { host, port } = ADDRESS;
    const { settings } = loadSettings({ flags: { host, port, set: { ...set, ...plant.set } } });
    const core = await BrokerCore.start(settings, this.#world(plant));
    if (!this.#isDead) this.#core = core;
  }

  /** Stops it cleanly; never resolves where it dies meanwhile. */
  async stop(): Promise<void> {
    await this.#core!.close();
    if (this.#isDead) await never();
    this.die();
  }

  /** Lets the process die in the middle of the `count`-th change of the disk from now, and calls `onDeath` then. */
  dieAtChange(count: number, onDeath: () => void): void {
    this.#changesLeft = count;
    this.#onDeath = onDeath;
  }

  die(): void {
    this.#isDead = true;
    this.#resolveDeath();
  }

  #world(plant: Plant): World {
    const { loop, network, draw, trace } = this.#machine;
    const disk = this.#mortalDisk(this.#machine.disk);
    const timers = this.#mortalTimers(loop);
    return {
      clock: loop,
      timers: plant.timers?.(timers) ?? timers,
      stopwatch: { read: () => loop.elapsedMs },
      random: plant.random?.() ?? draw,
      disk: plant.disk?.(disk) ?? disk,
      network: {
        listen: (address) => {
          const listener = network.listen(address);
          return {
            address: listener.address,
            accept: async () => this.#mortalTransport(await listener.accept()),
            close: () => listener.close(),
          };
        },
      },
      compressor: runtimeCompressor,
      hashes: runtimeHashes,
      webTokens: jsonWebTokens(),
      loggers: new Loggers({ write: (level, logger, line) => this.#log(`${level} ${logger}: ${line}`, trace) }),
      fatal: (error) => {
        if (!this.#isDead) this.#machine.onFatal(error);
      },
    };
  }

  #log(line: string, trace: (line: string) => void): void {
    if (!this.#isDead) trace(`broker: ${line}`);
  }

  #mortalTimers(timers: Timers): Timers {
    return {
      after: (delayMs, callback) =>
        timers.after(delayMs, () => {
          if (!this.#isDead) callback();
        }),
    };
  }

  #mortalTransport(transport: Transport | null): Transport | null {
    if (transport === null) return null;
    return {
      local: transport.local,
      remote: transport.remote,
      read: (into) => this.#alive("the network", () => transport.read(into)),
      write: (chunks) => this.#alive("the network", () => transport.write(chunks)),
      close: () => {
        if (!this.#isDead) transport.close();
      },
    };
  }

  #mortalDisk(disk: Disk): Disk {
    return {
      openSync: (path, mode) => {
        const file = mode === "read" || mode === "write"
          ? this.#look(path, () => disk.openSync(path, mode))
          : this.#change(path, () => disk.openSync(path, mode));
        return this.#mortalFile(file);
      },
      listSync: (path) => this.#look(path, () => disk.listSync(path)),
      statSync: (path) => this.#look(path, () => disk.statSync(path)),
      makeFolderSync: (path) => this.#change(path, () => disk.makeFolderSync(path)),
      renameSync: (from, to) => this.#change(from, () => disk.renameSync(from, to)),
      removeSync: (path) => this.#change(path, () => disk.removeSync(path)),
      syncFolder: (path) => this.#alive(path, () => disk.syncFolder(path)),
      lockSync: (path) => {
        const lock = this.#change(path, () => disk.lockSync(path));
        return {
          release: () => {
            if (!this.#isDead) lock.release();
          },
        };
      },
      volumeSync: (path) => this.#look(path, () => disk.volumeSync(path)),
    };
  }

  #mortalFile(file: DiskFile): DiskFile {
    const { path } = file;
    return {
      path,
      sizeSync: () => this.#look(path, () => file.sizeSync()),
      writeSync: (position, bytes) => {
        // A process that dies in the middle of a write may have written a part.
        const part = () => file.writeSync(position, bytes.subarray(0, this.#machine.draw.below(bytes.length + 1)));
        this.#change(path, () => file.writeSync(position, bytes), part);
      },
      readSync: (position, into) => this.#look(path, () => file.readSync(position, into)),
      read: (position, into) => this.#alive(path, () => file.read(position, into)),
      truncateSync: (size) => this.#change(path, () => file.truncateSync(size)),
      sync: () => this.#alive(path, () => file.sync()),
      close: () => file.close(),
    };
  }

  #look<T>(path: string, run: () => T): T {
    if (this.#isDead) throw new DiskError("io", path, `Cannot reach ${path}: the process is dead`);
    return run();
  }

  #change<T>(path: string, run: () => T, lastWords: () => void = () => {}): T {
    this.#look(path, () => {});
    if (this.#changesLeft === null || --this.#changesLeft > 0) return run();
    try {
      lastWords();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
    this.die();
    this.#onDeath();
    throw new DiskError("io", path, `Cannot reach ${path}: the process has just died`);
  }

  /** The outcome, as long as there is somebody to hear of it. */
  async #alive<T>(path: string, run: () => Promise<T>): Promise<T> {
    try {
      return await this.#look(path, run);
    } finally {
      if (this.#isDead) await never();
    }
  }
}

/** A promise of its own each time: one for all would hold on to all that ever waited for it, and their worlds. */
function never(): Promise<never> {
  return new Promise(() => {});
}
