/**
 * A disk with all that is wrong with disks: it loses its power, is full, is slow, and fails.
 *
 * In: the `Disk` port, and the faults that are in force. Out: what a real one would do. Contents and names are kept
 * twice, as processes see them and as the device has them: see `disk_content.ts` and `disk_names.ts`.
 *
 * @module
 */
import { type Clock, type Disk, type DiskEntry, DiskError, type DiskFile, type DiskStat } from "../../lib/ports.ts";
import { Content } from "./disk_content.ts";
import { Folder, Names, type Node } from "./disk_names.ts";
import type { Draw } from "./random.ts";

/** What is wrong with the disk now. */
export interface DiskFaults {
  /** Bytes that all files together may have; beyond it writes fail. */
  capacityBytes: number;
  /** How much longer than usual all takes that waits for the device. */
  slowness: number;
  /** How likely an operation fails of an I/O error. */
  readErrors: number;
  writeErrors: number;
  syncErrors: number;
}

const NO_FAULTS: DiskFaults = { capacityBytes: Infinity, slowness: 1, readErrors: 0, writeErrors: 0, syncErrors: 0 };
/** How long syncs and reads take on a sound disk, at most. */
const SYNC_MS = 4;
const READ_MS = 0.5;

/** What the disk needs of its world. */
export interface DiskWorld {
  readonly clock: Clock;
  readonly draw: Draw;
  /** Waits for the device. */
  sleep(delayMs: number): Promise<void>;
  trace(line: string): void;
}

export class SimDisk implements Disk {
  readonly world: DiskWorld;
  readonly faults: DiskFaults = { ...NO_FAULTS };
  /** Operations that failed, of an I/O error or for lack of room. */
  failureCount = 0;
  readonly #names = new Names();
  readonly #locks = new Set<string>();
  /** Counts power cuts: what was begun before one never ends. */
  #generation = 0;
  /** Counts ends of processes: what one has begun may fail after its end, and then nobody is told. */
  processCount = 0;

  constructor(world: DiskWorld) {
    this.world = world;
  }

  /** All faults are over. */
  repair(): void {
    Object.assign(this.faults, NO_FAULTS);
  }

  /** The processes are gone, and with them their locks; the page cache stays. */
  endProcesses(): void {
    this.processCount++;
    this.#locks.clear();
    for (const content of this.#names.contents()) content.endProcesses();
  }

  /** What was not synced may be lost, torn or out of order. */
  cutPower(): void {
    this.#generation++;
    this.endProcesses();
    const { draw, trace } = this.world;
    // Contents first: a file may lose its bytes and its name.
    const fates = new Map<string, number>();
    for (const content of this.#names.contents()) {
      const fate = content.cutPower(draw);
      fates.set(fate, (fates.get(fate) ?? 0) + 1);
    }
    const names = this.#names.cutPower(draw);
    trace(`power cut: names ${names}, files ${[...fates].map(([fate, count]) => `${count} ${fate}`).join(", ")}`);
  }

  openSync(path: string, mode: "read" | "write" | "create" | "truncate"): DiskFile {
    this.mayFail(mode === "read" ? "readErrors" : "writeErrors", "open", path);
    const { folder, name } = this.#place("open", path);
    let node: Node | undefined = name === "" ? folder : folder.children.get(name);
    if (node === undefined) {
      if (mode === "read" || mode === "write") throw failure("not-found", "open", path, "there is no such file");
      this.#checkRoom("open", path);
      node = new Content(this.world.clock.now());
      this.#names.add(folder, name, node);
    }
    if (node instanceof Folder) throw failure("io", "open", path, "it is a folder");
    if (mode === "truncate" && node.size > 0) node.truncate(0, this.world.clock.now());
    return new SimFile(this, path, node, mode !== "read");
  }

  listSync(path: string): DiskEntry[] {
    this.mayFail("readErrors", "list", path);
    const node = this.#names.find(path);
    if (node === undefined) throw failure("not-found", "list", path, "there is no such folder");
    if (node instanceof Content) throw failure("io", "list", path, "it is a file");
    const entries = [...node.children].map(([name, child]) => ({ name, isFolder: child instanceof Folder }));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  statSync(path: string): DiskStat | null {
    const node = this.#names.find(path);
    if (node === undefined) return null;
    if (node instanceof Folder) return { isFolder: true, size: 0, modifiedMs: 0 };
    return { isFolder: false, size: node.size, modifiedMs: node.modifiedMs };
  }

  makeFolderSync(path: string): void {
    this.mayFail("writeErrors", "make the folder", path);
    let folder = this.#names.root;
    for (const name of path.split("/").filter((part) => part !== "" && part !== ".")) {
      let child = folder.children.get(name);
      if (child instanceof Content) throw failure("exists", "make the folder", path, `${name} is a file`);
      if (child === undefined) {
        this.#checkRoom("make the folder", path);
        this.#names.add(folder, name, child = new Folder());
      }
      folder = child;
    }
  }

  renameSync(from: string, to: string): void {
    const operation = `rename to ${to}`;
    this.mayFail("writeErrors", operation, from);
    const source = this.#place(operation, from);
    const node = source.folder.children.get(source.name);
    if (node === undefined) throw failure("not-found", operation, from, "there is no such file or folder");
    const target = this.#place(operation, to);
    const there = target.folder.children.get(target.name);
    if (there === node) return;
    if (there !== undefined && !(there instanceof Content && node instanceof Content)) {
      const isEmptyFolder = there instanceof Folder && node instanceof Folder && there.children.size === 0;
      if (!isEmptyFolder) throw failure("exists", operation, from, "the new name is taken");
    }
    this.#names.rename(source, target);
  }

  removeSync(path: string): void {
    this.mayFail("writeErrors", "remove", path);
    if (this.#names.find(path) === undefined) return;
    const { folder, name } = this.#place("remove", path);
    this.#names.remove(folder, name);
  }

  async syncFolder(path: string): Promise<void> {
    const folder = this.#names.find(path);
    if (!(folder instanceof Folder)) throw failure("not-found", "sync the folder", path, "there is no such folder");
    const sync = this.#names.beginSync(folder);
    await this.wait(SYNC_MS);
    this.mayFail("syncErrors", "sync the folder", path);
    sync.commit();
  }

  lockSync(path: string): { release(): void } {
    if (this.#locks.has(path)) throw failure("locked", "lock", path, "another broker uses the folder");
    this.openSync(path, "create").close();
    this.#locks.add(path);
    let isHeld = true;
    return {
      release: () => {
        if (isHeld) this.#locks.delete(path);
        isHeld = false;
      },
    };
  }

  volumeSync(): { totalBytes: number; freeBytes: number } | null {
    const { capacityBytes } = this.faults;
    if (capacityBytes === Infinity) return null;
    return { totalBytes: capacityBytes, freeBytes: Math.max(0, capacityBytes - this.usedBytes()) };
  }

  /** Bytes of all files, as processes see them. */
  usedBytes(): number {
    let bytes = 0;
    for (const content of contentsIn(this.#names.root)) bytes += content.size;
    return bytes;
  }

  /** Waits for the device; for ever where the power is cut meanwhile. */
  async wait(mostMs: number): Promise<void> {
    const generation = this.#generation;
    await this.world.sleep(this.world.draw.time(0, mostMs * this.faults.slowness));
    if (generation !== this.#generation) await new Promise<never>(() => {});
  }

  /** @throws {DiskError} as often as the faults say */
  mayFail(kind: "readErrors" | "writeErrors" | "syncErrors", operation: string, path: string): void {
    if (this.faults[kind] === 0 || !this.world.draw.chance(this.faults[kind])) return;
    this.failureCount++;
    this.world.trace(`disk: cannot ${operation} ${path}`);
    throw failure("io", operation, path, "input/output error (os error 5)");
  }

  #checkRoom(operation: string, path: string): void {
    if (this.faults.capacityBytes === Infinity || this.usedBytes() < this.faults.capacityBytes) return;
    throw this.noSpace(operation, path);
  }

  noSpace(operation: string, path: string): DiskError {
    this.failureCount++;
    return failure("no-space", operation, path, "no space left on device (os error 28)");
  }

  #place(operation: string, path: string): { folder: Folder; name: string } {
    const place = this.#names.place(path);
    if (place === null) throw failure("not-found", operation, path, "there is no folder to hold it");
    return place;
  }
}

class SimFile implements DiskFile {
  readonly path: string;
  readonly #disk: SimDisk;
  readonly #content: Content;
  readonly #isWritable: boolean;
  #isClosed = false;
  /** What the content's `failedSyncCount` was when this handle was told of it last. */
  #toldFailures: number;

  constructor(disk: SimDisk, path: string, content: Content, isWritable: boolean) {
    this.#disk = disk;
    this.path = path;
    this.#content = content;
    this.#isWritable = isWritable;
    this.#toldFailures = content.failedSyncCount;
  }

  sizeSync(): number {
    this.#check("tell the size of", false);
    return this.#content.size;
  }

  writeSync(position: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#check("write to", true);
    this.#disk.mayFail("writeErrors", "write to", this.path);
    const { clock, draw } = this.#disk.world;
    const growth = position + bytes.length - this.#content.size;
    const { capacityBytes } = this.#disk.faults;
    const room = capacityBytes === Infinity ? Infinity : capacityBytes - this.#disk.usedBytes();
    if (growth <= Math.max(0, room)) return this.#content.write(position, bytes, clock.now());
    // As much as there is room for may have been written, or less.
    const fitting = Math.max(0, bytes.length - growth + Math.max(0, room));
    const written = draw.below(fitting + 1);
    if (written > 0) this.#content.write(position, bytes.subarray(0, written), clock.now());
    throw this.#disk.noSpace("write to", this.path);
  }

  readSync(position: number, into: Uint8Array): number {
    this.#check("read from", false);
    this.#disk.mayFail("readErrors", "read from", this.path);
    return this.#content.read(position, into);
  }

  async read(position: number, into: Uint8Array): Promise<number> {
    this.#check("read from", false);
    await this.#disk.wait(READ_MS);
    this.#disk.mayFail("readErrors", "read from", this.path);
    return this.#content.read(position, into);
  }

  truncateSync(size: number): void {
    this.#check("cut", true);
    this.#disk.mayFail("writeErrors", "cut", this.path);
    this.#content.truncate(size, this.#disk.world.clock.now());
  }

  async sync(): Promise<void> {
    this.#check("sync", false);
    const { processCount } = this.#disk;
    const sync = this.#content.beginSync();
    await this.#disk.wait(SYNC_MS);
    try {
      this.#disk.mayFail("syncErrors", "sync", this.path);
    } catch (error) {
      // Without anybody who was told of it, see `Content.endProcesses`.
      if (processCount === this.#disk.processCount) sync.fail();
      this.#toldFailures = this.#content.failedSyncCount;
      throw error;
    }
    this.#checkFailures();
    sync.commit();
  }

  /** Linux tells each handle once of a write-back that has failed, whoever's sync it was that met with the failure. */
  #checkFailures(): void {
    const { failedSyncCount } = this.#content;
    if (failedSyncCount === this.#toldFailures) return;
    this.#toldFailures = failedSyncCount;
    throw failure("io", "sync", this.path, "an earlier write-back has failed (os error 5)");
  }

  close(): void {
    this.#isClosed = true;
  }

  #check(operation: string, writes: boolean): void {
    if (this.#isClosed) throw failure("io", operation, this.path, "it is closed");
    if (writes && !this.#isWritable) throw failure("io", operation, this.path, "it was opened for reading");
  }
}

function* contentsIn(folder: Folder): Generator<Content> {
  for (const node of folder.children.values()) {
    if (node instanceof Content) yield node;
    else yield* contentsIn(node);
  }
}

function failure(kind: DiskError["kind"], operation: string, path: string, reason: string): DiskError {
  return new DiskError(kind, path, `Cannot ${operation} ${path}: ${reason}`);
}
