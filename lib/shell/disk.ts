/**
 * The real disk: the `Disk` port on Deno.
 *
 * In: paths and bytes. Out: bytes, or a {@linkcode DiskError} whose message names the operation, the path and the
 * cause. A handle has one position, so a read that waits in another thread could be moved away from its place by the
 * next one: writes and synchronous reads share a handle, asynchronous reads have one of their own and wait in line for
 * it.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type Disk, type DiskEntry, DiskError, type DiskErrorKind, type DiskFile, type DiskStat } from "../ports.ts";

/** Files and folders of this machine. */
export class DenoDisk implements Disk {
  readonly #folderSyncs = new Map<string, FolderSyncs>();

  openSync(path: string, mode: "read" | "write" | "create" | "truncate"): DiskFile {
    const file = attempt("open", path, () => Deno.openSync(path, OPEN_OPTIONS[mode]));
    return new DenoFile(path, file, mode !== "read");
  }

  listSync(path: string): DiskEntry[] {
    return attempt("list", path, () => {
      const entries: DiskEntry[] = [];
      for (const { name, isDirectory, isSymlink } of Deno.readDirSync(path)) {
        const isFolder = isSymlink ? this.statSync(`${path}/${name}`)?.isFolder ?? false : isDirectory;
        entries.push({ name, isFolder });
      }
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    });
  }

  statSync(path: string): DiskStat | null {
    try {
      const { isDirectory, size, mtime } = Deno.statSync(path);
      return { isFolder: isDirectory, size: isDirectory ? 0 : size, modifiedMs: mtime?.getTime() ?? 0 };
    } catch (error) {
      const failure = toDiskError("look at", path, error);
      if (failure.kind === "not-found") return null;
      throw failure;
    }
  }

  makeFolderSync(path: string): void {
    attempt("make the folder", path, () => Deno.mkdirSync(path, { recursive: true }));
  }

  renameSync(from: string, to: string): void {
    attempt(`rename to ${to}`, from, () => Deno.renameSync(from, to));
  }

  removeSync(path: string): void {
    try {
      Deno.removeSync(path, { recursive: true });
    } catch (error) {
      const failure = toDiskError("remove", path, error);
      if (failure.kind !== "not-found") throw failure;
    }
  }

  /** Who asks while one is under way shares the next one: ten thousand partitions that are deleted open their folder once. */
  syncFolder(path: string): Promise<void> {
    // Windows opens no folder, and its file systems keep names in a journal.
    if (Deno.build.os === "windows") return Promise.resolve();
    const syncs = this.#folderSyncs.get(path);
    if (syncs !== undefined) {
      const after = () => this.syncFolder(path);
      return syncs.next ??= syncs.running.then(after, after);
    }
    const running = syncFolder(path).finally(() => this.#folderSyncs.delete(path));
    this.#folderSyncs.set(path, { running, next: null });
    return running;
  }

  /**
   * The lock is SQLite's, taken on a file that stays empty. Deno's own file locks are `flock` locks, which the JVM does
   * not see, and which older versions can only wait for. SQLite takes a record lock (`LockFileEx` on Windows) without
   * waiting, inside the range that Apache Kafka locks in its `.lock`: so neither broker starts on the other's folder,
   * two brokers in one process are told apart, and the lock ends with the process, however that ends.
   */
  lockSync(path: string): { release(): void } {
    const database = attempt("lock", path, () => new DatabaseSync(path));
    try {
      // In memory, so that no second file appears beside the lock.
      database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    } catch (error) {
      database.close();
      throw toDiskError("lock", path, error);
    }
    let held = true;
    return {
      release() {
        if (held) database.close();
        held = false;
      },
    };
  }

  volumeSync(path: string): { totalBytes: number; freeBytes: number } | null {
    try {
      const { bsize, blocks, bavail } = statfsSync(path);
      return { totalBytes: bsize * blocks, freeBytes: bsize * bavail };
    } catch {
      return null;
    }
  }
}

const OPEN_OPTIONS: Record<"read" | "write" | "create" | "truncate", Deno.OpenOptions> = {
  read: { read: true },
  write: { read: true, write: true },
  create: { read: true, write: true, create: true },
  truncate: { read: true, write: true, create: true, truncate: true },
};

class DenoFile implements DiskFile {
  readonly path: string;
  readonly #file: Deno.FsFile;
  readonly #writable: boolean;
  /** Where the next byte would be read or written; -1 where a failure leaves it unknown. */
  #position = 0;
  /** The handle of asynchronous reads, opened by the first of them. */
  #reader: Deno.FsFile | undefined;
  /** Settles when the asynchronous reads asked for so far are done. */
  #reads: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(path: string, file: Deno.FsFile, writable: boolean) {
    this.path = path;
    this.#file = file;
    this.#writable = writable;
  }

  sizeSync(): number {
    return attempt("tell the size of", this.path, () => this.#file.statSync().size);
  }

  writeSync(position: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#seek("write to", position);
    try {
      let written = 0;
      while (written < bytes.length) {
        written += this.#file.writeSync(written === 0 ? bytes : bytes.subarray(written));
      }
      this.#position = position + written;
    } catch (error) {
      this.#position = -1;
      throw toDiskError("write to", this.path, error);
    }
  }

  readSync(position: number, into: Uint8Array): number {
    this.#seek("read from", position);
    try {
      let count = 0;
      while (count < into.length) {
        const read = this.#file.readSync(count === 0 ? into : into.subarray(count));
        if (read === null) break;
        count += read;
      }
      this.#position = position + count;
      return count;
    } catch (error) {
      this.#position = -1;
      throw toDiskError("read from", this.path, error);
    }
  }

  read(position: number, into: Uint8Array): Promise<number> {
    const result = this.#reads.then(() => this.#readAside(position, into));
    this.#reads = result.catch(() => {});
    return result;
  }

  async #readAside(position: number, into: Uint8Array): Promise<number> {
    try {
      if (this.#closed) throw new Error("it is closed");
      const reader = this.#reader ??= Deno.openSync(this.path, { read: true });
      reader.seekSync(position, Deno.SeekMode.Start);
      let count = 0;
      while (count < into.length) {
        const read = await reader.read(count === 0 ? into : into.subarray(count));
        if (read === null) break;
        count += read;
      }
      return count;
    } catch (error) {
      throw toDiskError("read from", this.path, error);
    }
  }

  truncateSync(size: number): void {
    attempt("cut", this.path, () => this.#file.truncateSync(size));
  }

  async sync(): Promise<void> {
    if (!this.#writable) return;
    try {
      await this.#file.syncData();
    } catch (error) {
      throw toDiskError("sync", this.path, error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    this.#reader?.close();
  }

  #seek(operation: string, position: number): void {
    if (position === this.#position) return;
    attempt(operation, this.path, () => this.#file.seekSync(position, Deno.SeekMode.Start));
    this.#position = position;
  }
}

function attempt<T>(operation: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw toDiskError(operation, path, error);
  }
}

function toDiskError(operation: string, path: string, error: unknown): DiskError {
  if (error instanceof DiskError) return error;
  const { code, message } = error as Error & { code?: string };
  const kind = code === "ERR_SQLITE_ERROR" ? kindOfLockError(message) : kindOf(error, code);
  const advice = ADVICE[kind];
  return new DiskError(kind, path, `Cannot ${operation} ${path}: ${message}${advice}`, { cause: error });
}

function kindOf(error: unknown, code: string | undefined): DiskErrorKind {
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) return "permission";
  return KIND_OF_CODE[code ?? ""] ?? "io";
}

function kindOfLockError(message: string): DiskErrorKind {
  if (message.includes("locked")) return "locked";
  return message.includes("unable to open") || message.includes("readonly") ? "permission" : "io";
}

const KIND_OF_CODE: Record<string, DiskErrorKind> = {
  ENOENT: "not-found",
  EEXIST: "exists",
  ENOTEMPTY: "exists",
  ENOSPC: "no-space",
  EDQUOT: "no-space",
  EACCES: "permission",
  EPERM: "permission",
  EROFS: "permission",
};

const ADVICE: Record<DiskErrorKind, string> = {
  "not-found": "",
  exists: "",
  "no-space": ". Free some space on its volume",
  permission: ". Give this user the right to read and write it",
  locked: ". Another process uses the folder: stop it, or name another folder",
  io: "",
};

/** Of one folder: what is under way, and what begins after it, where somebody has asked for that. */
interface FolderSyncs {
  readonly running: Promise<void>;
  next: Promise<void> | null;
}

async function syncFolder(path: string): Promise<void> {
  const folder = attempt("open the folder", path, () => Deno.openSync(path, { read: true }));
  try {
    await folder.sync();
  } catch (error) {
    throw toDiskError("sync the folder", path, error);
  } finally {
    folder.close();
  }
}
