/**
 * Exactly once: a member of a group that reads what is committed, writes something for each record, and commits how far
 * it has come in the same transaction (KIP-447). It stalls and dies in the midst of that, and others go on.
 *
 * @module
 */
import { type CommittedRecords, partitionName, type TransactionalPartition } from "./committed_reading.ts";
import { GroupReader, type Reading } from "./group_reader.ts";
import type { Stage } from "./actor.ts";
import type { Draw } from "./random.ts";
import { formatId } from "./records.ts";
import { type Outcome, TransactionalProducer, type TransactionalRecord } from "./transactional_producer.ts";
import type { SimTopic } from "./topics.ts";

/** What is made of what. */
export interface Pipeline extends Reading {
  readonly output: SimTopic;
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  /** Whether nothing new comes. */
  isExhausted(): boolean;
  /** The partitions that are worked on to their end. */
  readonly drained: Set<number>;
}

/** More positions than one are committed at a time. */
const MAX_PARTITIONS = 2;
/** So that what is made of them fits into a segment. */
const MAX_RECORDS = 10;

export class ExactlyOnceReader extends GroupReader {
  readonly #pipeline: Pipeline;
  readonly #producer: TransactionalProducer;
  #count = 0;

  constructor(name: string, stage: Stage, draw: Draw, pipeline: Pipeline) {
    super(name, stage, draw, pipeline);
    this.#pipeline = pipeline;
    const { transactions: history, transactionalId, transactionTimeoutMs } = pipeline;
    const { client } = this;
    this.#producer = new TransactionalProducer(
      { loop: stage.loop, client, draw, history, trace: (line) => this.trace(line) },
      transactionalId,
      transactionTimeoutMs,
      draw.chance(0.6),
    );
  }

  override async run(): Promise<void> {
    while (!this.stage.isEnding || !this.#isDrained) await this.act();
    await super.run();
  }

  get #isDrained(): boolean {
    const { drained, topic } = this.#pipeline;
    return topic.partitions.every((_, index) => drained.has(index));
  }

  protected override async work(): Promise<void> {
    if (!this.#producer.isReady && !await this.#producer.begin()) return;
    const isExhausted = this.#pipeline.isExhausted();
    const reads = new Map<number, CommittedRecords>();
    for (let count = this.draw.between(1, MAX_PARTITIONS); count > 0; count--) {
      const partition = this.pickPartition();
      if (partition === null || reads.has(partition)) continue;
      const read = await this.read(partition);
      if (read === null) continue;
      // Beyond it there is nothing, or markers alone: they are no records.
      if (isExhausted && read.nextOffset === read.highWatermark && read.records.size === 0) {
        this.#pipeline.drained.add(partition);
      }
      if (read.nextOffset > this.position(partition)) reads.set(partition, firstOf(read));
    }
    if (reads.size > 0) await this.#transact(reads);
  }

  async #transact(reads: ReadonlyMap<number, CommittedRecords>): Promise<void> {
    const outcome = await this.#process(reads);
    if (outcome === "done") return;
    if (outcome === "fenced" || await this.#producer.end(false) === "fenced") this.#producer.forget();
    this.forgetPositions();
    this.membership.hurry();
  }

  async #process(reads: ReadonlyMap<number, CommittedRecords>): Promise<Outcome> {
    const { draw } = this;
    const { group, topic } = this.#pipeline;
    const { identity, self, generation } = this.membership;
    this.#producer.beginTransaction();
    const batches = this.#batches([...reads.values()].flatMap(({ records }) => [...records.values()]));
    const written = await this.#producer.write(batches);
    if (written !== "done") return written;
    await this.#maybeStall();
    const commits = [...reads].map(([partition, { nextOffset }]) => group.newCommit(partition, nextOffset, true));
    const sentAt = group.moment();
    const knownGeneration = group.generation;
    const committed = await this.#producer.commitOffsets(group.name, topic.name, commits, identity);
    if (committed !== "done") {
      group.noteRefused(commits);
      return committed;
    }
    for (const { partition } of commits) group.checkTaken(self, partition, { sentAt, generation, knownGeneration });
    await this.#maybeStall();
    if (draw.chance(0.1)) {
      group.noteRefused(commits);
      return "abortable";
    }
    const ended = await this.#producer.end(true, () => group.noteSent(commits));
    if (ended !== "done") {
      if (this.#producer.transaction.outcome === "aborted") group.noteRefused(commits);
      return ended;
    }
    group.noteHeld(commits);
    for (const [partition, { nextOffset }] of reads) {
      this.trace(`has worked on ${topic.name}-${partition} up to ${nextOffset}`);
      this.moveTo(partition, nextOffset);
    }
    return "done";
  }

  async #maybeStall(): Promise<void> {
    if (!this.stage.isEnding && this.draw.chance(0.06)) await this.stall();
  }

  /** A record for each input record, in some partition of the output. */
  #batches(sources: readonly string[]): [TransactionalPartition, TransactionalRecord[]][] {
    const { output } = this.#pipeline;
    const batches = new Map<string, [TransactionalPartition, TransactionalRecord[]]>();
    for (const source of sources) {
      const partition = { topic: output.name, index: this.draw.below(output.partitions.length) };
      const id = formatId(this.name, this.#count++);
      const record = { id, source, key: source, isTombstone: false, timestamp: this.stage.loop.trueNow() };
      const batch = batches.get(partitionName(partition));
      if (batch === undefined) batches.set(partitionName(partition), [partition, [record]]);
      else batch[1].push(record);
    }
    return [...batches.values()];
  }
}

/** As much of what was read as is worked on in one transaction. */
function firstOf(read: CommittedRecords): CommittedRecords {
  const records = [...read.records];
  if (records.length <= MAX_RECORDS) return read;
  return { ...read, records: new Map(records.slice(0, MAX_RECORDS)), nextOffset: records[MAX_RECORDS][0] };
}
