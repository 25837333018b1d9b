/**
 * The cluster: DescribeCluster, DescribeQuorum, UnregisterBroker, UpdateFeatures; and the places of replicas:
 * DescribeLogDirs, AlterReplicaLogDirs, ElectLeaders and partition reassignments.
 *
 * @module
 */
import { AlterPartitionReassignmentsRequest } from "../../../lib/protocol/messages/alter_partition_reassignments.ts";
import { AlterReplicaLogDirsRequest } from "../../../lib/protocol/messages/alter_replica_log_dirs.ts";
import { ApiVersionsRequest } from "../../../lib/protocol/messages/api_versions.ts";
import { DescribeClusterRequest } from "../../../lib/protocol/messages/describe_cluster.ts";
import { DescribeLogDirsRequest } from "../../../lib/protocol/messages/describe_log_dirs.ts";
import { DescribeQuorumRequest } from "../../../lib/protocol/messages/describe_quorum.ts";
import { ElectLeadersRequest } from "../../../lib/protocol/messages/elect_leaders.ts";
import { ListPartitionReassignmentsRequest } from "../../../lib/protocol/messages/list_partition_reassignments.ts";
import { UnregisterBrokerRequest } from "../../../lib/protocol/messages/unregister_broker.ts";
import { UpdateFeaturesRequest } from "../../../lib/protocol/messages/update_features.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { ask, type Case, type Step, type StepOptions, topic } from "../support/case.ts";
import { batch } from "../support/record_batch.ts";
import { describe } from "./metadata.ts";
import { produce } from "./produce.ts";

const clusters: Case[] = [{
  name: "DescribeCluster",
  steps: [
    ask(DescribeClusterRequest, 0, {}),
    ask(DescribeClusterRequest, 0, { includeClusterAuthorizedOperations: true }, { as: "cluster operations" }),
    ask(DescribeClusterRequest, 1, { endpointType: 1 }),
    ask(DescribeClusterRequest, 2, { endpointType: 1, includeFencedBrokers: true }, { as: "fenced brokers" }),
    ask(DescribeClusterRequest, 1, { endpointType: 2 }, { as: "controllers, which this listener is not for" }),
    ask(DescribeClusterRequest, 2, { endpointType: 0 }, { as: "endpoint type 0" }),
    ask(DescribeClusterRequest, 2, { endpointType: 77 }, { as: "endpoint type 77" }),
  ],
}];

const quorums: Case[] = [{
  name: "DescribeQuorum",
  steps: [
    ...[0, 1, 2].map((version) =>
      ask(DescribeQuorumRequest, version, {
        topics: [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] }],
      })
    ),
    ask(DescribeQuorumRequest, 2, { topics: [{ topicName: "other", partitions: [{ partitionIndex: 0 }] }] }, {
      as: "another topic",
    }),
    ask(DescribeQuorumRequest, 0, {
      topics: [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 3 }] }],
    }, { as: "another partition" }),
    ask(DescribeQuorumRequest, 2, { topics: [] }, { as: "no topics" }),
    ask(DescribeQuorumRequest, 2, { topics: [{ topicName: "__cluster_metadata", partitions: [] }] }, {
      as: "no partitions",
    }),
    ask(DescribeQuorumRequest, 2, {
      topics: [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] }],
    }, { as: "two partitions" }),
  ],
}];

const registrations: Case[] = [{
  name: "UnregisterBroker",
  steps: [
    ask(UnregisterBrokerRequest, 0, { brokerId: 7 }, { as: "an unknown broker" }),
    ask(UnregisterBrokerRequest, 0, { brokerId: -1 }, { as: "a negative broker" }),
    ask(UnregisterBrokerRequest, 0, { brokerId: 0x7fffffff }, { as: "the greatest broker" }),
  ],
}];

type FeatureUpdate = NonNullable<Init<UpdateFeaturesRequest>["featureUpdates"]>[number];

function updateFeatures(
  version: number,
  featureUpdates: readonly FeatureUpdate[],
  options: StepOptions & { validateOnly?: boolean } = {},
): Step {
  const { validateOnly = true, ...rest } = options;
  return ask(UpdateFeaturesRequest, version, {
    timeoutMs: 5000,
    featureUpdates,
    ...(version >= 1 ? { validateOnly } : {}),
  }, rest);
}

const features: Case[] = [{
  name: "UpdateFeatures",
  steps: [
    ...[0, 1, 2].map((version) =>
      updateFeatures(version, [{ feature: "nonsense", maxVersionLevel: 1 }], { as: "unknown" })
    ),
    updateFeatures(1, [{ feature: "nonsense", maxVersionLevel: 0, upgradeType: 2 }], { as: "unknown, switched off" }),
    updateFeatures(2, [], { as: "nothing" }),
    updateFeatures(2, [{ feature: "group.version", maxVersionLevel: 1 }], { as: "the level that it has" }),
    updateFeatures(2, [{ feature: "group.version", maxVersionLevel: 99 }], { as: "a level that there is not" }),
    updateFeatures(1, [{ feature: "group.version", maxVersionLevel: 99 }], { as: "a level that there is not" }),
    updateFeatures(2, [{ feature: "group.version", maxVersionLevel: -1 }], { as: "a negative level" }),
    updateFeatures(2, [{ feature: "group.version", maxVersionLevel: 0 }], { as: "a lower level, as an upgrade" }),
    updateFeatures(2, [{ feature: "group.version", maxVersionLevel: 0, upgradeType: 2 }], { as: "a safe downgrade" }),
    updateFeatures(2, [{ feature: "group.version", maxVersionLevel: 0, upgradeType: 3 }], {
      as: "an unsafe downgrade",
    }),
    updateFeatures(2, [{ feature: "group.version", maxVersionLevel: 1, upgradeType: 9 }], { as: "upgrade type 9" }),
    updateFeatures(2, [{ feature: "metadata.version", maxVersionLevel: 7 }], { as: "an old metadata version" }),
    updateFeatures(2, [{ feature: "metadata.version", maxVersionLevel: 999 }], { as: "a metadata version to come" }),
    updateFeatures(2, [{ feature: "", maxVersionLevel: 1 }], { as: "no name" }),
    updateFeatures(2, [
      { feature: "group.version", maxVersionLevel: 1 },
      { feature: "group.version", maxVersionLevel: 0, upgradeType: 2 },
    ], { as: "a feature twice" }),
    updateFeatures(1, [
      { feature: "group.version", maxVersionLevel: 1 },
      { feature: "nonsense", maxVersionLevel: 1 },
    ], { as: "one of two is unknown" }),
  ],
}];

const changedFeatures: Case[] = [{
  name: "UpdateFeatures: a level goes down and up again",
  steps: [
    updateFeatures(2, [{ feature: "share.version", maxVersionLevel: 0, upgradeType: 2 }], { validateOnly: false }),
    untilFeature("share.version", 0),
    updateFeatures(1, [{ feature: "share.version", maxVersionLevel: 1 }], {
      validateOnly: false,
      differs: [{
        at: "results[0].errorMessage",
        barnabas: null,
        reason: 'Apache Kafka says "NONE", though nothing is wrong',
      }],
    }),
    untilFeature("share.version", 1),
  ],
}];

/** Waits until the broker shows the feature at the level; at level 0 it shows none. */
function untilFeature(feature: string, level: number): Step {
  return ask(ApiVersionsRequest, 4, { clientSoftwareName: "raw-client", clientSoftwareVersion: "1.0" }, {
    as: `until ${feature} is ${level}`,
    until(answer) {
      const { finalizedFeatures } = answer as { finalizedFeatures: { name: string; maxVersionLevel: number }[] };
      const found = finalizedFeatures.find(({ name }) => name === feature);
      return (found?.maxVersionLevel ?? 0) === level;
    },
  });
}

const logDirs: Case[] = [
  ...[1, 2, 3, 4, 5].map((version): Case => ({
    name: `DescribeLogDirs v${version}`,
    steps: [
      ...topic(`dirs-v${version}`, { partitions: 2 }),
      produce(`dirs-v${version}`, batch(["a", "b"])),
      ask(DescribeLogDirsRequest, version, { topics: [{ topic: `dirs-v${version}`, partitions: [0, 1] }] }),
    ],
  })),
  {
    name: "DescribeLogDirs: what is not there",
    steps: [
      ...topic("dirs"),
      ask(DescribeLogDirsRequest, 4, { topics: [] }, { as: "no topics" }),
      ask(DescribeLogDirsRequest, 1, { topics: [] }, { as: "no topics" }),
      ask(DescribeLogDirsRequest, 4, { topics: [{ topic: "dirs-none", partitions: [0] }] }, { as: "an unknown topic" }),
      ask(DescribeLogDirsRequest, 4, { topics: [{ topic: "bad name!", partitions: [0] }] }, { as: "a bad name" }),
      ask(DescribeLogDirsRequest, 4, { topics: [{ topic: "dirs", partitions: [1, -1] }] }, {
        as: "unknown partitions",
      }),
      ask(DescribeLogDirsRequest, 4, { topics: [{ topic: "dirs", partitions: [0, 0] }] }, { as: "a partition twice" }),
      ask(DescribeLogDirsRequest, 4, { topics: [{ topic: "dirs", partitions: [] }] }, { as: "no partitions" }),
    ],
  },
  {
    name: "AlterReplicaLogDirs",
    steps: [
      ...topic("move-dir"),
      ask(DescribeLogDirsRequest, 4, { topics: [{ topic: "move-dir", partitions: [0] }] }),
      ...[1, 2].flatMap((version) => [
        ask(AlterReplicaLogDirsRequest, version, { dirs: [] }, { as: "nothing" }),
        ask(AlterReplicaLogDirsRequest, version, {
          dirs: [{ path: "/nowhere", topics: [{ name: "move-dir", partitions: [0] }] }],
        }, { as: "a folder that is none of the broker's" }),
        ask(AlterReplicaLogDirsRequest, version, ({ logDir }) => ({
          dirs: [{ path: logDir(), topics: [{ name: "move-dir", partitions: [0, 7] }] }],
        }), { as: "the folder that it is in, and an unknown partition" }),
        ask(AlterReplicaLogDirsRequest, version, {
          dirs: [{ path: "relative", topics: [{ name: "move-dir", partitions: [0] }] }],
        }, { as: "a relative path" }),
        ask(AlterReplicaLogDirsRequest, version, {
          dirs: [{
            path: "/nowhere",
            topics: [{ name: "move-none", partitions: [0, 1] }, { name: "", partitions: [0] }],
          }],
        }, { as: "unknown topics" }),
      ]),
    ],
  },
];

const NOTHING_TO_TELL = [{
  at: "replicaElectionResults",
  barnabas: [],
  reason: "Apache Kafka names all topics, with nothing to tell of their partitions",
}];

const elections: Case[] = [{
  name: "ElectLeaders",
  steps: [
    ...topic("elect", { partitions: 2 }),
    ...[0, 1, 2].map((version) =>
      ask(ElectLeadersRequest, version, { topicPartitions: [{ topic: "elect", partitions: [0, 1] }], timeoutMs: 5000 })
    ),
    ask(ElectLeadersRequest, 2, { electionType: 1, topicPartitions: [{ topic: "elect", partitions: [0] }] }, {
      as: "an unclean election",
    }),
    ask(ElectLeadersRequest, 2, { electionType: 7, topicPartitions: [{ topic: "elect", partitions: [0] }] }, {
      as: "election type 7",
    }),
    ask(ElectLeadersRequest, 2, { topicPartitions: [{ topic: "elect", partitions: [5, -1] }] }, {
      as: "unknown partitions",
    }),
    ask(ElectLeadersRequest, 0, { topicPartitions: [{ topic: "elect-none", partitions: [0] }] }, {
      as: "an unknown topic",
    }),
    ask(ElectLeadersRequest, 2, { topicPartitions: [{ topic: "bad name!", partitions: [0] }] }, { as: "a bad name" }),
    ask(ElectLeadersRequest, 2, { topicPartitions: [] }, { as: "no partitions" }),
    ask(ElectLeadersRequest, 2, { topicPartitions: null }, { as: "all partitions", differs: NOTHING_TO_TELL }),
    ask(ElectLeadersRequest, 2, { electionType: 1, topicPartitions: null }, {
      as: "all partitions, uncleanly",
      differs: NOTHING_TO_TELL,
    }),
    ask(ElectLeadersRequest, 2, { topicPartitions: [{ topic: "elect", partitions: [0, 0] }] }, {
      as: "a partition twice",
    }),
  ],
}];

function reassign(
  name: string,
  partitionIndex: number,
  replicas: readonly number[] | null,
  options: StepOptions & { version?: number; allowReplicationFactorChange?: boolean } = {},
): Step {
  const { version = 1, allowReplicationFactorChange = true, ...rest } = options;
  return ask(AlterPartitionReassignmentsRequest, version, {
    timeoutMs: 5000,
    ...(version >= 1 ? { allowReplicationFactorChange } : {}),
    topics: [{ name, partitions: [{ partitionIndex, replicas }] }],
  }, { ...rest, as: rest.as ?? `to ${JSON.stringify(replicas)}` });
}

const reassignments: Case[] = [{
  name: "AlterPartitionReassignments and ListPartitionReassignments",
  steps: [
    ...topic("reassign"),
    ...[0, 1].flatMap((version) => [
      reassign("reassign", 0, [1], { version }),
      reassign("reassign", 0, [2], { version }),
      reassign("reassign", 0, [1, 2], { version }),
      reassign("reassign", 0, [1, 1], { version }),
      reassign("reassign", 0, [], { version }),
      reassign("reassign", 0, [-1], { version }),
      reassign("reassign", 0, null, { version }),
      reassign("reassign", 5, [1], { version, as: "an unknown partition" }),
      reassign("reassign", 5, null, { version, as: "the end of an unknown partition's" }),
      reassign("reassign-none", 0, [1], { version, as: "an unknown topic" }),
    ]),
    reassign("reassign", 0, [1, 2], {
      allowReplicationFactorChange: false,
      as: "another replication factor, forbidden",
    }),
    reassign("reassign", 0, [1], { allowReplicationFactorChange: false, as: "the same replication factor" }),
    ask(AlterPartitionReassignmentsRequest, 1, { topics: [] }, {
      as: "nothing",
      differs: [{
        at: "errorMessage",
        barnabas: null,
        reason: "Apache Kafka says null otherwise, where there is no error",
      }],
    }),
    ask(AlterPartitionReassignmentsRequest, 1, {
      topics: [{
        name: "reassign",
        partitions: [{ partitionIndex: 0, replicas: [1] }, { partitionIndex: 0, replicas: null }],
      }],
    }, { as: "a partition twice" }),
    describe("reassign"),
    ask(ListPartitionReassignmentsRequest, 0, { topics: null }, { as: "all" }),
    ask(ListPartitionReassignmentsRequest, 0, { topics: [] }, { as: "none" }),
    ask(ListPartitionReassignmentsRequest, 0, { topics: [{ name: "reassign", partitionIndexes: [0, 7] }] }),
    ask(ListPartitionReassignmentsRequest, 0, { topics: [{ name: "reassign-none", partitionIndexes: [0] }] }, {
      as: "an unknown topic",
    }),
    ask(ListPartitionReassignmentsRequest, 0, { topics: [{ name: "bad name!", partitionIndexes: [0] }] }, {
      as: "a bad name",
    }),
    ask(ListPartitionReassignmentsRequest, 0, { topics: [{ name: "reassign", partitionIndexes: [-1] }] }, {
      as: "a negative partition",
    }),
    ask(ListPartitionReassignmentsRequest, 0, { topics: [{ name: "reassign", partitionIndexes: [] }] }, {
      as: "no partitions",
    }),
  ],
}];

export const clusterCases: readonly Case[] = [
  ...clusters,
  ...quorums,
  ...registrations,
  ...features,
  ...changedFeatures,
  ...logDirs,
  ...elections,
  ...reassignments,
];
