/**
 * OffsetFetch, as members of a group ask it, and others; the answers are held against the history.
 *
 * @module
 */
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../lib/protocol/messages/offset_fetch.ts";
import type { SimClient } from "./client.ts";
import type { GroupHistory } from "./group_history.ts";
import { Violation } from "./history.ts";
import { LEFT_BEHIND, type MemberIdentity, PASSING } from "./membership.ts";
import type { Draw } from "./random.ts";
import type { SimTopic } from "./topics.ts";

/** Whose offsets are asked for, and how. */
export interface OffsetsWorld {
  readonly client: SimClient;
  readonly draw: Draw;
  readonly group: GroupHistory;
  readonly topic: SimTopic;
}

const VERSIONS = [8, 9, 10];
const FIRST_VERSION_WITH_MEMBERS = 9;
const FIRST_VERSION_WITH_TOPIC_IDS = 10;

/**
 * The stable offsets of a group, by partition; -1 where there is none. A string where they are not told: not now, or not
 * to this member.
 */
export async function fetchOffsets(
  { client, draw, group, topic }: OffsetsWorld,
  partitionIndexes: readonly number[],
  member: MemberIdentity | null,
): Promise<ReadonlyMap<number, number> | "not now" | "left behind"> {
  const version = draw.pick(VERSIONS);
  const askedAt = group.moment();
  const answer = await client.ask(OffsetFetchRequest, OffsetFetchResponse, version, {
    requireStable: true,
    groups: [{
      groupId: group.name,
      ...version >= FIRST_VERSION_WITH_MEMBERS && member !== null && draw.chance(0.7)
        ? { memberId: member.memberId, memberEpoch: member.generationId }
        : {},
      topics: [{
        ...version >= FIRST_VERSION_WITH_TOPIC_IDS ? { topicId: topic.id } : { name: topic.name },
        partitionIndexes: [...partitionIndexes],
      }],
    }],
  });
  if (answer === null) return "not now";
  const [{ errorCode, topics }] = answer.groups;
  if (PASSING.has(errorCode)) return "not now";
  if (LEFT_BEHIND.has(errorCode) && member !== null) return "left behind";
  if (errorCode !== ErrorCode.NONE) throw new Violation(`group ${group.name}: its offsets: ${errorName(errorCode)}`);
  const offsets = new Map<number, number>();
  for (const { partitionIndex, committedOffset, metadata, errorCode } of topics[0].partitions) {
    if (errorCode === ErrorCode.NONE) {
      const offset = Number(committedOffset);
      group.noteFetched(partitionIndex, askedAt, offset, offset < 0 ? null : metadata);
      offsets.set(partitionIndex, offset);
    } else if (errorCode !== ErrorCode.UNSTABLE_OFFSET_COMMIT && !PASSING.has(errorCode)) {
      throw new Violation(`group ${group.name}: offset of partition ${partitionIndex}: ${errorName(errorCode)}`);
    }
  }
  return offsets;
}
