/**
 * A {@linkcode GroupWorld} whose members are threads of a Kafka Streams application.
 *
 * @module
 */
import { Refusal } from "../../../../lib/coordinator/group/group.ts";
import { streamsHeartbeat, type StreamsHeartbeatResult } from "../../../../lib/coordinator/group/streams/mod.ts";
import type { StreamsGroup } from "../../../../lib/coordinator/group/streams/mod.ts";
import { HeartbeatStatus } from "../../../../lib/coordinator/group/streams/mod.ts";
import type { TaskIds } from "../../../../lib/coordinator/group/streams/tasks.ts";
import { StreamsGroupHeartbeatRequest } from "../../../../lib/protocol/messages/streams_group_heartbeat.ts";
import type { GroupSettings } from "../../../../lib/coordinator/group/settings.ts";
import type { RecordBytes } from "../../../../lib/protocol/records/mod.ts";
import type { Init } from "../../../../lib/protocol/schema.ts";
import { GROUP, GroupWorld, nameOf } from "../group_world.ts";
import { tasksText } from "./streams_records.ts";

export type Heartbeat = Init<StreamsGroupHeartbeatRequest>;

/** Active and standby partitions of the subtopologies, such as `{ "0": [1, 2] }`. */
export type TaskTable = Readonly<Record<string, readonly number[]>>;

/** By default nobody is waited for, so that tests tell no times. */
const WITHOUT_DELAYS = { "streams.initial.rebalance.delay.ms": "0", "streams.assignment.interval.ms": "0" };

export class StreamsWorld extends GroupWorld {
  constructor(
    topics: Readonly<Record<string, number>> = { in: 4 },
    groupConfigs: Readonly<Record<string, string>> = {},
    log: readonly RecordBytes[] = [],
    settings: Partial<GroupSettings> = {},
  ) {
    super(settings, log, topics, { ...WITHOUT_DELAYS, ...groupConfigs });
  }

  get group(): StreamsGroup {
    return this.state.groups.get(GROUP) as StreamsGroup;
  }

  /** A member joins an application that reads topic `in`; the answer as a line. */
  enter(memberId: string, part: Heartbeat = {}): string {
    return lineOf(this.heartbeatOf(memberId, { ...JOINING, processId: memberId, topology: reading("in"), ...part }));
  }

  /** A member says that it is there; the answer as a line. */
  beat(memberId: string, memberEpoch: number, part: Heartbeat = {}): string {
    return lineOf(this.heartbeatOf(memberId, { memberEpoch, ...part }));
  }

  heartbeatOf(memberId: string, part: Heartbeat): StreamsHeartbeatResult | Refusal {
    const request = { ...EMPTY, groupId: GROUP, memberId, ...part } as StreamsGroupHeartbeatRequest;
    return this.take((turn) => streamsHeartbeat(this.state, turn, { request, clientId: "c", clientHost: "/h" }));
  }
}

const EMPTY: Partial<StreamsGroupHeartbeatRequest> = {
  memberEpoch: 0,
  endpointInformationEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: -1,
  topology: null,
  activeTasks: null,
  standbyTasks: null,
  warmupTasks: null,
  processId: null,
  userEndpoint: null,
  clientTags: null,
  taskOffsets: null,
  taskEndOffsets: null,
  shutdownApplication: false,
};

const JOINING = { memberEpoch: 0, rebalanceTimeoutMs: 60_000, activeTasks: [], standbyTasks: [], warmupTasks: [] };

type Subtopology = NonNullable<NonNullable<Heartbeat["topology"]>["subtopologies"]>[number];

/** One subtopology that reads a topic, without state where nothing else is said. */
export function reading(topic: string, part: Subtopology = {}): Heartbeat["topology"] {
  return {
    epoch: 0,
    subtopologies: [{
      subtopologyId: "0",
      sourceTopics: [topic],
      sourceTopicRegex: [],
      stateChangelogTopics: [],
      repartitionSinkTopics: [],
      repartitionSourceTopics: [],
      copartitionGroups: [],
      ...part,
    }],
  };
}

/** As {@linkcode reading}, with state that is kept in topic `log`. */
export function counting(topic: string): Heartbeat["topology"] {
  return reading(topic, {
    stateChangelogTopics: [{ name: "log", partitions: 0, replicationFactor: 0, topicConfigs: [] }],
  });
}

/** What a member has. */
export function having(active: TaskTable, standby: TaskTable = {}): Heartbeat {
  return { activeTasks: listOf(active), standbyTasks: listOf(standby), warmupTasks: [] };
}

function listOf(table: TaskTable): { subtopologyId: string; partitions: number[] }[] {
  return Object.entries(table).map(([subtopologyId, partitions]) => ({ subtopologyId, partitions: [...partitions] }));
}

/** An answer as a line: the epoch, the tasks where it tells them, and the statuses. */
export function lineOf(answer: StreamsHeartbeatResult | Refusal): string {
  if (answer instanceof Refusal) return nameOf(answer.errorCode);
  const { memberEpoch, activeTasks, standbyTasks, status } = answer.response;
  const tasks = activeTasks == null ? "" : ` has ${tasksText(activeTasks as TaskIds[], standbyTasks as TaskIds[])}`;
  const statuses = status!.map(({ statusCode }) =>
    ` ${Object.entries(HeartbeatStatus).find(([, code]) => code === statusCode)![0]}`
  );
  return `epoch ${memberEpoch}${tasks}${statuses.join("")}`;
}
