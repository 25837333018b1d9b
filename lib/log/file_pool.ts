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
  /** Whether it was asked for since somebody last looked for one to close. */
  wasAskedFor: boolean;
  /** To be closed as soon as nothing uses it. */
  isUnwanted: boolean;
}

/**
 * Keeps the files open that were used lately: one that was asked for again since it was last looked at is passed over
 * once. So to ask for an open file, as each append does, moves nothing. All are opened for writing, which also reads.
 */
export class FilePool {
  readonly #disk: Disk;
  readonly #maxOpen: number;
  /** By path, the next one to be looked at first. */
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
    const known = this.#files.get(path);
    if (known !== undefined) {
      known.wasAskedFor = true;
      return known;
    }
    const pooled = { file: this.#disk.openSync(path, mode), uses: 0, wasAskedFor: false, isUnwanted: false };
    this.#evict();
    this.#files.set(path, pooled);
    return pooled;
  }

  #evict(): void {
    // What is passed over comes last, and is met a second time: twice round, all have been looked at.
    let looks = this.#files.size * 2;
    for (const [path, pooled] of this.#files) {
      if (this.#files.size < this.#maxOpen || looks-- === 0) return;
      if (pooled.uses === 0 && !pooled.wasAskedFor) {
        this.#close(path, pooled);
        continue;
      }
      pooled.wasAskedFor = false;
      this.#files.delete(path);
      this.#files.set(path, pooled);
    }
  }

  #close(path: string, pooled: PooledFile): void {
    this.#files.delete(path);
    pooled.isUnwanted = true;
    if (pooled.uses === 0) pooled.file.close();
  }
}
