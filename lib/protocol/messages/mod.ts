/**
 * Messages: one file an API, its request and its response together, and the headers in front of them.
 *
 * In: the DSL of `schema.ts`. Out: {@linkcode APIS}, the catalogue of all the APIs that Apache Kafka 4.3 has, whether this
 * broker serves them or not; a handler imports the one file that it is about.
 *
 * @module
 */
import type { Message, VersionRange } from "../schema.ts";
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from "./add_offsets_to_txn.ts";
import { AddPartitionsToTxnRequest, AddPartitionsToTxnResponse } from "./add_partitions_to_txn.ts";
import { AddRaftVoterRequest, AddRaftVoterResponse } from "./add_raft_voter.ts";
import { AllocateProducerIdsRequest, AllocateProducerIdsResponse } from "./allocate_producer_ids.ts";
import { AlterClientQuotasRequest, AlterClientQuotasResponse } from "./alter_client_quotas.ts";
import { AlterConfigsRequest, AlterConfigsResponse } from "./alter_configs.ts";
import { AlterPartitionRequest, AlterPartitionResponse } from "./alter_partition.ts";
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from "./alter_partition_reassignments.ts";
import { AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse } from "./alter_replica_log_dirs.ts";
import { AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse } from "./alter_share_group_offsets.ts";
import { AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse } from "./alter_user_scram_credentials.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "./api_versions.ts";
import { AssignReplicasToDirsRequest, AssignReplicasToDirsResponse } from "./assign_replicas_to_dirs.ts";
import { BeginQuorumEpochRequest, BeginQuorumEpochResponse } from "./begin_quorum_epoch.ts";
import { BrokerHeartbeatRequest, BrokerHeartbeatResponse } from "./broker_heartbeat.ts";
import { BrokerRegistrationRequest, BrokerRegistrationResponse } from "./broker_registration.ts";
import { ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse } from "./consumer_group_describe.ts";
import { ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse } from "./consumer_group_heartbeat.ts";
import { ControllerRegistrationRequest, ControllerRegistrationResponse } from "./controller_registration.ts";
import { CreateAclsRequest, CreateAclsResponse } from "./create_acls.ts";
import { CreateDelegationTokenRequest, CreateDelegationTokenResponse } from "./create_delegation_token.ts";
import { CreatePartitionsRequest, CreatePartitionsResponse } from "./create_partitions.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "./create_topics.ts";
import { DeleteAclsRequest, DeleteAclsResponse } from "./delete_acls.ts";
import { DeleteGroupsRequest, DeleteGroupsResponse } from "./delete_groups.ts";
import { DeleteRecordsRequest, DeleteRecordsResponse } from "./delete_records.ts";
import { DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse } from "./delete_share_group_offsets.ts";
import { DeleteShareGroupStateRequest, DeleteShareGroupStateResponse } from "./delete_share_group_state.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "./delete_topics.ts";
import { DescribeAclsRequest, DescribeAclsResponse } from "./describe_acls.ts";
import { DescribeClientQuotasRequest, DescribeClientQuotasResponse } from "./describe_client_quotas.ts";
import { DescribeClusterRequest, DescribeClusterResponse } from "./describe_cluster.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "./describe_configs.ts";
import { DescribeDelegationTokenRequest, DescribeDelegationTokenResponse } from "./describe_delegation_token.ts";
import { DescribeGroupsRequest, DescribeGroupsResponse } from "./describe_groups.ts";
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from "./describe_log_dirs.ts";
import { DescribeProducersRequest, DescribeProducersResponse } from "./describe_producers.ts";
import { DescribeQuorumRequest, DescribeQuorumResponse } from "./describe_quorum.ts";
import { DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse } from "./describe_share_group_offsets.ts";
import { DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse } from "./describe_topic_partitions.ts";
import { DescribeTransactionsRequest, DescribeTransactionsResponse } from "./describe_transactions.ts";
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from "./describe_user_scram_credentials.ts";
import { ElectLeadersRequest, ElectLeadersResponse } from "./elect_leaders.ts";
import { EndQuorumEpochRequest, EndQuorumEpochResponse } from "./end_quorum_epoch.ts";
import { EndTxnRequest, EndTxnResponse } from "./end_txn.ts";
import { EnvelopeRequest, EnvelopeResponse } from "./envelope.ts";
import { ExpireDelegationTokenRequest, ExpireDelegationTokenResponse } from "./expire_delegation_token.ts";
import { FetchRequest, FetchResponse } from "./fetch.ts";
import { FetchSnapshotRequest, FetchSnapshotResponse } from "./fetch_snapshot.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "./find_coordinator.ts";
import { GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse } from "./get_telemetry_subscriptions.ts";
import { HeartbeatRequest, HeartbeatResponse } from "./heartbeat.ts";
import { IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse } from "./incremental_alter_configs.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "./init_producer_id.ts";
import { InitializeShareGroupStateRequest, InitializeShareGroupStateResponse } from "./initialize_share_group_state.ts";
import { JoinGroupRequest, JoinGroupResponse } from "./join_group.ts";
import { LeaveGroupRequest, LeaveGroupResponse } from "./leave_group.ts";
import { ListConfigResourcesRequest, ListConfigResourcesResponse } from "./list_config_resources.ts";
import { ListGroupsRequest, ListGroupsResponse } from "./list_groups.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "./list_offsets.ts";
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from "./list_partition_reassignments.ts";
import { ListTransactionsRequest, ListTransactionsResponse } from "./list_transactions.ts";
import { MetadataRequest, MetadataResponse } from "./metadata.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "./offset_commit.ts";
import { OffsetDeleteRequest, OffsetDeleteResponse } from "./offset_delete.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "./offset_fetch.ts";
import { OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse } from "./offset_for_leader_epoch.ts";
import { ProduceRequest, ProduceResponse } from "./produce.ts";
import { PushTelemetryRequest, PushTelemetryResponse } from "./push_telemetry.ts";
import { ReadShareGroupStateRequest, ReadShareGroupStateResponse } from "./read_share_group_state.ts";
import {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from "./read_share_group_state_summary.ts";
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from "./remove_raft_voter.ts";
import { RenewDelegationTokenRequest, RenewDelegationTokenResponse } from "./renew_delegation_token.ts";
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from "./sasl_authenticate.ts";
import { SaslHandshakeRequest, SaslHandshakeResponse } from "./sasl_handshake.ts";
import { ShareAcknowledgeRequest, ShareAcknowledgeResponse } from "./share_acknowledge.ts";
import { ShareFetchRequest, ShareFetchResponse } from "./share_fetch.ts";
import { ShareGroupDescribeRequest, ShareGroupDescribeResponse } from "./share_group_describe.ts";
import { ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse } from "./share_group_heartbeat.ts";
import { StreamsGroupDescribeRequest, StreamsGroupDescribeResponse } from "./streams_group_describe.ts";
import { StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse } from "./streams_group_heartbeat.ts";
import { SyncGroupRequest, SyncGroupResponse } from "./sync_group.ts";
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "./txn_offset_commit.ts";
import { UnregisterBrokerRequest, UnregisterBrokerResponse } from "./unregister_broker.ts";
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from "./update_features.ts";
import { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from "./update_raft_voter.ts";
import { VoteRequest, VoteResponse } from "./vote.ts";
import { WriteShareGroupStateRequest, WriteShareGroupStateResponse } from "./write_share_group_state.ts";
import { WriteTxnMarkersRequest, WriteTxnMarkersResponse } from "./write_txn_markers.ts";

/** An API: what is asked and what is answered. */
export interface Api {
  readonly key: number;
  /** Without "Request" or "Response". */
  readonly name: string;
  readonly request: Message<unknown>;
  readonly response: Message<unknown>;
}

/** Every API, in the order of the keys. Keys 4 to 7 belonged to ZooKeeper's brokers and are gone since Kafka 4.0. */
export const APIS: readonly Api[] = [
  api(ProduceRequest, ProduceResponse),
  api(FetchRequest, FetchResponse),
  api(ListOffsetsRequest, ListOffsetsResponse),
  api(MetadataRequest, MetadataResponse),
  api(OffsetCommitRequest, OffsetCommitResponse),
  api(OffsetFetchRequest, OffsetFetchResponse),
  api(FindCoordinatorRequest, FindCoordinatorResponse),
  api(JoinGroupRequest, JoinGroupResponse),
  api(HeartbeatRequest, HeartbeatResponse),
  api(LeaveGroupRequest, LeaveGroupResponse),
  api(SyncGroupRequest, SyncGroupResponse),
  api(DescribeGroupsRequest, DescribeGroupsResponse),
  api(ListGroupsRequest, ListGroupsResponse),
  api(SaslHandshakeRequest, SaslHandshakeResponse),
  api(ApiVersionsRequest, ApiVersionsResponse),
  api(CreateTopicsRequest, CreateTopicsResponse),
  api(DeleteTopicsRequest, DeleteTopicsResponse),
  api(DeleteRecordsRequest, DeleteRecordsResponse),
  api(InitProducerIdRequest, InitProducerIdResponse),
  api(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse),
  api(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse),
  api(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse),
  api(EndTxnRequest, EndTxnResponse),
  api(WriteTxnMarkersRequest, WriteTxnMarkersResponse),
  api(TxnOffsetCommitRequest, TxnOffsetCommitResponse),
  api(DescribeAclsRequest, DescribeAclsResponse),
  api(CreateAclsRequest, CreateAclsResponse),
  api(DeleteAclsRequest, DeleteAclsResponse),
  api(DescribeConfigsRequest, DescribeConfigsResponse),
  api(AlterConfigsRequest, AlterConfigsResponse),
  api(AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse),
  api(DescribeLogDirsRequest, DescribeLogDirsResponse),
  api(SaslAuthenticateRequest, SaslAuthenticateResponse),
  api(CreatePartitionsRequest, CreatePartitionsResponse),
  api(CreateDelegationTokenRequest, CreateDelegationTokenResponse),
  api(RenewDelegationTokenRequest, RenewDelegationTokenResponse),
  api(ExpireDelegationTokenRequest, ExpireDelegationTokenResponse),
  api(DescribeDelegationTokenRequest, DescribeDelegationTokenResponse),
  api(DeleteGroupsRequest, DeleteGroupsResponse),
  api(ElectLeadersRequest, ElectLeadersResponse),
  api(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse),
  api(AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse),
  api(ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse),
  api(OffsetDeleteRequest, OffsetDeleteResponse),
  api(DescribeClientQuotasRequest, DescribeClientQuotasResponse),
  api(AlterClientQuotasRequest, AlterClientQuotasResponse),
  api(DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse),
  api(AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse),
  api(VoteRequest, VoteResponse),
  api(BeginQuorumEpochRequest, BeginQuorumEpochResponse),
  api(EndQuorumEpochRequest, EndQuorumEpochResponse),
  api(DescribeQuorumRequest, DescribeQuorumResponse),
  api(AlterPartitionRequest, AlterPartitionResponse),
  api(UpdateFeaturesRequest, UpdateFeaturesResponse),
  api(EnvelopeRequest, EnvelopeResponse),
  api(FetchSnapshotRequest, FetchSnapshotResponse),
  api(DescribeClusterRequest, DescribeClusterResponse),
  api(DescribeProducersRequest, DescribeProducersResponse),
  api(BrokerRegistrationRequest, BrokerRegistrationResponse),
  api(BrokerHeartbeatRequest, BrokerHeartbeatResponse),
  api(UnregisterBrokerRequest, UnregisterBrokerResponse),
  api(DescribeTransactionsRequest, DescribeTransactionsResponse),
  api(ListTransactionsRequest, ListTransactionsResponse),
  api(AllocateProducerIdsRequest, AllocateProducerIdsResponse),
  api(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse),
  api(ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse),
  api(ControllerRegistrationRequest, ControllerRegistrationResponse),
  api(GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse),
  api(PushTelemetryRequest, PushTelemetryResponse),
  api(AssignReplicasToDirsRequest, AssignReplicasToDirsResponse),
  api(ListConfigResourcesRequest, ListConfigResourcesResponse),
  api(DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse),
  api(ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse),
  api(ShareGroupDescribeRequest, ShareGroupDescribeResponse),
  api(ShareFetchRequest, ShareFetchResponse),
  api(ShareAcknowledgeRequest, ShareAcknowledgeResponse),
  api(AddRaftVoterRequest, AddRaftVoterResponse),
  api(RemoveRaftVoterRequest, RemoveRaftVoterResponse),
  api(UpdateRaftVoterRequest, UpdateRaftVoterResponse),
  api(InitializeShareGroupStateRequest, InitializeShareGroupStateResponse),
  api(ReadShareGroupStateRequest, ReadShareGroupStateResponse),
  api(WriteShareGroupStateRequest, WriteShareGroupStateResponse),
  api(DeleteShareGroupStateRequest, DeleteShareGroupStateResponse),
  api(ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse),
  api(StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse),
  api(StreamsGroupDescribeRequest, StreamsGroupDescribeResponse),
  api(DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse),
  api(AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse),
  api(DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse),
];

/** The API with that key; undefined where Apache Kafka 4.3 has none. */
export function findApi(key: number): Api | undefined {
  return BY_KEY.get(key);
}

/** The versions of an API that ApiVersions announces. */
export function announcedVersions(api: Api): VersionRange {
  // Versions 0 to 2 of Produce are announced and refused: without them librdkafka believes that there is no compression
  // (KIP-896, KAFKA-18659).
  const first = api.request === ProduceRequest ? 0 : api.request.versions[0];
  return [first, api.request.lastStable];
}

function api(request: Message<unknown>, response: Message<unknown>): Api {
  return { key: request.key!, name: request.name.slice(0, -"Request".length), request, response };
}

const BY_KEY = new Map(APIS.map((api) => [api.key, api]));
