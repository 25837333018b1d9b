/**
 * The bytes of one file on the simulated disk: what processes see, and what the device has.
 *
 * A write changes the page cache and is remembered. A sync makes durable what was written before it began. What is
 * neither may be lost, torn or reordered by a power cut.
 *
 * @module
 */
import type { Draw } from "./random.ts";

/** The unit in which the system writes pages back, and so the one in which writes may come out of order. */
const PAGE_BYTES = 4096;

/** Something that was done to the file and is not on the device for certain. */
type Change =
  | { readonly kind: "write"; readonly position: number; readonly bytes: Uint8Array; isForsaken: boolean }
  | { readonly kind: "truncate"; readonly size: number; isForsaken: boolean };

/** What a power cut may do to the unsynced changes of one file. */
type Fate = "lost" | "kept" | "torn" | "reordered";
const FATES: readonly Fate[] = ["lost", "kept", "torn", "reordered"];

export class Content {
  readonly #cached = new GrowingBytes();
  readonly #durable = new GrowingBytes();
  #changes: Change[] = [];
  /** How often a sync has failed: each handle that was open then is told of it with its own next sync. */
  failedSyncCount = 0;
  modifiedMs: number;

  constructor(nowMs: number) {
    this.modifiedMs = nowMs;
  }

  get size(): number {
    return this.#cached.size;
  }

  /** True where a power cut may change the file. */
  get isDirty(): boolean {
    return this.#changes.length > 0;
  }

  read(position: number, into: Uint8Array): number {
    return this.#cached.read(position, into);
  }

  write(position: number, bytes: Uint8Array, nowMs: number): void {
    const copy = bytes.slice();
    this.#cached.write(position, copy);
    this.#changes.push({ kind: "write", position, bytes: copy, isForsaken: false });
    this.modifiedMs = nowMs;
  }

  truncate(size: number, nowMs: number): void {
    this.#cached.truncate(size);
    this.#changes.push({ kind: "truncate", size, isForsaken: false });
    this.modifiedMs = nowMs;
  }

  /**
   * Begins a sync: `commit` makes durable what was done before this call, `fail` gives it up: no later sync of the same
   * process writes it.
   */
  beginSync(): { commit(): void; fail(): void } {
    const covered = [...this.#changes];
    return {
      commit: () => {
        // A sync that began later may have ended before: what it made durable must not be done once more, over what
        // came after.
        const pending = new Set(this.#changes);
        const committed = new Set(covered.filter((change) => pending.has(change) && !change.isForsaken));
        for (const change of committed) apply(this.#durable, change);
        this.#changes = this.#changes.filter((change) => !committed.has(change));
      },
      // After a failed write-back Linux takes the pages for clean: no later sync writes them.
      fail: () => {
        this.failedSyncCount++;
        covered.forEach((change) => change.isForsaken = true);
      },
    };
  }

  /**
   * No process is left that was told of a failed sync. The pages count as unwritten again: to look behind what the page
   * cache pretends, a broker would have to write all anew, and none does.
   */
  endProcesses(): void {
    for (const change of this.#changes) change.isForsaken = false;
  }

  /** What the device has when the power is back becomes what there is. Returns how it went, for the trace. */
  cutPower(draw: Draw): Fate | "safe" {
    if (this.#changes.length === 0) return "safe";
    const fate = draw.pick(FATES);
    for (const change of surviving(this.#changes, fate, draw)) apply(this.#durable, change);
    this.#changes = [];
    this.#cached.become(this.#durable);
    return fate;
  }
}

function apply(bytes: GrowingBytes, change: Change): void {
  if (change.kind === "write") bytes.write(change.position, change.bytes);
  else bytes.truncate(change.size);
}

function* surviving(changes: readonly Change[], fate: Fate, draw: Draw): Generator<Change> {
  if (fate === "lost") return;
  if (fate === "kept") return yield* changes;
  if (fate === "torn") {
    const last = draw.below(changes.length);
    yield* changes.slice(0, last);
    const torn = changes[last];
    if (torn.kind === "write") yield { ...torn, bytes: torn.bytes.subarray(0, draw.below(torn.bytes.length + 1)) };
    return;
  }
  for (const change of changes) {
    if (change.kind === "truncate") {
      if (draw.chance(0.5)) yield change;
      continue;
    }
    for (const part of pagesOf(change.position, change.bytes)) {
      if (draw.chance(0.5)) yield { ...change, ...part };
    }
  }
}

function* pagesOf(position: number, bytes: Uint8Array): Generator<{ position: number; bytes: Uint8Array }> {
  for (let done = 0; done < bytes.length;) {
    const length = Math.min(bytes.length - done, PAGE_BYTES - ((position + done) % PAGE_BYTES));
    yield { position: position + done, bytes: bytes.subarray(done, done + length) };
    done += length;
  }
}

/** Bytes in a buffer that doubles. What lies behind the end is zeros, always. */
class GrowingBytes {
  #buffer = new Uint8Array(256);
  size = 0;

  read(position: number, into: Uint8Array): number {
    const part = this.#buffer.subarray(position, Math.min(this.size, position + into.length));
    into.set(part);
    return part.length;
  }

  write(position: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#reserve(position + bytes.length);
    this.#buffer.set(bytes, position);
    this.size = Math.max(this.size, position + bytes.length);
  }

  truncate(size: number): void {
    if (size < this.size) this.#buffer.fill(0, size, this.size);
    else this.#reserve(size);
    this.size = size;
  }

  become(other: GrowingBytes): void {
    this.#buffer = other.#buffer.slice(0, Math.max(256, other.size));
    this.size = other.size;
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(size, this.#buffer.length * 2));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}
