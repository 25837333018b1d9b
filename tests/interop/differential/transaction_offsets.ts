/**
 * Offsets that are committed with a transaction: AddOffsetsToTxn and TxnOffsetCommit.
 *
 * @module
 */
import { AddOffsetsToTxnRequest } from "../../../lib/protocol/messages/add_offsets_to_txn.ts";
import { DeleteGroupsRequest } from "../../../lib/protocol/messages/delete_groups.ts";
import { OffsetCommitRequest } from "../../../lib/protocol/messages/offset_commit.ts";
import { OffsetFetchRequest } from "../../../lib/protocol/messages/offset_fetch.ts";
import { TxnOffsetCommitRequest } from "../../../lib/protocol/messages/txn_offset_commit.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { ask, type Case, type Step, type StepOptions, topic } from "../support/case.ts";
import type { Known } from "../support/known.ts";
import { lead, subscription, untilLoaded as untilGroupLoaded, untilReady as groupsReady } from "./groups.ts";
import {
  begin,
  describe,
  end,
  isSettled,
  OTHER_PRODUCER,
  type ProducerFields,
  producerOf,
  untilComplete,
} from "./transaction_steps.ts";

function addOffsets(
  transactionalId: string,
  groupId: string,
  options: StepOptions & ProducerFields & { version?: number } = {},
): Step {
  const { version = 4, ordinal, producerId, producerEpoch, ...rest } = options;
  return ask(AddOffsetsToTxnRequest, version, (known) => ({
    transactionalId,
    groupId,
    ...producerOf(known, { ordinal, producerId, producerEpoch }),
  }), { until: isSettled, ...rest });
}

type CommitOffset = StepOptions & ProducerFields & {
  version?: number;
  partitions?: readonly number[];
  metadata?: string | null;
  member?: Part;
};
type Part = Partial<Init<TxnOffsetCommitRequest>> | ((known: Known) => Partial<Init<TxnOffsetCommitRequest>>);

function commitOffset(
  transactionalId: string,
  groupId: string,
  name: string,
  offset: number,
  options: CommitOffset = {},
): Step {
  const { version = 4, partitions = [0], metadata = "m", member = {}, ...others } = options;
  const { ordinal, producerId, producerEpoch, ...rest } = others;
  return ask(TxnOffsetCommitRequest, version, (known) => ({
    transactionalId,
    groupId,
    ...producerOf(known, { ordinal, producerId, producerEpoch }),
    topics: [{
      name,
      partitions: partitions.map((partitionIndex) => ({
        partitionIndex,
        committedOffset: BigInt(offset),
        committedMetadata: metadata,
      })),
    }],
    ...(typeof member === "function" ? member(known) : member),
  }), { until: isSettled, ...rest, as: rest.as ?? `${groupId} at ${offset}` });
}

function offsetsOf(groupId: string, name: string): Step[] {
  return [false, true].map((requireStable) =>
    ask(OffsetFetchRequest, 9, {
      groups: [{ groupId, topics: [{ name, partitionIndexes: [0, 1] }] }],
      requireStable,
    }, { as: `${groupId}${requireStable ? ", what is stable" : ""}` })
  );
}

export const transactionOffsetCases: readonly Case[] = [
  ...[0, 1, 2, 3, 4].map((version): Case => ({
    name: `AddOffsetsToTxn and TxnOffsetCommit v${version}`,
    steps: [
      groupsReady,
      ...topic(`txn-offsets-v${version}`, { partitions: 2 }),
      ...begin(`txn-offsets-v${version}`),
      untilGroupLoaded(`txn-group-v${version}`),
      commitOffset(`txn-offsets-v${version}`, `txn-group-v${version}`, `txn-offsets-v${version}`, 3, {
        version,
        as: "before the group is added",
      }),
      addOffsets(`txn-offsets-v${version}`, `txn-group-v${version}`, {
        version,
        producerEpoch: 9,
        as: "a wrong epoch",
      }),
      addOffsets(`txn-offsets-v${version}`, `txn-group-v${version}`, {
        version,
        producerId: OTHER_PRODUCER,
        as: "a wrong id",
      }),
      addOffsets("no-such-id", `txn-group-v${version}`, { version, as: "an unknown transactional id" }),
      addOffsets("", `txn-group-v${version}`, { version, as: "no transactional id" }),
      addOffsets(`txn-offsets-v${version}`, `txn-group-v${version}`, { version }),
      commitOffset(`txn-offsets-v${version}`, `txn-group-v${version}`, `txn-offsets-v${version}`, 4, {
        version,
        partitions: [0, 7],
      }),
      commitOffset(`txn-offsets-v${version}`, `txn-group-v${version}`, "no-topic", 4, { version, as: "no topic" }),
      commitOffset(`txn-offsets-v${version}`, `txn-group-v${version}`, `txn-offsets-v${version}`, 4, {
        version,
        partitions: [1],
        metadata: "x".repeat(4097),
        as: "metadata too large",
      }),
      commitOffset(`txn-offsets-v${version}`, "", `txn-offsets-v${version}`, 4, { version, as: "no group" }),
      commitOffset(`txn-offsets-v${version}`, `txn-group-v${version}`, `txn-offsets-v${version}`, 4, {
        version,
        producerEpoch: 3,
        as: "a wrong epoch",
      }),
      ...offsetsOf(`txn-group-v${version}`, `txn-offsets-v${version}`),
      describe(`txn-offsets-v${version}`),
      end(`txn-offsets-v${version}`, true),
      untilComplete(`txn-offsets-v${version}`),
      ...offsetsOf(`txn-group-v${version}`, `txn-offsets-v${version}`),
      addOffsets(`txn-offsets-v${version}`, `txn-group-v${version}`, { version }),
      commitOffset(`txn-offsets-v${version}`, `txn-group-v${version}`, `txn-offsets-v${version}`, 9, { version }),
      end(`txn-offsets-v${version}`, false),
      untilComplete(`txn-offsets-v${version}`),
      ...offsetsOf(`txn-group-v${version}`, `txn-offsets-v${version}`),
    ],
  })),
  {
    name: "TxnOffsetCommit v5: the group joins by it",
    steps: [
      groupsReady,
      ...topic("txn-offsets-v5", { partitions: 2 }),
      ...begin("txn-offsets-v5", { version: 5 }),
      untilGroupLoaded("txn-group-v5"),
      commitOffset("txn-offsets-v5", "txn-group-v5", "txn-offsets-v5", 3, {
        version: 5,
        producerEpoch: 4,
        as: "a wrong epoch",
      }),
      commitOffset("txn-offsets-v5", "txn-group-v5", "txn-offsets-v5", 3, { version: 5 }),
      commitOffset("txn-offsets-v5", "txn-group-v5", "txn-offsets-v5", 5, { version: 5, partitions: [0, 1] }),
      ...offsetsOf("txn-group-v5", "txn-offsets-v5"),
      end("txn-offsets-v5", true, { version: 5 }),
      untilComplete("txn-offsets-v5"),
      ...offsetsOf("txn-group-v5", "txn-offsets-v5"),
      commitOffset("txn-offsets-v5", "txn-group-v5", "txn-offsets-v5", 7, { version: 5, as: "the epoch before" }),
      commitOffset("txn-offsets-v5", "txn-group-v5", "txn-offsets-v5", 7, { version: 5, producerEpoch: 1 }),
      ask(OffsetCommitRequest, 9, {
        groupId: "txn-group-v5",
        topics: [{
          name: "txn-offsets-v5",
          partitions: [{ partitionIndex: 0, committedOffset: 20n, committedMetadata: "later" }],
        }],
      }, { as: "committed later, outside of the transaction" }),
      end("txn-offsets-v5", true, { version: 5, producerEpoch: 1 }),
      untilComplete("txn-offsets-v5"),
      ...offsetsOf("txn-group-v5", "txn-offsets-v5"),
    ],
  },
  {
    name: "TxnOffsetCommit: members of a group",
    steps: [
      groupsReady,
      ...topic("txn-members"),
      ...begin("txn-members"),
      untilGroupLoaded("txn-member-group"),
      ...lead("txn-member-group", { protocols: [{ name: "range", metadata: subscription("txn-members") }] }),
      addOffsets("txn-members", "txn-member-group"),
      commitOffset("txn-members", "txn-member-group", "txn-members", 1, { as: "of nobody" }),
      commitOffset("txn-members", "txn-member-group", "txn-members", 2, {
        as: "of the member",
        member: (known) => ({ memberId: known.memberId(), generationId: 1 }),
      }),
      commitOffset("txn-members", "txn-member-group", "txn-members", 3, {
        as: "of another generation",
        member: (known) => ({ memberId: known.memberId(), generationId: 2 }),
      }),
      commitOffset("txn-members", "txn-member-group", "txn-members", 3, {
        as: "of a stranger",
        member: { memberId: "stranger", generationId: 1 },
      }),
      commitOffset("txn-members", "txn-member-group", "txn-members", 3, {
        as: "of an unknown instance",
        member: (known) => ({ memberId: known.memberId(), generationId: 1, groupInstanceId: "i" }),
      }),
      commitOffset("txn-members", "txn-member-group", "txn-members", 3, {
        as: "of a member of no generation",
        member: (known) => ({ memberId: known.memberId() }),
      }),
      addOffsets("txn-members", "txn-no-group"),
      commitOffset("txn-members", "txn-no-group", "txn-members", 3, {
        as: "of a generation of no group",
        member: { memberId: "stranger", generationId: 1 },
      }),
      ask(DeleteGroupsRequest, 2, { groupsNames: ["txn-no-group"] }),
      commitOffset("txn-members", "txn-no-group", "txn-members", 3),
      ask(DeleteGroupsRequest, 2, { groupsNames: ["txn-no-group"] }, { as: "of pending offsets" }),
      ...offsetsOf("txn-no-group", "txn-members"),
      end("txn-members", true),
      untilComplete("txn-members"),
      ...offsetsOf("txn-member-group", "txn-members"),
      ...offsetsOf("txn-no-group", "txn-members"),
    ],
  },
];
