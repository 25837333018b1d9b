/**
 * A request of each API for the table of authorization: of topics, groups and transactions that belong to one user.
 *
 * @module
 */
import { ZERO_UUID } from "../../../lib/bytes/mod.ts";
import { AddOffsetsToTxnRequest } from "../../../lib/protocol/messages/add_offsets_to_txn.ts";
import { AddPartitionsToTxnRequest } from "../../../lib/protocol/messages/add_partitions_to_txn.ts";
import { AlterClientQuotasRequest } from "../../../lib/protocol/messages/alter_client_quotas.ts";
import { AlterConfigsRequest } from "../../../lib/protocol/messages/alter_configs.ts";
import { AlterPartitionReassignmentsRequest } from "../../../lib/protocol/messages/alter_partition_reassignments.ts";
import { AlterReplicaLogDirsRequest } from "../../../lib/protocol/messages/alter_replica_log_dirs.ts";
import { AlterUserScramCredentialsRequest } from "../../../lib/protocol/messages/alter_user_scram_credentials.ts";
import { ApiVersionsRequest } from "../../../lib/protocol/messages/api_versions.ts";
import { GetTelemetrySubscriptionsRequest } from "../../../lib/protocol/messages/get_telemetry_subscriptions.ts";
import { PushTelemetryRequest } from "../../../lib/protocol/messages/push_telemetry.ts";
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
import { DeleteGroupsRequest } from "../../../lib/protocol/messages/delete_groups.ts";
import { DescribeGroupsRequest } from "../../../lib/protocol/messages/describe_groups.ts";
import { DescribeTransactionsRequest } from "../../../lib/protocol/messages/describe_transactions.ts";
import { EndTxnRequest } from "../../../lib/protocol/messages/end_txn.ts";
import { FindCoordinatorRequest } from "../../../lib/protocol/messages/find_coordinator.ts";
import { HeartbeatRequest } from "../../../lib/protocol/messages/heartbeat.ts";
import { JoinGroupRequest } from "../../../lib/protocol/messages/join_group.ts";
import { LeaveGroupRequest } from "../../../lib/protocol/messages/leave_group.ts";
import { ListGroupsRequest } from "../../../lib/protocol/messages/list_groups.ts";
import { ListTransactionsRequest } from "../../../lib/protocol/messages/list_transactions.ts";
import { OffsetCommitRequest } from "../../../lib/protocol/messages/offset_commit.ts";
import { OffsetDeleteRequest } from "../../../lib/protocol/messages/offset_delete.ts";
import { OffsetFetchRequest } from "../../../lib/protocol/messages/offset_fetch.ts";
import { SyncGroupRequest } from "../../../lib/protocol/messages/sync_group.ts";
import { TxnOffsetCommitRequest } from "../../../lib/protocol/messages/txn_offset_commit.ts";
import { WriteTxnMarkersRequest } from "../../../lib/protocol/messages/write_txn_markers.ts";
import type { Init, Message } from "../../../lib/protocol/schema.ts";
import { ask, type Step } from "../support/case.ts";
import type { Known } from "../support/known.ts";
import { batch } from "../support/record_batch.ts";

/** What belongs to a user. */
export interface Belongings {
  readonly user: string;
  readonly topic: string;
  readonly group: string;
  readonly consumerGroup: string;
  readonly shareGroup: string;
  readonly streamsGroup: string;
  /** For a streams group that needs an internal topic, and for a consumer group that subscribes by an expression. */
  readonly statefulGroup: string;
  readonly expressionGroup: string;
  readonly transactionalId: string;
}

/** A request as one user makes it. */
export type AuthorizedRequest = (own: Belongings) => Step;

/** A request whose fields follow from what belongs to its user, and from the ids that earlier answers showed. */
export function of<T>(
  message: Message<T>,
  version: number,
  value: (own: Belongings, known: Known) => Init<T>,
): AuthorizedRequest {
  return (own) => ask(message, version, (known) => value(own, known), { on: own.user });
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
  "ApiVersions": of(ApiVersionsRequest, 3, () => ({ clientSoftwareName: "a", clientSoftwareVersion: "1" })),
  "GetTelemetrySubscriptions": of(GetTelemetrySubscriptionsRequest, 0, ({ user }) => ({
    clientInstanceId: user.padEnd(22, "A"),
  })),
  "PushTelemetry": of(
    PushTelemetryRequest,
    0,
    ({ user }) => ({ clientInstanceId: user.padEnd(22, "B").slice(0, 21) + "A" }),
  ),
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

const ID = 10n;

/** The requests about groups and transactions. Nobody is a member of a group, nor has a transaction. */
export const AUTHORIZED_COORDINATOR_REQUESTS: Readonly<Record<string, AuthorizedRequest>> = {
  "FindCoordinator of a group": of(
    FindCoordinatorRequest,
    4,
    ({ group }) => ({ keyType: 0, coordinatorKeys: [group] }),
  ),
  "FindCoordinator of a group, in an old version": of(
    FindCoordinatorRequest,
    3,
    ({ group }) => ({ keyType: 0, key: group }),
  ),
  "FindCoordinator of a transaction": of(FindCoordinatorRequest, 4, ({ transactionalId }) => ({
    keyType: 1,
    coordinatorKeys: [transactionalId],
  })),
  "FindCoordinator of a share partition": of(FindCoordinatorRequest, 6, ({ group }) => ({
    keyType: 2,
    coordinatorKeys: [`${group}:AAAAAAAAAAAAAAAAAAAAAg:0`],
  })),
  "JoinGroup": of(JoinGroupRequest, 9, ({ group }) => ({
    groupId: group,
    sessionTimeoutMs: 6000,
    rebalanceTimeoutMs: 6000,
    memberId: "nobody",
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: new Uint8Array(0) }],
  })),
  "JoinGroup, in an old version": of(JoinGroupRequest, 5, ({ group }) => ({
    groupId: group,
    sessionTimeoutMs: 6000,
    rebalanceTimeoutMs: 6000,
    memberId: "nobody",
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: new Uint8Array(0) }],
  })),
  "SyncGroup": of(SyncGroupRequest, 5, ({ group }) => ({
    groupId: group,
    generationId: 1,
    memberId: "nobody",
    protocolType: "consumer",
    protocolName: "range",
  })),
  "Heartbeat": of(HeartbeatRequest, 4, ({ group }) => ({ groupId: group, generationId: 1, memberId: "nobody" })),
  "LeaveGroup": of(LeaveGroupRequest, 5, ({ group }) => ({ groupId: group, members: [{ memberId: "nobody" }] })),
  "LeaveGroup, in an old version": of(LeaveGroupRequest, 2, ({ group }) => ({ groupId: group, memberId: "nobody" })),
  "OffsetCommit": of(OffsetCommitRequest, 9, ({ group, topic }) => ({
    groupId: group,
    generationIdOrMemberEpoch: -1,
    topics: [topic, `${topic}-missing`].map((name) => ({
      name,
      partitions: [{ partitionIndex: 0, committedOffset: 0n }],
    })),
  })),
  "OffsetFetch": of(OffsetFetchRequest, 9, ({ group, topic }) => ({
    groups: [{ groupId: group, topics: [topic, `${topic}-missing`].map((name) => ({ name, partitionIndexes: [0] })) }],
  })),
  "OffsetFetch of all": of(OffsetFetchRequest, 9, ({ group }) => ({ groups: [{ groupId: group, topics: null }] })),
  "OffsetFetch, in an old version": of(OffsetFetchRequest, 7, ({ group, topic }) => ({
    groupId: group,
    topics: [{ name: topic, partitionIndexes: [0] }],
  })),
  "OffsetFetch, in the oldest version": of(OffsetFetchRequest, 1, ({ group, topic }) => ({
    groupId: group,
    topics: [{ name: topic, partitionIndexes: [0] }],
  })),
  "DescribeGroups": of(DescribeGroupsRequest, 5, ({ group }) => ({
    groups: [group],
    includeAuthorizedOperations: true,
  })),
  "ListGroups": of(ListGroupsRequest, 5, () => ({})),
  "OffsetDelete": of(OffsetDeleteRequest, 0, ({ group, topic }) => ({
    groupId: group,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }],
  })),
  "DeleteGroups": of(DeleteGroupsRequest, 2, ({ group }) => ({ groupsNames: [group] })),
  "InitProducerId of a transaction": of(InitProducerIdRequest, 4, ({ transactionalId }) => ({
    transactionalId,
    transactionTimeoutMs: 1000,
    producerId: ID,
    producerEpoch: 5,
  })),
  "AddPartitionsToTxn": of(AddPartitionsToTxnRequest, 3, ({ transactionalId, topic }) => ({
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: ID,
    v3AndBelowProducerEpoch: 5,
    v3AndBelowTopics: [topic, `${topic}-missing`].map((name) => ({ name, partitions: [0] })),
  })),
  "AddPartitionsToTxn of brokers": of(AddPartitionsToTxnRequest, 4, ({ transactionalId, topic }) => ({
    transactions: [{
      transactionalId,
      producerId: ID,
      producerEpoch: 5,
      verifyOnly: true,
      topics: [{ name: topic, partitions: [0] }],
    }],
  })),
  "AddOffsetsToTxn": of(AddOffsetsToTxnRequest, 3, ({ transactionalId, group }) => ({
    transactionalId,
    producerId: ID,
    producerEpoch: 5,
    groupId: group,
  })),
  "TxnOffsetCommit": of(TxnOffsetCommitRequest, 3, ({ transactionalId, group, topic }) => ({
    transactionalId,
    groupId: group,
    producerId: ID,
    producerEpoch: 5,
    topics: [topic, `${topic}-missing`].map((name) => ({
      name,
      partitions: [{ partitionIndex: 0, committedOffset: 0n }],
    })),
  })),
  "EndTxn": of(EndTxnRequest, 3, ({ transactionalId }) => ({
    transactionalId,
    producerId: ID,
    producerEpoch: 5,
    committed: true,
  })),
  "WriteTxnMarkers": of(WriteTxnMarkersRequest, 1, ({ topic }) => ({
    markers: [{
      producerId: ID,
      producerEpoch: 5,
      transactionResult: true,
      topics: [{ name: `${topic}-missing`, partitionIndexes: [0] }],
      coordinatorEpoch: 0,
    }],
  })),
  "DescribeTransactions": of(DescribeTransactionsRequest, 0, ({ transactionalId }) => ({
    transactionalIds: [transactionalId],
  })),
  "ListTransactions": of(ListTransactionsRequest, 1, () => ({})),
};
