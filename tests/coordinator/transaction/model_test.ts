/** Whatever producers do, and whenever the power fails or the disk is full, a transaction happens as a whole or not at all. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { TransactionStateName } from "../../../lib/coordinator/transaction/transaction_metadata.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { settled } from "../../log/faulty_disk.ts";
import { CoordinatorWorld, type Fate, PARTITIONS } from "./coordinator_world.ts";

const who = fc.nat({ max: 1 });
const partition = fc.constantFrom(...PARTITIONS);

/** How many appends of each log a power cut spares that nobody has waited for. */
const kept = fc.array(fc.nat({ max: 2 }), { minLength: 5, maxLength: 5 });

const event = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("init" as const), who, isKnown: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("send" as const), who, partition }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("offsets" as const), who }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("end" as const), who, committed: fc.boolean() }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("sync" as const), log: fc.nat({ max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fill" as const), log: fc.nat({ max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("drain" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("crash" as const), more: kept }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1_000, 80_000) }) },
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

/** A producer as it knows itself, and what it was told of its transactions. */
class Producer {
  producerId = -1n;
  producerEpoch = -1;
  transaction = 0;
  /** What it has asked for, and not been told yet: until then it can only ask again, or come anew. */
  ending: { readonly committed: boolean } | null = null;
  /** The run of the broker in which it begins anew, and does nothing else until it is answered. */
  beginning = -1;

  constructor(readonly transactionalId: string) {}

  get current() {
    const { transactionalId, producerId, producerEpoch } = this;
    return { transactionalId, producerId, producerEpoch };
  }
}

for (const protocol of [1, 2]) {
  Deno.test(`a transaction happens as a whole or not at all (protocol ${protocol})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60, size: "max" }), async (events) => {
        const play = new Play(protocol);
        for (const each of events) await play.next(each);
        await play.judge();
      }),
      { numRuns: 1_000 },
    );
  });
}

class Play {
  readonly #world = new CoordinatorWorld();
  readonly #producers = [new Producer("one"), new Producer("other")];
  /** What producers were told of the end of their transactions. */
  readonly #told = new Map<string, Fate>();
  /** What producers have asked for, which may have come to pass though they were not told. */
  readonly #commitsAsked = new Set<string>();
  /** Counts the starts, so that answers of a broker that is gone are not heard. */
  #run = 0;

  constructor(readonly protocol: number) {}

  async next(event: Event): Promise<void> {
    switch (event.kind) {
      case "init":
        this.#init(this.#producers[event.who], event.isKnown);
        break;
      case "send":
        this.#send(this.#producers[event.who], event.partition);
        break;
      case "offsets":
        this.#addOffsets(this.#producers[event.who]);
        break;
      case "end":
        this.#end(this.#producers[event.who], event.committed);
        break;
      case "sync":
        this.#world.logs[event.log].sync();
        break;
      case "fill":
        this.#world.logs[event.log].isFull = true;
        break;
      case "drain":
        await this.#world.drain();
        break;
      case "crash":
        this.#run++;
        await this.#world.crash(event.more);
        break;
      case "wait":
        await this.#world.timers.advance(event.ms);
    }
    await settled();
  }

  /** In the end all producers come anew: nothing stays open, and all is as they were told. */
  async judge(): Promise<void> {
    await this.#world.crash([]);
    await this.#world.drain();
    for (const producer of this.#producers) {
      for (let attempt = 0;; attempt++) {
        const answer = this.#world.coordinator.initProducerId(initOf(producer.transactionalId));
        await this.#world.drain();
        await this.#world.timers.advance(1_000);
        if ((await answer).errorCode === ErrorCode.NONE) break;
        assert(attempt < 3, `${producer.transactionalId} cannot begin`);
      }
      assertTransitions(this.#world.statesOf(producer.transactionalId));
    }
    const fates = new Map<string, Fate>();
    for (const index of PARTITIONS) {
      for (const [value, fate] of this.#world.partition(index).fates()) {
        const transaction = value.split(" ")[0];
        assertEquals(fates.get(transaction) ?? fate, fate, `${transaction} has two ends`);
        fates.set(transaction, fate);
      }
    }
    for (const [transaction, fate] of fates) {
      assert(fate !== "open", `${transaction} is open`);
      assertEquals(this.#told.get(transaction) ?? fate, fate, `the producer of ${transaction} was told otherwise`);
      if (fate === "committed") assert(this.#commitsAsked.has(transaction), `nobody has committed ${transaction}`);
    }
  }

  #init(producer: Producer, isKnown: boolean): void {
    if (producer.beginning === this.#run) return;
    producer.beginning = this.#run;
    const known = isKnown && producer.producerId !== -1n ? producer.current : {};
    const request = { ...initOf(producer.transactionalId), ...known };
    this.#heard(this.#world.coordinator.initProducerId(request), (answer) => {
      producer.beginning = -1;
      if (answer.errorCode !== ErrorCode.NONE) return;
      begin(producer, answer);
    });
  }

  #send(producer: Producer, index: number): void {
    if (this.#isBusy(producer)) return;
    const { current } = producer;
    const transaction = nameOf(producer);
    const value = `${transaction} ${index}`;
    if (this.protocol === 2) return this.#heard(this.#world.send(current, index, value, "add"));
    const partitions = [this.#world.partition(index).topicPartition];
    this.#heard(this.#world.coordinator.addPartitions(current, partitions), (errorCode) => {
      // Meanwhile the producer may have gone on: it does not write to an earlier transaction.
      if (errorCode !== ErrorCode.NONE || nameOf(producer) !== transaction || this.#isBusy(producer)) return;
      this.#heard(this.#world.send(current, index, value, "verify"));
    });
  }

  #addOffsets(producer: Producer): void {
    if (this.#isBusy(producer)) return;
    const partitions = [{ topic: "__consumer_offsets", partition: 0 }];
    this.#heard(this.#world.coordinator.addPartitions(producer.current, partitions));
  }

  #end(producer: Producer, wanted: boolean): void {
    if (producer.beginning === this.#run) return;
    const { committed } = producer.ending ??= { committed: wanted };
    const transaction = nameOf(producer);
    if (committed) this.#commitsAsked.add(transaction);
    const bumpsEpoch = this.protocol === 2;
    const request = { ...producer.current, isCommit: committed, bumpsEpoch };
    this.#heard(this.#world.coordinator.endTransaction(request), (answer) => {
      // It was answered before, or has come anew.
      if (answer.errorCode !== ErrorCode.NONE || nameOf(producer) !== transaction) return;
      this.#told.set(transaction, committed ? "committed" : "aborted");
      begin(producer, bumpsEpoch ? answer : producer);
    });
  }

  #isBusy(producer: Producer): boolean {
    return producer.ending !== null || producer.beginning === this.#run;
  }

  #heard<T>(answer: Promise<T>, listen: (answer: T) => void = () => {}): void {
    const run = this.#run;
    answer.then((answer) => {
      if (this.#run === run) listen(answer);
    });
  }
}

/** A transaction is over, and the next one has this id and epoch. */
function begin(producer: Producer, { producerId, producerEpoch }: Pick<Producer, "producerId" | "producerEpoch">) {
  Object.assign(producer, { producerId, producerEpoch, transaction: producer.transaction + 1, ending: null });
}

function nameOf({ transactionalId, transaction }: Producer): string {
  return `${transactionalId}/${transaction}`;
}

function initOf(transactionalId: string) {
  return {
    transactionalId,
    transactionTimeoutMs: 60_000,
    producerId: -1n,
    producerEpoch: -1,
    enable2Pc: false,
    keepPreparedTxn: false,
  };
}

/** The table at the head of `transaction_metadata.ts`. */
const NEXT: Readonly<Record<TransactionStateName | "none", readonly TransactionStateName[]>> = {
  none: ["Empty"],
  Empty: ["Empty", "Ongoing", "PrepareAbort"],
  Ongoing: ["Ongoing", "PrepareCommit", "PrepareAbort"],
  PrepareCommit: ["CompleteCommit"],
  PrepareAbort: ["CompleteAbort"],
  CompleteCommit: ["Empty", "Ongoing", "PrepareAbort"],
  CompleteAbort: ["Empty", "Ongoing", "PrepareAbort"],
  Dead: [],
  PrepareEpochFence: [],
};

function assertTransitions(states: readonly (TransactionStateName | null)[]): void {
  let known: TransactionStateName | "none" = "none";
  for (const state of states) {
    assert(state !== null && NEXT[known].includes(state), `from ${known} to ${state}`);
    known = state;
  }
}
