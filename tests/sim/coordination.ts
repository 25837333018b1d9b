/**
 * Groups and transactions, in a share of the worlds: sources write transactions to one topic, members of a group make of
 * each of its records one of another topic, exactly once, and members of other groups read along.
 *
 * @module
 */
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import type { Actor, Stage } from "./actor.ts";
import { SimClient } from "./client.ts";
import { CommittedReader } from "./committed_reader.ts";
import { partitionName, readCommitted, type TransactionalPartition } from "./committed_reading.ts";
import { ConsumerGroupMember } from "./consumer_group_member.ts";
import { ExactlyOnceReader, type Pipeline } from "./exactly_once.ts";
import { GroupHistory } from "./group_history.ts";
import { GroupMember } from "./group_member.ts";
import { fetchOffsets } from "./group_offsets.ts";
import { GroupReader, type Reading } from "./group_reader.ts";
import { Violation } from "./history.ts";
import type { MemberOptions, Membership, MemberWorld } from "./membership.ts";
import { Draw } from "./random.ts";
import { type SimTopic, Topics } from "./topics.ts";
import { TransactionHistory } from "./transaction_history.ts";
import { TransactionSource } from "./transaction_source.ts";

/** The share of the worlds that have groups and transactions. */
const SHARE = 0.4;
/** How long after its time an open transaction may hold up its readers, in milliseconds of the world. */
const SLACK_MS = 15_000;
const RETRY_MS = 50;
/** Members that share an instance id, where any do. */
const TWINS = ["member0", "member1"];

export class Coordination {
  readonly #draw: Draw;
  readonly #transactions = new TransactionHistory();
  readonly #topics = new Topics();
  readonly #input: SimTopic;
  readonly #output: SimTopic;
  readonly #sources: Actor[] = [];
  /** The groups that there are, each with the topic that it reads. */
  readonly #groups: { readonly group: GroupHistory; readonly topic: SimTopic }[] = [];
  readonly #sessionTimeoutMs: number;
  readonly #transactionTimeoutMs: number;

  private constructor(draw: Draw) {
    this.#draw = draw;
    const configs: Record<string, string> = draw.chance(0.5) ? { "internal.segment.bytes": "4000" } : {};
    this.#input = this.#topics.add("orders", draw.between(1, 4), configs, false);
    this.#output = this.#topics.add("invoices", draw.between(1, 2), configs, false);
    this.#sessionTimeoutMs = draw.pick([300, 600, 1200]);
    this.#transactionTimeoutMs = draw.pick([200, 800, 3000]);
  }

  /** That of the world of a seed; null where it has none. It draws its own chances: other worlds are as they were. */
  static of(seed: number): Coordination | null {
    const draw = new Draw(seed ^ 0x60061e);
    return draw.chance(SHARE) ? new Coordination(draw) : null;
  }

  /** The settings that let coordinators be as quick as the world. */
  settings(): Record<string, string> {
    const draw = this.#draw;
    const session = String(this.#sessionTimeoutMs);
    const heartbeat = String(this.#sessionTimeoutMs / 4);
    return {
      "offsets.topic.num.partitions": String(draw.between(1, 3)),
      "transaction.state.log.num.partitions": String(draw.between(1, 2)),
      "group.min.session.timeout.ms": "100",
      "group.initial.rebalance.delay.ms": draw.pick(["0", "100"]),
      "group.consumer.min.session.timeout.ms": session,
      "group.consumer.session.timeout.ms": session,
      "group.consumer.min.heartbeat.interval.ms": heartbeat,
      "group.consumer.heartbeat.interval.ms": heartbeat,
      "group.consumer.assignment.interval.ms": draw.pick(["0", "200"]),
      "transaction.abort.timed.out.transaction.cleanup.interval.ms": draw.pick(["50", "300"]),
      "log.cleaner.min.cleanable.ratio": "0.01",
      ...draw.chance(0.4) ? { "log.roll.ms": draw.pick(["50", "400"]) } : {},
    };
  }

  /** Creates the topics, before anything goes wrong. */
  async build({ loop, network }: Stage): Promise<void> {
    const client = new SimClient(loop, network);
    const answer = await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: this.#topics.all.map(({ name, mostPartitions, configs }) => ({
        name,
        numPartitions: mostPartitions,
        replicationFactor: 1,
        configs: [...configs].map(([name, value]) => ({ name, value })),
      })),
    });
    for (const { name, topicId, errorCode } of answer?.topics ?? []) {
      if (errorCode !== ErrorCode.NONE) throw new Violation(`create ${name}: ${errorName(errorCode)}`);
      const topic = this.#topics.all.find((one) => one.name === name)!;
      this.#topics.noteThere(topic, topicId, topic.mostPartitions);
    }
    client.close();
  }

  /** All who take part. */
  cast(stage: Stage): readonly Actor[] {
    this.#sources.push(...this.#newSources(stage));
    const partitions = [...partitionsOf(this.#input), ...partitionsOf(this.#output)];
    return [
      ...this.#sources,
      ...this.#newPipeline(stage),
      ...this.#newReaders(stage),
      new CommittedReader("reader", stage, this.#draw.fork(), partitions, this.#transactions),
    ];
  }

  /** Judges all, when the world is at its end. */
  async checkAll({ loop, network }: Stage): Promise<void> {
    const client = new SimClient(loop, network);
    const draw = this.#draw.fork();
    const deadlineMs = loop.elapsedMs + this.#transactionTimeoutMs + SLACK_MS;
    const read = async (partition: TransactionalPartition) => {
      for (let offset = 0;;) {
        const found = await readCommitted(client, draw, this.#transactions, partition, offset);
        if (found?.nextOffset === found?.highWatermark && found !== null) return;
        if (loop.elapsedMs > deadlineMs) throw new Violation(`${partitionName(partition)} is stuck at ${offset}`);
        if (found === null || found.nextOffset === offset) await loop.sleep(RETRY_MS);
        offset = found?.nextOffset ?? offset;
      }
    };
    for (const topic of [this.#input, this.#output]) {
      for (const partition of partitionsOf(topic)) await read(partition);
    }
    this.#transactions.checkWhole();
    this.#transactions.checkResults(
      partitionsOf(this.#input).flatMap((partition) => this.#transactions.shownIn(partitionName(partition))),
    );
    for (const { group, topic } of this.#groups) {
      const partitions = topic.partitions.map((_, index) => index);
      const offsets = await fetchOffsets({ client, draw, group, topic }, partitions, null);
      if (typeof offsets === "string" || offsets.size < partitions.length) {
        throw new Violation(`group ${group.name}: its offsets cannot be had`);
      }
    }
    client.close();
  }

  #newSources(stage: Stage): Actor[] {
    const draw = this.#draw;
    const shared = draw.chance(0.4);
    return Array.from(
      { length: draw.between(1, 3) },
      (_, index) =>
        new TransactionSource(`source${index}`, stage, draw.fork(), {
          topic: this.#input,
          transactions: this.#transactions,
          transactionalId: shared ? "source" : `source${index}`,
          transactionTimeoutMs: this.#transactionTimeoutMs,
        }),
    );
  }

  #newPipeline(stage: Stage): Actor[] {
    const draw = this.#draw;
    const reading = this.#newReading("pipeline", this.#input, stage);
    const drained = new Set<number>();
    const shared = draw.chance(0.15);
    return Array.from({ length: draw.between(1, 3) }, (_, index) => {
      const pipeline: Pipeline = {
        ...reading,
        output: this.#output,
        // Two that share it fence each other again and again, and come to an end by chance.
        transactionalId: shared && index < 2 ? "pipeline" : `pipeline${index}`,
        transactionTimeoutMs: this.#transactionTimeoutMs,
        isExhausted: () => this.#sources.every(({ isDone }) => isDone),
        drained,
      };
      return new ExactlyOnceReader(`pipeline${index}`, stage, draw.fork(), pipeline);
    });
  }

  #newReaders(stage: Stage): Actor[] {
    const draw = this.#draw;
    if (draw.chance(0.2)) return [];
    const reading = this.#newReading("readers", draw.pick([this.#input, this.#output]), stage);
    return Array.from(
      { length: draw.between(1, 4) },
      (_, index) => new GroupReader(`member${index}`, stage, draw.fork(), reading),
    );
  }

  #newReading(groupId: string, topic: SimTopic, { loop }: Stage): Reading {
    const draw = this.#draw;
    const group = new GroupHistory(groupId, () => loop.elapsedMs);
    this.#groups.push({ group, topic });
    const protocol = draw.pick(["classic", "classic", "consumer", "consumer", "both"] as const);
    const areStatic = draw.chance(0.3);
    // Two members that go by one name: whoever comes shuts the other one out, or waits until it is gone.
    const areTwins = draw.chance(0.3);
    const rebalanceTimeoutMs = draw.pick([300, 1500]);
    const sessionTimeoutMs = this.#sessionTimeoutMs;
    return {
      group,
      topic,
      transactions: this.#transactions,
      longMs: Math.max(sessionTimeoutMs, this.#transactionTimeoutMs),
      newMembership: (world: MemberWorld, name: string): Membership => {
        const hasTwin = areStatic && areTwins && TWINS.includes(name);
        const groupInstanceId = !areStatic ? null : hasTwin ? TWINS[0] : name;
        const options: MemberOptions = { name, groupInstanceId, hasTwin, sessionTimeoutMs, rebalanceTimeoutMs };
        const isClassic = protocol === "classic" || (protocol === "both" && world.draw.chance(0.5));
        return isClassic
          ? new GroupMember(world, options, protocol === "both")
          : new ConsumerGroupMember(world, options);
      },
    };
  }
}

function partitionsOf({ name, partitions }: SimTopic): TransactionalPartition[] {
  return partitions.map((_, index) => ({ topic: name, index }));
}
