/**
 * Bugs of the coordinators, and of what the log does for them.
 *
 * @module
 */
import { ClassicGroup } from "../../lib/coordinator/group/classic/classic_group.ts";
import { CommittedOffsets } from "../../lib/coordinator/group/committed_offsets.ts";
import { ConsumerGroup } from "../../lib/coordinator/group/consumer/consumer_group.ts";
import { GroupState } from "../../lib/coordinator/group/group_state.ts";
import type { GroupRecord } from "../../lib/coordinator/group/records.ts";
import { TransactionCoordinator } from "../../lib/coordinator/transaction/transaction_coordinator.ts";
import { TransactionState } from "../../lib/coordinator/transaction/transaction_state.ts";
import { type Reply, Turn } from "../../lib/coordinator/turn.ts";
import { ProducerState } from "../../lib/log/producer_state.ts";
import { TransactionIndex } from "../../lib/log/transaction_index.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { inPlaceOf, inPlaceOfGetter, type Planting, together } from "./planting.ts";

/** All of them by name; each name says what the broker does wrong. */
export const COORDINATOR_BUGS: Readonly<Record<string, Planting>> = {
  "ends a transaction before that is durable": {
    withinSeeds: 150,
    plant: () => answersAtOnce("TransactionLog"),
  },
  "answers a commit of offsets before it is durable": {
    withinSeeds: 400,
    plant: () => answersAtOnce("OffsetCommit"),
  },
  "forgets the markers of a transaction when it is started again": {
    withinSeeds: 150,
    plant: () => inPlaceOf(TransactionState.prototype, "onLoaded", () => () => {}),
  },
  "leaves transactions open for ever": {
    withinSeeds: 200,
    plant: () => inPlaceOf(TransactionState.prototype, "abortTimedOut", () => () => {}),
  },
  "commits the offsets of a transaction that is aborted": {
    withinSeeds: 30,
    plant: () =>
      inPlaceOf(
        CommittedOffsets.prototype,
        "endTransaction",
        (end) =>
          function (this: CommittedOffsets, producerId) {
            return end.call(this, producerId, true);
          },
      ),
  },
  "loses the offsets of open transactions when it is started again": {
    withinSeeds: 60,
    plant: () => withoutPendingOffsetsOfBefore(),
  },
  "tells offsets that an open transaction may change": {
    withinSeeds: 600,
    plant: () => inPlaceOf(CommittedOffsets.prototype, "isUnstable", () => () => false),
  },
  "does not fence the producer of before": {
    withinSeeds: 60,
    plant: () => withOneEpochForAll(),
  },
  "lets readers pass an open transaction": {
    withinSeeds: 30,
    plant: () => inPlaceOfGetter(ProducerState.prototype, "firstUnstableOffset", () => null),
  },
  "does not keep which transactions were aborted": {
    withinSeeds: 30,
    plant: () => inPlaceOf(TransactionIndex.prototype, "append", () => () => {}),
  },
  "takes commits of any generation": {
    withinSeeds: 600,
    plant: () => inPlaceOf(ClassicGroup.prototype, "commitError", () => () => ErrorCode.NONE),
  },
  "takes commits of any member epoch": {
    withinSeeds: 400,
    plant: () => inPlaceOf(ConsumerGroup.prototype, "commitError", () => () => ErrorCode.NONE),
  },
  "goes on without the members that are to join again": {
    withinSeeds: 30,
    plant: () => inPlaceOfGetter(ClassicGroup.prototype, "hasAllJoined", () => true),
  },
  "hands out partitions that others have not given up": {
    withinSeeds: 60,
    plant: () => inPlaceOf(ConsumerGroup.prototype, "partitionEpoch", () => () => undefined),
  },
  "counts generations anew when it is started again": {
    withinSeeds: 100,
    plant: () =>
      inPlaceOf(
        ClassicGroup,
        "fromRecord",
        (fromRecord) => (groupId, value) => {
          const group = fromRecord.call(ClassicGroup, groupId, value);
          group.generationId = 0;
          return group;
        },
      ),
  },
};

/** Who waits for records of this kind is answered before they are written. */
function answersAtOnce(name: "TransactionLog" | "OffsetCommit") {
  return inPlaceOf(
    Turn.prototype,
    "answer",
    (answer) =>
      function <T>(this: Turn<unknown>, reply: Reply<T>, response: T): void {
        const isMeant = this.records.some((record) => (record as GroupRecord).name === name);
        if (isMeant) reply.answer(response);
        else answer.call(this, reply, response);
      },
  );
}

/** What a start finds in the log of transactions that are open is not taken in. */
function withoutPendingOffsetsOfBefore() {
  const loaded = new WeakSet<CommittedOffsets>();
  return together(
    inPlaceOf(
      GroupState.prototype,
      "onLoaded",
      (onLoaded) =>
        function (this: GroupState, turn) {
          loaded.add(this.offsets);
          onLoaded.call(this, turn);
        },
    ),
    inPlaceOf(
      CommittedOffsets.prototype,
      "setPending",
      (setPending) =>
        function (this: CommittedOffsets, ...offset) {
          if (loaded.has(this)) setPending.apply(this, offset);
        },
    ),
  );
}

/** Who takes a transactional id over gets the epoch that the one before has. */
function withOneEpochForAll() {
  return together(
    inPlaceOf(
      TransactionState.prototype,
      "recordOf",
      (recordOf) =>
        function (this: TransactionState, metadata) {
          const isNext = metadata.state === "Empty" && metadata.producerEpoch > 0;
          return recordOf.call(this, isNext ? { ...metadata, producerEpoch: metadata.producerEpoch - 1 } : metadata);
        },
    ),
    inPlaceOf(
      TransactionCoordinator.prototype,
      "initProducerId",
      (initProducerId) =>
        async function (this: TransactionCoordinator, request) {
          const answer = await initProducerId.call(this, request);
          return answer.producerEpoch > 0 ? { ...answer, producerEpoch: answer.producerEpoch - 1 } : answer;
        },
    ),
  );
}
