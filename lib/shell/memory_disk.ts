/**
 * A disk in memory: the `Disk` port without a device, for brokers that keep nothing and for tests.
 *
 * In: paths and bytes. Out: bytes, or a {@linkcode DiskError}, as the real disk gives them: one suite of tests holds
 * for both. Here nothing waits, and a power cut takes all.
 *
 * @module
 */
import { type Clock, type Disk, type DiskEntry, DiskError, type DiskFile, type DiskStat } from "../ports.ts";

/**
 * Files and folders that live as long as this object. The root and the current folder, `/` and `.`, are there from the
 * start.
 */
export class MemoryDisk implements Disk {
  readonly #root: Folder = { children: new Map() };
  readonly #locks = new Set<string>();
  readonly #clock: Clock;

  /** `clock` tells when files are modified. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  openSync(path: string, mode: "read" | "write" | "create" | "truncate"): DiskFile {
    const { folder, name } = this.#place("open", path);
    let node = name === "" ? folder : folder.children.get(name);
    if (node === undefined) {
      if (mode === "read" || mode === "write") throw failure("not-found", "open", path, "there is no such file");
      node = new Content(this.#clock);
      folder.children.set(name, node);
    }
    if (!(node instanceof Content)) throw failure("io", "open", path, "it is a folder");
    if (mode === "truncate") node.truncate(0);
    return new MemoryFile(path, node, mode !== "read");
  }

  listSync(path: string): DiskEntry[] {
    const node = this.#find(path);
    if (node === undefined) throw failure("not-found", "list", path, "there is no such folder");
    if (node instanceof Content) throw failure("io", "list", path, "it is a file");
    const entries = [...node.children].map(([name, child]) => ({ name, isFolder: !(child instanceof Content) }));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  statSync(path: string): DiskStat | null {
    const node = this.#find(path);
    if (node === undefined) return null;
    if (node instanceof Content) return { isFolder: false, size: node.size, modifiedMs: node.modifiedMs };
    return { isFolder: true, size: 0, modifiedMs: 0 };
  }

  makeFolderSync(path: string): void {
    let folder = this.#root;
    for (const name of partsOf(path)) {
      let child = folder.children.get(name);
      if (child instanceof Content) throw failure("exists", "make the folder", path, `${name} is a file`);
      if (child === undefined) folder.children.set(name, child = { children: new Map() });
      folder = child;
    }
  }

  renameSync(from: string, to: string): void {
    const operation = `rename to ${to}`;
    const source = this.#place(operation, from);
    const node = source.folder.children.get(source.name);
    if (node === undefined) throw failure("not-found", operation, from, "there is no such file or folder");
    const target = this.#place(operation, to);
    const there = target.folder.children.get(target.name);
    if (there === node) return;
    if (there !== undefined && !(there instanceof Content && node instanceof Content)) {
      const isEmptyFolder = !(there instanceof Content) && !(node instanceof Content) && there.children.size === 0;
      if (!isEmptyFolder) throw failure("exists", operation, from, "the new name is taken");
    }
    source.folder.children.delete(source.name);
    target.folder.children.set(target.name, node);
  }

  removeSync(path: string): void {
    if (this.#find(path) === undefined) return;
    const { folder, name } = this.#place("remove", path);
    folder.children.delete(name);
  }

  syncFolder(path: string): Promise<void> {
    if (this.#find(path) !== undefined) return Promise.resolve();
    return Promise.reject(failure("not-found", "sync the folder", path, "there is no such folder"));
  }

  lockSync(path: string): { release(): void } {
    const key = partsOf(path).join("/");
    if (this.#locks.has(key)) throw failure("locked", "lock", path, "another broker uses the folder");
    this.openSync(path, "create").close();
    this.#locks.add(key);
    let held = true;
    return {
      release: () => {
        if (held) this.#locks.delete(key);
        held = false;
      },
    };
  }

  volumeSync(): null {
    return null;
  }

  #find(path: string): Content | Folder | undefined {
    let node: Content | Folder | undefined = this.#root;
    for (const name of partsOf(path)) {
      if (node === undefined || node instanceof Content) return undefined;
      node = node.children.get(name);
    }
    return node;
  }

  /** The folder that holds, or would hold, the last part of the path, and that part; "" for the root itself. */
  #place(operation: string, path: string): { folder: Folder; name: string } {
    const parts = partsOf(path);
    const name = parts.pop() ?? "";
    const folder = this.#find(parts.join("/"));
    if (folder === undefined || folder instanceof Content) {
      throw failure("not-found", operation, path, "there is no folder to hold it");
    }
    return { folder, name };
  }
}

interface Folder {
  readonly children: Map<string, Content | Folder>;
}

const CHUNK_BYTES = 1 << 16;
const SMALLEST_CHUNK_BYTES = 256;

/**
 * The bytes of a file, in chunks that are full-sized but for the last, which doubles as it grows: appending never
 * copies what is old.
 */
class Content {
  readonly #clock: Clock;
  #chunks: Uint8Array[] = [];
  size = 0;
  modifiedMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.modifiedMs = clock.now();
  }

  write(position: number, bytes: Uint8Array): void {
    this.#reserve(position + bytes.length);
    for (let done = 0; done < bytes.length;) {
      const at = (position + done) % CHUNK_BYTES;
      const chunk = this.#chunks[Math.floor((position + done) / CHUNK_BYTES)];
      const count = Math.min(bytes.length - done, CHUNK_BYTES - at);
      chunk.set(bytes.subarray(done, done + count), at);
      done += count;
    }
    this.modifiedMs = this.#clock.now();
  }

  read(position: number, into: Uint8Array): number {
    const count = Math.max(0, Math.min(into.length, this.size - position));
    for (let done = 0; done < count;) {
      const at = (position + done) % CHUNK_BYTES;
      const chunk = this.#chunks[Math.floor((position + done) / CHUNK_BYTES)];
      const part = chunk.subarray(at, Math.min(chunk.length, at + count - done));
      into.set(part, done);
      done += part.length;
    }
    return count;
  }

  truncate(size: number): void {
    if (size >= this.size) return this.#reserve(size);
    this.#chunks.length = Math.ceil(size / CHUNK_BYTES);
    // What is cut off must read as zeros should the file grow over it again.
    this.#chunks.at(-1)?.fill(0, size - (this.#chunks.length - 1) * CHUNK_BYTES);
    this.size = size;
    this.modifiedMs = this.#clock.now();
  }

  #reserve(size: number): void {
    while (this.#chunks.length * CHUNK_BYTES < size) {
      this.#growLast(CHUNK_BYTES);
      const rest = size - this.#chunks.length * CHUNK_BYTES;
      this.#chunks.push(new Uint8Array(Math.min(CHUNK_BYTES, Math.max(SMALLEST_CHUNK_BYTES, rest))));
    }
    this.#growLast(size - (this.#chunks.length - 1) * CHUNK_BYTES);
    this.size = Math.max(this.size, size);
  }

  #growLast(size: number): void {
    const last = this.#chunks.at(-1);
    if (last === undefined || last.length >= size) return;
    const larger = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(last.length * 2, size)));
    larger.set(last);
    this.#chunks[this.#chunks.length - 1] = larger;
  }
}

class MemoryFile implements DiskFile {
  readonly path: string;
  readonly #content: Content;
  readonly #writable: boolean;
  #closed = false;

  constructor(path: string, content: Content, writable: boolean) {
    this.path = path;
    this.#content = content;
    this.#writable = writable;
  }

  sizeSync(): number {
    this.#check("tell the size of", false);
    return this.#content.size;
  }

  writeSync(position: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#check("write to", true);
    this.#content.write(position, bytes);
  }

  readSync(position: number, into: Uint8Array): number {
    this.#check("read from", false);
    return this.#content.read(position, into);
  }

  // deno-lint-ignore require-await
  async read(position: number, into: Uint8Array): Promise<number> {
    return this.readSync(position, into);
  }

  truncateSync(size: number): void {
    this.#check("cut", true);
    this.#content.truncate(size);
  }

  // deno-lint-ignore require-await
  async sync(): Promise<void> {
    this.#check("sync", false);
  }

  close(): void {
    this.#closed = true;
  }

  #check(operation: string, writes: boolean): void {
    if (this.#closed) throw failure("io", operation, this.path, "it is closed");
    if (writes && !this.#writable) throw failure("io", operation, this.path, "it was opened for reading");
  }
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function failure(kind: DiskError["kind"], operation: string, path: string, reason: string): DiskError {
  return new DiskError(kind, path, `Cannot ${operation} ${path}: ${reason}`);
}
