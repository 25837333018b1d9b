/**
 * What share groups need of two coordinators: the group coordinator keeps the group, the share coordinator what became
 * of the records.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import type { StateResult } from "../coordinator/share/mod.ts";
import {
  beginDeletingStates,
  markInitialized,
  type StateTopic,
  type TopicPartitionsToInitialize,
} from "../coordinator/group/share/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { BrokerServices } from "./context.ts";

/** What became of the state of a share partition. */
export interface PartitionStateResult extends StateResult {
  readonly topicId: Uuid;
}

/** Whether `share.version` allows share groups. */
export function servesShareGroups({ sharePartitions }: BrokerServices): boolean {
  return sharePartitions.isEnabled;
}

/** Has the share coordinator make share partitions, and the group note that it has. */
export async function initializeStates(
  groupId: string,
  { stateEpoch, partitions }: TopicPartitionsToInitialize,
  { groups, shareCoordinator }: BrokerServices,
): Promise<PartitionStateResult[]> {
  const results = await Promise.all(partitions.map(async ({ topicId, partition, startOffset }) => {
    const result = await shareCoordinator.initialize({ groupId, topicId, partition }, { stateEpoch, startOffset });
    return { topicId, ...result };
  }));
  const isMade = results.every(({ errorCode }) => errorCode === ErrorCode.NONE);
  // Where the group cannot note it, its members ask for them anew.
  await groups.decide<void>(
    groupId,
    (state, turn) => markInitialized(state, turn, groupId, partitions, isMade),
    () => undefined,
  );
  return results;
}

/** Has the share coordinator forget share partitions; resolves to the error of each topic, NONE for none. */
export async function deleteStates(
  groupId: string,
  topics: ReadonlyMap<Uuid, StateTopic>,
  { shareCoordinator }: BrokerServices,
): Promise<Map<Uuid, ErrorCode>> {
  const results = Array.from(topics, async ([topicId, { partitions }]): Promise<[Uuid, ErrorCode]> => {
    const deleted = await Promise.all(
      Array.from(partitions, (partition) => shareCoordinator.delete({ groupId, topicId, partition })),
    );
    return [topicId, deleted.find(({ errorCode }) => errorCode !== ErrorCode.NONE)?.errorCode ?? ErrorCode.NONE];
  });
  return new Map(await Promise.all(results));
}

/** What the share coordinator keeps of a group that is to be deleted goes first. Error: NON_EMPTY_GROUP. */
export async function deleteStatesOfGroup(groupId: string, services: BrokerServices): Promise<ErrorCode> {
  const topics = await services.groups.decide<ReadonlyMap<Uuid, StateTopic> | ErrorCode>(
    groupId,
    (state, turn) => beginDeletingStates(state, turn, groupId),
    (errorCode) => errorCode,
  );
  if (typeof topics === "number") return topics;
  const results = await deleteStates(groupId, topics, services);
  return [...results.values()].find((errorCode) => errorCode !== ErrorCode.NONE) ?? ErrorCode.NONE;
}
