/**
 * Open files, few at a time: thousands of partitions must do with the thousand handles that a process commonly gets.
 *
 * @module
 */
import type { Disk, DiskFile } from "../ports.ts";

interface PooledFile {
  readonly file: DiskFile;
  /** How many asynchronous uses are under way. */
  uses: number;
  /** To be closed as soon as nothing uses it. */
  isUnwanted: boolean;
}

/** Keeps the files open that were used last. All are opened for writing, which also reads. */
export class FilePool {
  readonly #disk: Disk;
  readonly #maxOpen: number;
  /** By path, the one used longest ago first. */
  readonly #files = new Map<string, PooledFile>();

  /** `maxOpen` may be exceeded by the files that asynchronous uses hold. A file may take two handles, see the disk. */
  constructor(disk: Disk, maxOpen: number) {
    this.#disk = disk;
    this.#maxOpen = maxOpen;
  }

  get openCount(): number {
    return this.#files.size;
  }

  /**
   * A file that is there, to be used at once: it may be closed when the pool is next asked.
   *
   * @throws {DiskError}
   */
  open(path: string): DiskFile {
    return this.#pooled(path, "write").file;
  }

  /** As {@linkcode open}, and makes the file where it is not there. */
  create(path: string): DiskFile {
    return this.#pooled(path, "create").file;
  }

  /** Keeps a file that is there open until what `use` returns has settled. */
  async using<T>(path: string, use: (file: DiskFile) => Promise<T>): Promise<T> {
    const pooled = this.#pooled(path, "write");
    pooled.uses++;
    try {
      return await use(pooled.file);
    } finally {
      pooled.uses--;
      if (pooled.isUnwanted && pooled.uses === 0) pooled.file.close();
    }
  }

  /** Closes the file, once it is no longer in use: before it is removed, or its folder renamed. */
  close(path: string): void {
    const pooled = this.#files.get(path);
    if (pooled !== undefined) this.#close(path, pooled);
  }

  /** Closes all that lies in a folder. */
  closeFolder(folder: string): void {
    for (const [path, pooled] of this.#files) {
      if (path.startsWith(`${folder}/`)) this.#close(path, pooled);
    }
  }

  closeAll(): void {
    for (const [path, pooled] of this.#files) this.#close(path, pooled);
  }

  #pooled(path: string, mode: "write" | "create"): PooledFile {
    let pooled = this.#files.get(path);
    if (pooled === undefined) {
      pooled = { file: this.#disk.openSync(path, mode), uses: 0, isUnwanted: false };
      this.#evict();
    } else {
      this.#files.delete(path);
    }
    this.#files.set(path, pooled);
    return pooled;
  }

  #evict(): void {
    if (this.#files.size < this.#maxOpen) return;
    for (const [path, pooled] of this.#files) {
      if (pooled.uses > 0) continue;
      this.#close(path, pooled);
      if (this.#files.size < this.#maxOpen) return;
    }
  }

  #close(path: string, pooled: PooledFile): void {
    this.#files.delete(path);
    pooled.isUnwanted = true;
    if (pooled.uses === 0) pooled.file.close();
  }
}
