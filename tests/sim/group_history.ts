/**
 * The checker of a group: who owns its partitions, and which offsets it has committed.
 *
 * A partition has one owner at a time. Nobody can say of a member that is silent when it was thrown out; but not before
 * its session can have ended, so until then its partitions are given to nobody else, and after somebody else has got
 * one, none of its commits is taken. A committed offset is a register: whoever asks is told of the last commit that was
 * answered before, or of one that was under way since.
 *
 * @module
 */
import { Violation } from "./history.ts";

/** An offset that somebody wants to commit. Each has an id, which is its metadata. */
export interface SimCommit {
  readonly id: string;
  readonly partition: number;
  readonly offset: number;
  /** When it was sent, by the history's own count: later than nothing, where it waits for its transaction. */
  sentAt: number;
  /** When it was known to hold. */
  heldAt: number;
  isRefused: boolean;
}

/** A member, as the group sees it through its requests. */
export interface Owner {
  readonly name: string;
  /** The least time in milliseconds that it has after a sign of life. */
  readonly leaseMs: number;
  /** When the last request that kept it in the group was sent, in milliseconds of the world. */
  aliveMs: number;
}

interface Acquisition {
  readonly owner: Owner;
  readonly at: number;
  isOver: boolean;
}

export class GroupHistory {
  readonly name: string;
  readonly #elapsedMs: () => number;
  /** Counts what happens, to tell before from after. */
  #count = 0;
  #commitCount = 0;
  readonly #commits = new Map<number, SimCommit[]>();
  readonly #owners = new Map<number, Acquisition>();
  /** By generation and partition, the member that its leader has given it to. */
  readonly #assigned = new Map<string, string>();
  /** The greatest generation that is known to be complete. */
  generation = -1;

  constructor(name: string, elapsedMs: () => number) {
    this.name = name;
    this.#elapsedMs = elapsedMs;
  }

  /** This moment, to be held against others. */
  moment(): number {
    return ++this.#count;
  }

  /**
   * A member learns that a partition is its own. What it is told may have been under way for so long that it is true no
   * more: of a generation one knows, of a member epoch nobody can say.
   */
  noteAcquired(owner: Owner, partition: number, generation: number | null): void {
    if (generation !== null && generation < this.generation) return;
    const mayBeOver = this.#elapsedMs() - owner.aliveMs >= owner.leaseMs;
    if (generation === null && mayBeOver) return void this.#owners.delete(partition);
    const known = this.#owners.get(partition);
    if (known !== undefined && !known.isOver && known.owner !== owner) {
      const silentMs = this.#elapsedMs() - known.owner.aliveMs;
      if (silentMs < known.owner.leaseMs) {
        this.#fail(
          `partition ${partition} is given to ${owner.name}, and ${known.owner.name} has it, heard of ` +
            `${silentMs.toFixed(0)} ms ago, which may be silent for ${known.owner.leaseMs} ms`,
        );
      }
    }
    if (known?.owner === owner && !known.isOver) return;
    this.#owners.set(partition, { owner, at: this.moment(), isOver: false });
  }

  /** A member gives a partition up, and says so from now on. */
  noteGivenUp(owner: Owner, partition: number): void {
    const known = this.#owners.get(partition);
    if (known?.owner === owner) known.isOver = true;
  }

  /** All members of a generation of the classic protocol agree on who has what. */
  noteAssignment(generation: number, memberName: string, partitions: readonly number[]): void {
    this.generation = Math.max(this.generation, generation);
    for (const partition of partitions) {
      const key = `${generation}/${partition}`;
      const known = this.#assigned.get(key);
      if (known !== undefined && known !== memberName) {
        this.#fail(`in generation ${generation}, partition ${partition} is ${known}'s and ${memberName}'s`);
      }
      this.#assigned.set(key, memberName);
    }
  }

  /** @param waits whether it is sent only with the end of its transaction */
  newCommit(partition: number, offset: number, waits: boolean): SimCommit {
    const commit: SimCommit = {
      id: `commit${this.#commitCount++}`,
      partition,
      offset,
      sentAt: waits ? Infinity : this.moment(),
      heldAt: Infinity,
      isRefused: false,
    };
    this.#commitsOf(partition).push(commit);
    return commit;
  }

  /** The transaction of the commits is about to be committed. */
  noteSent(commits: readonly SimCommit[]): void {
    for (const commit of commits) commit.sentAt = Math.min(commit.sentAt, this.moment());
  }

  noteHeld(commits: readonly SimCommit[]): void {
    for (const commit of commits) commit.heldAt = Math.min(commit.heldAt, this.moment());
  }

  noteRefused(commits: readonly SimCommit[]): void {
    for (const commit of commits) commit.isRefused = true;
  }

  /** A commit of this member, sent at `sentAt` when `knownGeneration` was complete, was taken. */
  checkTaken(
    owner: Owner,
    partition: number,
    { sentAt, generation, knownGeneration }: { sentAt: number; generation: number | null; knownGeneration: number },
  ): void {
    if (generation !== null && generation < knownGeneration) {
      this.#fail(`${owner.name} could commit in generation ${generation}, after ${knownGeneration} was complete`);
    }
    const known = this.#owners.get(partition);
    if (known !== undefined && known.owner !== owner && known.at < sentAt) {
      this.#fail(`${owner.name} could commit partition ${partition}, which was ${known.owner.name}'s by then`);
    }
  }

  /** The group has this offset, as somebody was told who asked at `askedAt`; the id is null where it has none. */
  noteFetched(partition: number, askedAt: number, offset: number, id: string | null): void {
    const commits = this.#commitsOf(partition);
    const commit = commits.find((one) => one.id === id) ?? null;
    const what = `partition ${partition} is at ${offset} (${id})`;
    if (id !== null && commit?.offset !== offset) this.#fail(`${what}, which nobody has committed`);
    if (commit?.isRefused) this.#fail(`${what}, though that was refused or aborted`);
    if (commit?.sentAt === Infinity) this.#fail(`${what}, though its transaction is open`);
    const heldAt = commit?.heldAt ?? 0;
    const later = commits.find((other) => other !== commit && other.sentAt > heldAt && other.heldAt < askedAt);
    if (later !== undefined) this.#fail(`${what}, though it was at ${later.offset} (${later.id}) after that`);
    if (commit !== null) this.noteHeld([commit]);
  }

  #commitsOf(partition: number): SimCommit[] {
    let commits = this.#commits.get(partition);
    if (commits === undefined) this.#commits.set(partition, commits = []);
    return commits;
  }

  #fail(message: string): never {
    throw new Violation(`group ${this.name}: ${message}`);
  }
}
