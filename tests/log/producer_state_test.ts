import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError } from "../../lib/bytes/mod.ts";
import { decodeProducerSnapshot, encodeProducerSnapshot } from "../../lib/log/producer_snapshot.ts";
import { ProducerState, type SequencedBatch } from "../../lib/log/producer_state.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";

const MAX_SEQUENCE = 2 ** 31 - 1;

/** A partition that appends whatever its producers may append, one offset a record. */
class Partition {
  readonly state = new ProducerState(0);
  nextOffset = 0;

  /** Appends a batch as a client would; gives Kafka's error code, or "duplicate". */
  send(fields: Partial<SequencedBatch> & { sequence: number; count?: number }): ErrorCode | "duplicate" {
    const batch = this.#batch(fields.sequence, fields.count ?? 1, fields);
    if (this.state.findDuplicate(batch) !== undefined) return "duplicate";
    const gap = this.state.findGap(batch);
    if (gap !== null) return gap.errorCode;
    const update = this.state.stage();
    const failure = update.addData(batch, false, true);
    if (failure !== null) return failure.errorCode;
    this.state.apply(update);
    this.nextOffset = this.state.endOffset = batch.lastOffset + 1;
    return ErrorCode.NONE;
  }

  /** Ends a transaction; gives the error code or the aborted transaction. */
  end(producerId: bigint, isAbort: boolean, { epoch = 0, coordinatorEpoch = 0 } = {}) {
    const batch = this.#batch(-1, 1, { producerId, producerEpoch: epoch, isControl: true, isTransactional: true });
    const update = this.state.stage();
    const failure = update.addMarker(batch, { isAbort, coordinatorEpoch }, false);
    if (failure !== null) return failure.errorCode;
    this.nextOffset = batch.lastOffset + 1;
    return this.state.apply(update);
  }

  #batch(baseSequence: number, count: number, fields: Partial<SequencedBatch>): SequencedBatch {
    return {
      producerId: 1n,
      producerEpoch: 0,
      baseSequence,
      lastSequence: (baseSequence + count - 1) % 2 ** 31,
      isTransactional: false,
      isControl: false,
      baseOffset: this.nextOffset,
      lastOffset: this.nextOffset + count - 1,
      maxTimestamp: 1000 + this.nextOffset,
      ...fields,
    };
  }
}

Deno.test("batches of a producer must follow each other", () => {
  const partition = new Partition();
  assertEquals(partition.send({ sequence: 0, count: 3 }), ErrorCode.NONE);
  assertEquals(partition.send({ sequence: 3 }), ErrorCode.NONE);
  assertEquals(partition.send({ sequence: 5 }), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  assertEquals(partition.send({ sequence: 4 }), ErrorCode.NONE);
});

Deno.test("a producer that is not known may begin anywhere", () => {
  assertEquals(new Partition().send({ sequence: 77 }), ErrorCode.NONE);
});

Deno.test("each of the last five batches is recognized when it comes again, an earlier one is out of order", () => {
  const partition = new Partition();
  for (let batch = 0; batch < 7; batch++) partition.send({ sequence: batch * 2, count: 2 });
  for (let batch = 2; batch < 7; batch++) assertEquals(partition.send({ sequence: batch * 2, count: 2 }), "duplicate");
  assertEquals(partition.send({ sequence: 2, count: 2 }), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  assertEquals(partition.send({ sequence: 4, count: 1 }), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, "another length");
});

Deno.test("what follows a refused batch of a new producer waits for it, what comes before it does not", () => {
  const partition = new Partition();
  for (const baseSequence of [7, 5, 6]) {
    partition.state.noteRefused([{ producerId: 1n, producerEpoch: 0, baseSequence }]);
  }
  assertEquals(partition.send({ sequence: 7 }), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  assertEquals(partition.send({ sequence: 0, count: 5 }), ErrorCode.NONE);
  assertEquals(partition.send({ sequence: 5 }), ErrorCode.NONE);
});

Deno.test("sequences wrap after the greatest int32, within a batch and between batches", () => {
  const partition = new Partition();
  partition.send({ sequence: MAX_SEQUENCE - 3, count: 3 });
  assertEquals(partition.send({ sequence: MAX_SEQUENCE, count: 1 }), ErrorCode.NONE);
  assertEquals(partition.send({ sequence: 0, count: 1 }), ErrorCode.NONE);
  const other = new Partition();
  other.send({ sequence: MAX_SEQUENCE - 1, count: 4 });
  assertEquals(other.send({ sequence: MAX_SEQUENCE - 1, count: 4 }), "duplicate");
  assertEquals(other.send({ sequence: 2 }), ErrorCode.NONE);
});

Deno.test("a new epoch begins with sequence 0, and shuts the old one out", () => {
  const partition = new Partition();
  partition.send({ sequence: 0, count: 5 });
  assertEquals(partition.send({ producerEpoch: 1, sequence: 5 }), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  assertEquals(partition.send({ producerEpoch: 1, sequence: 0 }), ErrorCode.NONE);
  assertEquals(partition.send({ producerEpoch: 0, sequence: 5 }), ErrorCode.INVALID_PRODUCER_EPOCH);
  assertEquals(partition.send({ producerEpoch: 0, sequence: 0, count: 5 }), ErrorCode.INVALID_PRODUCER_EPOCH);
});

Deno.test("a refused batch changes nothing", () => {
  const partition = new Partition();
  partition.send({ sequence: 0 });
  const before = partition.state.summaries();
  partition.send({ producerEpoch: 9, sequence: 9 });
  assertEquals(partition.state.summaries(), before);
});

Deno.test("an open transaction holds the last stable offset back until the high watermark has passed its end", () => {
  const partition = new Partition();
  partition.send({ producerId: 1n, sequence: 0, isTransactional: true });
  partition.send({ producerId: 2n, sequence: 0, isTransactional: true });
  assertEquals(partition.state.firstUnstableOffset, 0);
  partition.end(1n, false);
  assertEquals(partition.state.firstUnstableOffset, 0, "its marker is not replicated yet");
  partition.state.release(2);
  assertEquals(partition.state.firstUnstableOffset, 0);
  partition.state.release(3);
  assertEquals(partition.state.firstUnstableOffset, 1);
  partition.end(2n, true);
  partition.state.release(4);
  assertEquals(partition.state.firstUnstableOffset, null);
});

Deno.test("an aborted transaction is told with the last stable offset after it", () => {
  const partition = new Partition();
  partition.send({ producerId: 1n, sequence: 0, isTransactional: true });
  partition.send({ producerId: 2n, sequence: 0, isTransactional: true });
  partition.send({ producerId: 1n, sequence: 1, isTransactional: true });
  assertEquals(partition.end(2n, true), [
    { producerId: 2n, firstOffset: 1, lastOffset: 3, isAborted: true, lastStableOffset: 0 },
  ] as never);
  assertEquals(partition.end(1n, true), [
    { producerId: 1n, firstOffset: 0, lastOffset: 4, isAborted: true, lastStableOffset: 5 },
  ] as never);
  assertEquals(partition.end(1n, true), [], "nothing was written since");
});

Deno.test("markers of an older producer epoch or coordinator are refused", () => {
  const partition = new Partition();
  partition.send({ sequence: 0, producerEpoch: 3, isTransactional: true });
  assertEquals(partition.end(1n, true, { epoch: 2 }), ErrorCode.INVALID_PRODUCER_EPOCH);
  partition.end(1n, true, { epoch: 4, coordinatorEpoch: 8 });
  assertEquals(partition.end(1n, true, { epoch: 4, coordinatorEpoch: 7 }), ErrorCode.TRANSACTION_COORDINATOR_FENCED);
  assertEquals(partition.send({ sequence: 0, producerEpoch: 4 }), ErrorCode.NONE, "the marker has begun the epoch");
});

Deno.test("a batch outside of a transaction is refused while one is open", () => {
  const partition = new Partition();
  partition.send({ sequence: 0, isTransactional: true });
  assertEquals(partition.send({ sequence: 1 }), ErrorCode.INVALID_TXN_STATE);
});

Deno.test("producers that are silent for long are forgotten, unless a transaction is open", () => {
  const partition = new Partition();
  partition.send({ producerId: 1n, sequence: 0, maxTimestamp: 1000 });
  partition.send({ producerId: 2n, sequence: 0, maxTimestamp: 1000, isTransactional: true });
  partition.send({ producerId: 3n, sequence: 0, maxTimestamp: 5000 });
  partition.state.expire(5999, 5000);
  assertEquals([...partition.state.entries].length, 3);
  partition.state.expire(6000, 5000);
  assertEquals([...partition.state.entries].map(({ producerId }) => producerId), [2n, 3n]);
});

Deno.test("a summary has what DescribeProducers asks for", () => {
  const partition = new Partition();
  partition.send({ sequence: 0, count: 4 });
  partition.send({ sequence: 4, isTransactional: true });
  assertEquals(partition.state.summaries(), [{
    producerId: 1n,
    producerEpoch: 0,
    lastSequence: 4,
    lastTimestamp: 1004,
    coordinatorEpoch: -1,
    currentTxnStartOffset: 4,
  }]);
});

/** Written by Apache Kafka 4.3.1: two producers, the first one with a transaction open. */
const SNAPSHOT =
  "00010983fbfb0000000200000000000000050006000000000000000000000e1c00000000000001a20d4ecaf7000000000000000000000e1c00000000000000060006ffffffffffffffffffffffff00000000000001a20d4ecaf800000000ffffffffffffffff";

Deno.test("a snapshot of Apache Kafka is read, and written the same", () => {
  const bytes = new Uint8Array(SNAPSHOT.match(/../g)!.map((pair) => parseInt(pair, 16)));
  const entries = decodeProducerSnapshot(bytes);
  assertEquals(entries.map(({ producerId, currentTxnFirstOffset }) => [producerId, currentTxnFirstOffset]), [
    [5n, 3612],
    [6n, -1],
  ]);
  assertEquals(encodeProducerSnapshot(entries), bytes);
  assertEquals(new ProducerState(3613, entries).firstUnstableOffset, 3612);
});

Deno.test("a damaged snapshot raises a DecodeError", () => {
  const bytes = encodeProducerSnapshot([]);
  assertThrows(() => decodeProducerSnapshot(bytes.subarray(1)), DecodeError);
  assertThrows(() => decodeProducerSnapshot(bytes.map((byte, at) => at === 9 ? 1 : byte)), DecodeError);
  assertThrows(() => decodeProducerSnapshot(new Uint8Array(0)), DecodeError);
});
