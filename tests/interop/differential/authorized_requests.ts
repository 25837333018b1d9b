/**
 * A request of each API for the table of authorization: of topics, groups and transactions that belong to one user.
 *
 * @module
 */
import { ZERO_UUID } from "../../../lib/bytes/mod.ts";
import { AlterClientQuotasRequest } from "../../../lib/protocol/messages/alter_client_quotas.ts";
import { AlterConfigsRequest } from "../../../lib/protocol/messages/alter_configs.ts";
import { AlterPartitionReassignmentsRequest } from "../../../lib/protocol/messages/alter_partition_reassignments.ts";
import { AlterReplicaLogDirsRequest } from "../../../lib/protocol/messages/alter_replica_log_dirs.ts";
import { AlterUserScramCredentialsRequest } from "../../../lib/protocol/messages/alter_user_scram_credentials.ts";
import { CreateAclsRequest } from "../../../lib/protocol/messages/create_acls.ts";
import { CreatePartitionsRequest } from "../../../lib/protocol/messages/create_partitions.ts";
import { CreateTopicsRequest } from "../../../lib/protocol/messages/create_topics.ts";
import { DeleteAclsRequest } from "../../../lib/protocol/messages/delete_acls.ts";
import { DeleteRecordsRequest } from "../../../lib/protocol/messages/delete_records.ts";
import { DeleteTopicsRequest } from "../../../lib/protocol/messages/delete_topics.ts";
import { DescribeAclsRequest } from "../../../lib/protocol/messages/describe_acls.ts";
import { DescribeClientQuotasRequest } from "../../../lib/protocol/messages/describe_client_quotas.ts";
import { DescribeClusterRequest } from "../../../lib/protocol/messages/describe_cluster.ts";
import { DescribeConfigsRequest } from "../../../lib/protocol/messages/describe_configs.ts";
import { DescribeLogDirsRequest } from "../../../lib/protocol/messages/describe_log_dirs.ts";
import { DescribeProducersRequest } from "../../../lib/protocol/messages/describe_producers.ts";
import { DescribeQuorumRequest } from "../../../lib/protocol/messages/describe_quorum.ts";
import { DescribeTopicPartitionsRequest } from "../../../lib/protocol/messages/describe_topic_partitions.ts";
import { DescribeUserScramCredentialsRequest } from "../../../lib/protocol/messages/describe_user_scram_credentials.ts";
import { ElectLeadersRequest } from "../../../lib/protocol/messages/elect_leaders.ts";
import { FetchRequest } from "../../../lib/protocol/messages/fetch.ts";
import { IncrementalAlterConfigsRequest } from "../../../lib/protocol/messages/incremental_alter_configs.ts";
import { InitProducerIdRequest } from "../../../lib/protocol/messages/init_producer_id.ts";
import { ListConfigResourcesRequest } from "../../../lib/protocol/messages/list_config_resources.ts";
import { ListOffsetsRequest } from "../../../lib/protocol/messages/list_offsets.ts";
import { ListPartitionReassignmentsRequest } from "../../../lib/protocol/messages/list_partition_reassignments.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import { OffsetForLeaderEpochRequest } from "../../../lib/protocol/messages/offset_for_leader_epoch.ts";
import { ProduceRequest } from "../../../lib/protocol/messages/produce.ts";
import { StreamsGroupHeartbeatRequest } from "../../../lib/protocol/messages/streams_group_heartbeat.ts";
import { UnregisterBrokerRequest } from "../../../lib/protocol/messages/unregister_broker.ts";
import { UpdateFeaturesRequest } from "../../../lib/protocol/messages/update_features.ts";
import type { Init, Message } from "../../../lib/protocol/schema.ts";
import { ask, type Step, type StepOptions } from "../support/case.ts";
import { batch } from "../support/record_batch.ts";

/** What belongs to a user. */
export interface Belongings {
  readonly user: string;
  readonly topic: string;
  readonly group: string;
  readonly transactionalId: string;
}

/** A request as one user makes it. */
export type AuthorizedRequest = (own: Belongings) => Step;

function of<T>(
  message: Message<T>,
  version: number,
  value: (own: Belongings) => Init<T>,
  options: StepOptions = {},
): AuthorizedRequest {
  return (own) => ask(message, version, value(own), { ...options, on: own.user });
}

const TOPIC = 2;
const BROKER = 4;
const GROUP = 32;

function filter(principal: string) {
  return {
    resourceTypeFilter: 1,
    resourceNameFilter: null,
    patternTypeFilter: 1,
    principalFilter: principal,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  };
}

/** The requests about topics, configs and the cluster. Those that change something come last. */
export const AUTHORIZED_REQUESTS: Readonly<Record<string, AuthorizedRequest>> = {
  "Metadata of a topic": of(MetadataRequest, 12, ({ topic }) => ({
    topics: [{ name: topic }],
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: true,
  })),
  "Metadata of a topic that is not there": of(MetadataRequest, 12, ({ topic }) => ({
    topics: [{ name: `${topic}-missing` }],
    allowAutoTopicCreation: false,
  })),
  "Metadata of all topics": of(MetadataRequest, 9, () => ({ topics: null, includeTopicAuthorizedOperations: true })),
  "Metadata with the operations on the cluster": of(MetadataRequest, 9, () => ({
    topics: [],
    includeClusterAuthorizedOperations: true,
  })),
  "Metadata that would create a topic": of(MetadataRequest, 12, ({ topic }) => ({
    topics: [{ name: `${topic}-automatic` }],
    allowAutoTopicCreation: true,
  })),
  "DescribeCluster": of(
    DescribeClusterRequest,
    1,
    () => ({ includeClusterAuthorizedOperations: true, endpointType: 1 }),
  ),
  "DescribeTopicPartitions": of(DescribeTopicPartitionsRequest, 0, ({ topic }) => ({ topics: [{ name: topic }] })),
  "DescribeTopicPartitions of all": of(DescribeTopicPartitionsRequest, 0, () => ({ topics: [] })),
  "Produce": of(ProduceRequest, 9, ({ topic }) => ({
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records: batch(["a"]) }] }],
  })),
  "Produce to a topic that is not there": of(ProduceRequest, 9, ({ topic }) => ({
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: `${topic}-missing`, partitionData: [{ index: 0, records: batch(["a"]) }] }],
  })),
  "Fetch": of(FetchRequest, 12, ({ topic }) => ({
    maxBytes: 1000,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
  })),
  "ListOffsets": of(ListOffsetsRequest, 7, ({ topic }) => ({
    replicaId: -1,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -2n }] }],
  })),
  "OffsetForLeaderEpoch": of(OffsetForLeaderEpochRequest, 4, ({ topic }) => ({
    replicaId: -1,
    topics: [{ topic, partitions: [{ partition: 0, leaderEpoch: 0, currentLeaderEpoch: -1 }] }],
  })),
  "DescribeProducers": of(DescribeProducersRequest, 0, ({ topic }) => ({
    topics: [{ name: topic, partitionIndexes: [0] }],
  })),
  "InitProducerId": of(InitProducerIdRequest, 4, () => ({ transactionalId: null, transactionTimeoutMs: 1000 })),
  "DescribeConfigs": of(DescribeConfigsRequest, 4, ({ topic, group }) => ({
    resources: [
      { resourceType: TOPIC, resourceName: topic, configurationKeys: ["retention.ms"] },
      { resourceType: BROKER, resourceName: "1", configurationKeys: ["num.partitions"] },
      { resourceType: GROUP, resourceName: group, configurationKeys: ["share.auto.offset.reset"] },
    ],
  })),
  "DescribeLogDirs": of(DescribeLogDirsRequest, 4, () => ({ topics: [] })),
  "DescribeQuorum": of(DescribeQuorumRequest, 1, () => ({
    topics: [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] }],
  })),
  "DescribeClientQuotas": of(DescribeClientQuotasRequest, 1, () => ({ components: [], strict: false })),
  "DescribeUserScramCredentials": of(DescribeUserScramCredentialsRequest, 0, () => ({ users: [{ name: "nobody" }] })),
  "DescribeAcls": of(DescribeAclsRequest, 3, ({ user }) => filter(`User:${user}`)),
  "ListConfigResources": of(ListConfigResourcesRequest, 1, () => ({ resourceTypes: [BROKER] })),
  "ListPartitionReassignments": of(ListPartitionReassignmentsRequest, 0, () => ({ topics: null })),
  "AlterPartitionReassignments": of(AlterPartitionReassignmentsRequest, 0, ({ topic }) => ({
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, replicas: null }] }],
  })),
  "ElectLeaders": of(ElectLeadersRequest, 2, ({ topic }) => ({
    electionType: 0,
    topicPartitions: [{ topic, partitions: [0] }],
  })),
  "AlterReplicaLogDirs": of(AlterReplicaLogDirsRequest, 2, ({ topic }) => ({
    dirs: [{ path: "/no/such/folder", topics: [{ name: topic, partitions: [0] }] }],
  })),
  "UnregisterBroker": of(UnregisterBrokerRequest, 0, () => ({ brokerId: 77 })),
  "UpdateFeatures": of(UpdateFeaturesRequest, 1, () => ({
    featureUpdates: [{ feature: "no.such.feature", maxVersionLevel: 1, upgradeType: 1 }],
    validateOnly: true,
  })),
  "AlterClientQuotas": of(AlterClientQuotasRequest, 1, ({ user }) => ({
    entries: [{
      entity: [{ entityType: "user", entityName: user }],
      ops: [{ key: "producer_byte_rate", value: 1e9, remove: false }],
    }],
    validateOnly: true,
  })),
  "AlterUserScramCredentials": of(AlterUserScramCredentialsRequest, 0, () => ({
    deletions: [{ name: "nobody", mechanism: 1 }],
  })),
  "AlterConfigs": of(AlterConfigsRequest, 2, ({ topic }) => ({
    resources: [
      { resourceType: TOPIC, resourceName: topic, configs: [{ name: "retention.ms", value: "100000000" }] },
      { resourceType: BROKER, resourceName: "1", configs: [] },
    ],
    validateOnly: true,
  })),
  "IncrementalAlterConfigs": of(IncrementalAlterConfigsRequest, 1, ({ topic, group }) => ({
    resources: [
      {
        resourceType: TOPIC,
        resourceName: topic,
        configs: [{ name: "retention.ms", configOperation: 0, value: "100000000" }],
      },
      {
        resourceType: GROUP,
        resourceName: group,
        configs: [{ name: "share.auto.offset.reset", configOperation: 0, value: "earliest" }],
      },
    ],
    validateOnly: true,
  })),
  "CreateAcls": of(CreateAclsRequest, 3, ({ user, topic }) => ({
    creations: [{
      resourceType: 2,
      resourceName: `${topic}-other`,
      resourcePatternType: 3,
      principal: `User:${user}-other`,
      host: "*",
      operation: 3,
      permissionType: 3,
    }],
  })),
  "DeleteAcls": of(DeleteAclsRequest, 3, ({ user }) => ({ filters: [filter(`User:${user}-another`)] })),
  "CreatePartitions": of(CreatePartitionsRequest, 3, ({ topic }) => ({
    topics: [{ name: topic, count: 2, assignments: null }],
    timeoutMs: 5000,
    validateOnly: true,
  })),
  "CreateTopics": of(CreateTopicsRequest, 7, ({ topic }) => ({
    topics: [topic, `${topic}-new`].map((name) => ({ name, numPartitions: 1, replicationFactor: 1 })),
    timeoutMs: 5000,
    validateOnly: true,
  })),
  // Without a time-out it comes to nothing, once its topics may be described.
  "StreamsGroupHeartbeat with a topology": of(StreamsGroupHeartbeatRequest, 0, ({ group, topic }) => ({
    groupId: group,
    memberId: "m",
    topology: { epoch: 0, subtopologies: [{ subtopologyId: "0", sourceTopics: [topic] }] },
  })),
  "DeleteRecords": of(DeleteRecordsRequest, 2, ({ topic }) => ({
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset: 0n }] }],
    timeoutMs: 5000,
  })),
  "DeleteTopics of a topic that is not there": of(DeleteTopicsRequest, 6, ({ topic }) => ({
    topics: [{ name: `${topic}-missing`, topicId: ZERO_UUID }],
    timeoutMs: 5000,
  })),
  "DeleteTopics": of(DeleteTopicsRequest, 6, ({ topic }) => ({
    topics: [{ name: topic, topicId: ZERO_UUID }],
    timeoutMs: 5000,
  })),
};
