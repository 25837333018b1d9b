/**
 * A disk in memory whose syncs can be held back, and whose operations can be made to fail.
 *
 * @module
 */
import { type Clock, DiskError, type DiskErrorKind, type DiskFile } from "../../lib/ports.ts";
import { MemoryDisk } from "../../lib/shell/memory_disk.ts";

export class FaultyDisk extends MemoryDisk {
  /** Syncs of `.log` files that were begun. */
  syncCount = 0;
  /** True holds syncs of `.log` files back until {@linkcode finishSyncs}. */
  holdSyncs = false;
  failSyncs: DiskErrorKind | null = null;
  failWrites: DiskErrorKind | null = null;
  failTruncates: DiskErrorKind | null = null;
  failReads: DiskErrorKind | null = null;
  /** Asynchronous reads of `.log` files. */
  readCount = 0;
  #held: (() => void)[] = [];

  constructor(clock: Clock = { now: () => 0 }) {
    super(clock);
  }

  /** Ends all syncs that are held back, and lets what waits for them go on. */
  async finishSyncs(): Promise<void> {
    for (const finish of this.#held.splice(0)) finish();
    await settled();
  }

  override openSync(path: string, mode: "read" | "write" | "create" | "truncate"): DiskFile {
    const file = super.openSync(path, mode);
    return path.endsWith(".log") ? new FaultyFile(this, file) : file;
  }

  /** Called by the files. */
  async sync(): Promise<void> {
    this.syncCount++;
    if (this.holdSyncs) await new Promise<void>((resolve) => this.#held.push(resolve));
    failIf(this.failSyncs, "sync");
  }
}

class FaultyFile implements DiskFile {
  readonly #disk: FaultyDisk;
  readonly #file: DiskFile;

  constructor(disk: FaultyDisk, file: DiskFile) {
    this.#disk = disk;
    this.#file = file;
  }

  get path(): string {
    return this.#file.path;
  }

  sizeSync(): number {
    return this.#file.sizeSync();
  }

  /** A write that fails has written half of it. */
  writeSync(position: number, bytes: Uint8Array): void {
    if (this.#disk.failWrites !== null) this.#file.writeSync(position, bytes.subarray(0, bytes.length >> 1));
    failIf(this.#disk.failWrites, "write to");
    this.#file.writeSync(position, bytes);
  }

  readSync(position: number, into: Uint8Array): number {
    return this.#file.readSync(position, into);
  }

  read(position: number, into: Uint8Array): Promise<number> {
    this.#disk.readCount++;
    failIf(this.#disk.failReads, "read from");
    return this.#file.read(position, into);
  }

  truncateSync(size: number): void {
    failIf(this.#disk.failTruncates, "cut");
    this.#file.truncateSync(size);
  }

  async sync(): Promise<void> {
    await this.#disk.sync();
    await this.#file.sync();
  }

  close(): void {
    this.#file.close();
  }
}

/** Everything that promises alone set off has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}

function failIf(kind: DiskErrorKind | null, operation: string): void {
  if (kind !== null) throw new DiskError(kind, "", `Cannot ${operation} the file: ${kind}`);
}
