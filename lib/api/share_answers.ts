/**
 * How the answers of ShareFetch and ShareAcknowledge are laid out.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { advertisedBrokers } from "./addresses.ts";
import type { RequestContext } from "./context.ts";

/** A partition's answer, and what it is the answer of. */
export interface ShareAnswer<P> {
  readonly topicId: Uuid;
  readonly partition: P;
}

/** Who leads a partition, where an error says that another one should be asked (KIP-951). */
export function shareLeader(
  errorCode: ErrorCode,
  topicId: Uuid,
  partition: number,
  { metadata }: RequestContext,
): { currentLeader?: { leaderId: number; leaderEpoch: number } } {
  const known = metadata.image.topicById(topicId)?.partitions.get(partition);
  if (!asksAnother(errorCode) || known === undefined) return {};
  return { currentLeader: { leaderId: known.leader, leaderEpoch: known.leaderEpoch } };
}

/** Answers by topic, with the addresses of the leaders that they name. */
export function shareTopics<P extends { readonly errorCode: ErrorCode }>(
  answers: readonly ShareAnswer<P>[],
  context: RequestContext,
) {
  const topics = new Map<Uuid, { topicId: Uuid; partitions: P[] }>();
  for (const { topicId, partition } of answers) {
    let topic = topics.get(topicId);
    if (topic === undefined) topics.set(topicId, topic = { topicId, partitions: [] });
    topic.partitions.push(partition);
  }
  const isLeaderNamed = answers.some(({ partition }) => asksAnother(partition.errorCode));
  const nodeEndpoints = isLeaderNamed ? advertisedBrokers(context) : [];
  return { topics: [...topics.values()], nodeEndpoints };
}

function asksAnother(errorCode: ErrorCode): boolean {
  return errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER || errorCode === ErrorCode.FENCED_LEADER_EPOCH;
}
