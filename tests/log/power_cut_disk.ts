/**
 * A disk in memory that loses its power: what was synced stays, and of the rest a part that a journaling file system
 * might keep.
 *
 * Names (new, renamed and removed ones) that no `syncFolder` made safe survive up to some point in the order in which
 * they came about. Contents that no `sync` made safe survive up to some byte, and what lies behind the synced part may
 * be zeros or rubbish.
 *
 * @module
 */
import type { Clock, DiskFile } from "../../lib/ports.ts";
import { MemoryDisk } from "../../lib/shell/memory_disk.ts";

/** A number from 0 to `limit` - 1. */
export type Draw = (limit: number) => number;

/** A file, whatever its name. */
interface Inode {
  /** What a power cut leaves for certain. */
  synced: Uint8Array;
  /** An open handle, to tell what the content is now. */
  file: DiskFile;
}

type Names = Map<string, Inode | "folder">;

/** A change of names, which becomes safe with a sync of one of the folders. */
interface NameChange {
  readonly folders: readonly string[];
  apply(names: Names): void;
}

export class PowerCutDisk extends MemoryDisk {
  readonly #clock: Clock;
  readonly #names: Names = new Map();
  readonly #safeNames: Names;
  #changes: NameChange[] = [];
  /** True holds all syncs back until it is false again. */
  #isHolding = false;
  #held: (() => void)[] = [];

  constructor(clock: Clock, safe: ReadonlyMap<string, Uint8Array | "folder"> = new Map()) {
    super(clock);
    this.#clock = clock;
    for (const [path, content] of safe) {
      if (content === "folder") {
        super.makeFolderSync(path);
        this.#names.set(path, "folder");
        continue;
      }
      const file = super.openSync(path, "create");
      file.writeSync(0, content);
      this.#names.set(path, { synced: content, file });
    }
    this.#safeNames = new Map(this.#names);
  }

  /** Makes every sync wait, or lets those that wait go on. */
  holdSyncs(isHolding: boolean): void {
    this.#isHolding = isHolding;
    if (!isHolding) { for (const go of this.#held.splice(0)) go(); }
  }

  /**
   * The disk as it is when the process was killed: all that was written is there. What was begun on this one has no
   * effect on it.
   */
  endProcess(): this {
    return this.#successor(this.#names, contentOf);
  }

  /** The disk as it may be when the power comes back, otherwise as {@linkcode endProcess}. */
  cutPower(draw: Draw): this {
    const names = new Map(this.#safeNames);
    for (const change of this.#changes.slice(0, draw(this.#changes.length + 1))) change.apply(names);
    return this.#successor(names, (inode) => contentLeft(inode, draw));
  }

  #successor(names: Names, contentOf: (inode: Inode) => Uint8Array): this {
    const left = new Map<string, Uint8Array | "folder">();
    for (const [path, inode] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      left.set(path, inode === "folder" ? inode : contentOf(inode));
    }
    return new (this.constructor as typeof PowerCutDisk)(this.#clock, left) as this;
  }

  override openSync(path: string, mode: "read" | "write" | "create" | "truncate"): DiskFile {
    const file = super.openSync(path, mode);
    let inode = this.#names.get(path);
    if (inode === undefined || inode === "folder") {
      const made: Inode = { synced: new Uint8Array(0), file: super.openSync(path, "write") };
      inode = made;
      this.#change([path], (names) => void names.set(path, made));
    }
    return this.#syncing(file, inode);
  }

  override makeFolderSync(path: string): void {
    super.makeFolderSync(path);
    this.#change([path], (names) => void names.set(path, "folder"));
  }

  override renameSync(from: string, to: string): void {
    super.renameSync(from, to);
    this.#change([from, to], (names) => {
      for (const [path, inode] of [...names]) {
        if (path !== from && !path.startsWith(`${from}/`)) continue;
        names.delete(path);
        names.set(to + path.slice(from.length), inode);
      }
    });
  }

  override removeSync(path: string): void {
    super.removeSync(path);
    this.#change([path], (names) => {
      for (const name of [...names.keys()]) {
        if (name === path || name.startsWith(`${path}/`)) names.delete(name);
      }
    });
  }

  override async syncFolder(path: string): Promise<void> {
    const last = this.#changes.findLast(({ folders }) => folders.includes(path));
    await super.syncFolder(path);
    await this.#whenReleased();
    // A journal keeps the order: with a change all those before it are safe.
    const safe = this.#changes.splice(0, last === undefined ? 0 : this.#changes.indexOf(last) + 1);
    for (const change of safe) change.apply(this.#safeNames);
  }

  #syncing(file: DiskFile, inode: Inode): DiskFile {
    const { path } = file;
    return {
      path,
      sizeSync: () => file.sizeSync(),
      writeSync: (position, bytes) => file.writeSync(position, bytes),
      readSync: (position, into) => file.readSync(position, into),
      read: (position, into) => file.read(position, into),
      truncateSync: (size) => file.truncateSync(size),
      close: () => file.close(),
      sync: async () => {
        await file.sync();
        const content = contentOf(inode);
        await this.#whenReleased();
        inode.synced = content;
      },
    };
  }

  #whenReleased(): Promise<void> {
    if (!this.#isHolding) return Promise.resolve();
    return new Promise((resolve) => this.#held.push(resolve));
  }

  #change(paths: string[], apply: (names: Names) => void): void {
    apply(this.#names);
    this.#changes.push({ folders: paths.map((path) => path.slice(0, path.lastIndexOf("/"))), apply });
  }
}

function contentOf({ file }: Inode): Uint8Array {
  const bytes = new Uint8Array(file.sizeSync());
  file.readSync(0, bytes);
  return bytes;
}

function contentLeft(inode: Inode, draw: Draw): Uint8Array {
  const { synced } = inode;
  const current = contentOf(inode);
  const isLonger = current.length >= synced.length && synced.every((byte, at) => byte === current[at]);
  // What was cut or written over since the last sync is there or not.
  if (!isLonger) return draw(2) === 0 ? synced : current.slice(0, draw(current.length + 1));
  const left = current.slice(0, synced.length + draw(current.length - synced.length + 1));
  if (draw(3) === 0) left.fill(draw(2) * 0x5a, synced.length + draw(left.length - synced.length + 1));
  return left;
}
