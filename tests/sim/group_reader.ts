/**
 * Those who read as members of a group: they read what is theirs from where the group is, and commit how far they have
 * come. They stall for longer than their session lasts, leave, die, and come back.
 *
 * @module
 */
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "../../lib/protocol/messages/find_coordinator.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../lib/protocol/messages/offset_commit.ts";
import { Actor, type Stage } from "./actor.ts";
import { type CommittedRecords, readCommitted } from "./committed_reading.ts";
import type { GroupHistory } from "./group_history.ts";
import { fetchOffsets } from "./group_offsets.ts";
import { Violation } from "./history.ts";
import { LEFT_BEHIND, type Membership, type MemberWorld, PASSING } from "./membership.ts";
import type { Draw } from "./random.ts";
import type { SimTopic } from "./topics.ts";
import type { TransactionHistory } from "./transaction_history.ts";

/** The group that somebody reads as a member of, and what it reads. */
export interface Reading {
  readonly group: GroupHistory;
  readonly transactions: TransactionHistory;
  readonly topic: SimTopic;
  /** Longer than a member may be silent. */
  readonly longMs: number;
  newMembership(world: MemberWorld, name: string): Membership;
}

const COMMIT_VERSIONS = [9, 10];
const FIRST_VERSION_WITH_TOPIC_IDS = 10;

export class GroupReader extends Actor {
  protected readonly reading: Reading;
  protected readonly membership: Membership;
  /** Where it reads on, by partition; null where that is to be asked. */
  readonly #positions = new Map<number, number | null>();
  /** Positions that differ from what is committed. */
  readonly #dirty = new Set<number>();
  #knowsCoordinator = false;

  constructor(name: string, stage: Stage, draw: Draw, reading: Reading) {
    super(name, stage, draw);
    this.reading = reading;
    const { client } = this;
    const { group: history, topic } = reading;
    const trace = (line: string) => this.trace(line);
    this.membership = reading.newMembership({ loop: stage.loop, client, draw, history, topic, trace }, name);
  }

  override async run(): Promise<void> {
    await super.run();
    await this.membership.leave();
    this.close();
  }

  protected async act(): Promise<void> {
    await this.pause(this.draw.pick([2, 20, 150]));
    if (!this.#knowsCoordinator && !await this.#findCoordinator()) return;
    if (!this.stage.isEnding) await this.#misbehave();
    await this.membership.poll();
    this.#forgetOthers();
    if (!await this.#findPositions()) return;
    await this.work();
  }

  /** Reads one of its partitions, and commits now and then. */
  protected async work(): Promise<void> {
    const partition = this.pickPartition();
    if (partition === null) return;
    const read = await this.read(partition);
    if (read !== null) this.moveTo(partition, read.nextOffset);
    if (!this.stage.isEnding && this.draw.chance(0.03)) await this.stall();
    if (this.draw.chance(0.6)) await this.#commit();
  }

  protected pickPartition(): number | null {
    const { owned } = this.membership;
    return owned.size === 0 ? null : this.draw.pick([...owned]);
  }

  protected async read(partition: number): Promise<CommittedRecords | null> {
    const { transactions, topic } = this.reading;
    const position = this.position(partition);
    return await readCommitted(this.client, this.draw, transactions, { topic: topic.name, index: partition }, position);
  }

  protected position(partition: number): number {
    return this.#positions.get(partition)!;
  }

  protected moveTo(partition: number, offset: number): void {
    if (this.#positions.get(partition) !== offset) this.#dirty.add(partition);
    this.#positions.set(partition, offset);
  }

  /** Where to read on is to be asked anew. */
  protected forgetPositions(): void {
    for (const partition of this.#positions.keys()) this.#positions.set(partition, null);
    this.#dirty.clear();
  }

  /** It takes too long, and perhaps does not know. */
  protected async stall(): Promise<void> {
    this.trace("stalls");
    await this.stage.loop.sleep(this.draw.time(0.3, 1.5) * this.reading.longMs);
  }

  async #misbehave(): Promise<void> {
    const what = this.draw.below(100);
    if (what < 3) await this.stall();
    else if (what < 6) {
      await this.membership.leave();
      await this.#beAway();
    } else if (what < 9) {
      this.trace("dies");
      this.client.close();
      this.membership.die();
      await this.#beAway();
    } else if (what < 11) this.client.close();
  }

  async #beAway(): Promise<void> {
    this.forgetPositions();
    this.#knowsCoordinator = false;
    await this.pause(this.draw.pick([10, 2 * this.reading.longMs]));
  }

  #forgetOthers(): void {
    const { owned, fresh } = this.membership;
    for (const partition of [...this.#positions.keys()]) {
      if (owned.has(partition) && !fresh.has(partition)) continue;
      this.#positions.delete(partition);
      this.#dirty.delete(partition);
    }
    for (const partition of fresh) this.#positions.set(partition, null);
    fresh.clear();
  }

  async #findCoordinator(): Promise<boolean> {
    const answer = await this.client.ask(FindCoordinatorRequest, FindCoordinatorResponse, 4, {
      keyType: 0,
      coordinatorKeys: [this.reading.group.name],
    });
    if (answer === null) return false;
    const { errorCode } = answer.coordinators[0];
    if (errorCode !== ErrorCode.NONE && !PASSING.has(errorCode)) {
      throw new Violation(`${this.name}: its coordinator cannot be found: ${errorName(errorCode)}`);
    }
    return this.#knowsCoordinator = errorCode === ErrorCode.NONE;
  }

  /** Asks for the positions that are missing. Resolves to whether all are known. */
  async #findPositions(): Promise<boolean> {
    const missing = [...this.#positions].filter(([, position]) => position === null).map(([partition]) => partition);
    if (missing.length === 0) return true;
    const { client, draw } = this;
    const fetched = await fetchOffsets({ client, draw, ...this.reading }, missing, this.membership.identity);
    if (fetched === "left behind") this.membership.hurry();
    if (typeof fetched === "string") return false;
    for (const [partition, offset] of fetched) {
      if (this.#positions.has(partition)) this.#positions.set(partition, Math.max(0, offset));
    }
    return [...this.#positions.values()].every((position) => position !== null);
  }

  async #commit(): Promise<void> {
    const partitions = [...this.#dirty];
    if (partitions.length === 0) return;
    const { group, topic } = this.reading;
    const { self, generation, identity } = this.membership;
    const { memberId, generationId, groupInstanceId } = identity;
    const commits = partitions.map((partition) => group.newCommit(partition, this.position(partition), false));
    const sentAt = group.moment();
    const knownGeneration = group.generation;
    const version = this.draw.pick(COMMIT_VERSIONS);
    const answer = await this.client.ask(OffsetCommitRequest, OffsetCommitResponse, version, {
      groupId: group.name,
      memberId,
      generationIdOrMemberEpoch: generationId,
      groupInstanceId,
      topics: [{
        ...version >= FIRST_VERSION_WITH_TOPIC_IDS ? { topicId: topic.id } : { name: topic.name },
        partitions: commits.map(({ id, partition, offset }) => ({
          partitionIndex: partition,
          committedOffset: BigInt(offset),
          committedMetadata: id,
        })),
      }],
    });
    for (const { partitionIndex, errorCode } of answer?.topics[0].partitions ?? []) {
      const commit = commits.find(({ partition }) => partition === partitionIndex)!;
      this.trace(`${commit.id}: ${topic.name}-${partitionIndex} at ${commit.offset}: ${errorName(errorCode)}`);
      if (errorCode === ErrorCode.NONE) {
        group.noteHeld([commit]);
        group.checkTaken(self, partitionIndex, { sentAt, generation, knownGeneration });
        this.#dirty.delete(partitionIndex);
      } else if (LEFT_BEHIND.has(errorCode)) {
        group.noteRefused([commit]);
        this.membership.hurry();
      } else if (!PASSING.has(errorCode)) {
        throw new Violation(`${this.name}: ${commit.id} is refused: ${errorName(errorCode)}`);
      }
    }
  }
}
