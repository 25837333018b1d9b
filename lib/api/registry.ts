/**
 * The registry: the one list of APIs. Adding one is a message file, a handler file, a line here, a test and a golden.
 *
 * @module
 */
import type { ApiEntry } from "./api.ts";
import { addOffsetsToTxnApi } from "./handlers/add_offsets_to_txn.ts";
import { addPartitionsToTxnApi } from "./handlers/add_partitions_to_txn.ts";
import { alterClientQuotasApi } from "./handlers/alter_client_quotas.ts";
import { alterConfigsApi } from "./handlers/alter_configs.ts";
import { alterPartitionReassignmentsApi } from "./handlers/alter_partition_reassignments.ts";
import { alterReplicaLogDirsApi } from "./handlers/alter_replica_log_dirs.ts";
import { alterShareGroupOffsetsApi } from "./handlers/alter_share_group_offsets.ts";
import { alterUserScramCredentialsApi } from "./handlers/alter_user_scram_credentials.ts";
import { apiVersionsApi } from "./handlers/api_versions.ts";
import { consumerGroupDescribeApi } from "./handlers/consumer_group_describe.ts";
import { consumerGroupHeartbeatApi } from "./handlers/consumer_group_heartbeat.ts";
import { createAclsApi } from "./handlers/create_acls.ts";
import { createDelegationTokenApi } from "./handlers/create_delegation_token.ts";
import { createPartitionsApi } from "./handlers/create_partitions.ts";
import { createTopicsApi } from "./handlers/create_topics.ts";
import { deleteAclsApi } from "./handlers/delete_acls.ts";
import { deleteGroupsApi } from "./handlers/delete_groups.ts";
import { deleteRecordsApi } from "./handlers/delete_records.ts";
import { deleteShareGroupOffsetsApi } from "./handlers/delete_share_group_offsets.ts";
import { deleteShareGroupStateApi } from "./handlers/delete_share_group_state.ts";
import { deleteTopicsApi } from "./handlers/delete_topics.ts";
import { describeAclsApi } from "./handlers/describe_acls.ts";
import { describeClientQuotasApi } from "./handlers/describe_client_quotas.ts";
import { describeClusterApi } from "./handlers/describe_cluster.ts";
import { describeConfigsApi } from "./handlers/describe_configs.ts";
import { describeDelegationTokenApi } from "./handlers/describe_delegation_token.ts";
import { describeGroupsApi } from "./handlers/describe_groups.ts";
import { describeLogDirsApi } from "./handlers/describe_log_dirs.ts";
import { describeProducersApi } from "./handlers/describe_producers.ts";
import { describeQuorumApi } from "./handlers/describe_quorum.ts";
import { describeShareGroupOffsetsApi } from "./handlers/describe_share_group_offsets.ts";
import { describeTopicPartitionsApi } from "./handlers/describe_topic_partitions.ts";
import { describeTransactionsApi } from "./handlers/describe_transactions.ts";
import { describeUserScramCredentialsApi } from "./handlers/describe_user_scram_credentials.ts";
import { electLeadersApi } from "./handlers/elect_leaders.ts";
import { endTxnApi } from "./handlers/end_txn.ts";
import { expireDelegationTokenApi } from "./handlers/expire_delegation_token.ts";
import { fetchApi } from "./handlers/fetch.ts";
import { findCoordinatorApi } from "./handlers/find_coordinator.ts";
import { getTelemetrySubscriptionsApi } from "./handlers/get_telemetry_subscriptions.ts";
import { heartbeatApi } from "./handlers/heartbeat.ts";
import { incrementalAlterConfigsApi } from "./handlers/incremental_alter_configs.ts";
import { initProducerIdApi } from "./handlers/init_producer_id.ts";
import { initializeShareGroupStateApi } from "./handlers/initialize_share_group_state.ts";
import { joinGroupApi } from "./handlers/join_group.ts";
import { leaveGroupApi } from "./handlers/leave_group.ts";
import { listConfigResourcesApi } from "./handlers/list_config_resources.ts";
import { listGroupsApi } from "./handlers/list_groups.ts";
import { listOffsetsApi } from "./handlers/list_offsets.ts";
import { listPartitionReassignmentsApi } from "./handlers/list_partition_reassignments.ts";
import { listTransactionsApi } from "./handlers/list_transactions.ts";
import { metadataApi } from "./handlers/metadata.ts";
import { offsetCommitApi } from "./handlers/offset_commit.ts";
import { offsetDeleteApi } from "./handlers/offset_delete.ts";
import { offsetFetchApi } from "./handlers/offset_fetch.ts";
import { offsetForLeaderEpochApi } from "./handlers/offset_for_leader_epoch.ts";
import { produceApi } from "./handlers/produce.ts";
import { pushTelemetryApi } from "./handlers/push_telemetry.ts";
import { readShareGroupStateApi } from "./handlers/read_share_group_state.ts";
import { readShareGroupStateSummaryApi } from "./handlers/read_share_group_state_summary.ts";
import { renewDelegationTokenApi } from "./handlers/renew_delegation_token.ts";
import { saslAuthenticateApi } from "./handlers/sasl_authenticate.ts";
import { saslHandshakeApi } from "./handlers/sasl_handshake.ts";
import { shareAcknowledgeApi } from "./handlers/share_acknowledge.ts";
import { shareFetchApi } from "./handlers/share_fetch.ts";
import { shareGroupDescribeApi } from "./handlers/share_group_describe.ts";
import { shareGroupHeartbeatApi } from "./handlers/share_group_heartbeat.ts";
import { streamsGroupDescribeApi } from "./handlers/streams_group_describe.ts";
import { streamsGroupHeartbeatApi } from "./handlers/streams_group_heartbeat.ts";
import { syncGroupApi } from "./handlers/sync_group.ts";
import { txnOffsetCommitApi } from "./handlers/txn_offset_commit.ts";
import { unregisterBrokerApi } from "./handlers/unregister_broker.ts";
import { updateFeaturesApi } from "./handlers/update_features.ts";
import { writeShareGroupStateApi } from "./handlers/write_share_group_state.ts";
import { writeTxnMarkersApi } from "./handlers/write_txn_markers.ts";

/** All APIs that this broker serves, by ascending key. */
export const REGISTRY: readonly ApiEntry[] = [
  produceApi,
  fetchApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  offsetFetchApi,
  findCoordinatorApi,
  joinGroupApi,
  heartbeatApi,
  leaveGroupApi,
  syncGroupApi,
  describeGroupsApi,
  listGroupsApi,
  saslHandshakeApi,
  apiVersionsApi,
  createTopicsApi,
  deleteTopicsApi,
  deleteRecordsApi,
  initProducerIdApi,
  offsetForLeaderEpochApi,
  addPartitionsToTxnApi,
  addOffsetsToTxnApi,
  endTxnApi,
  writeTxnMarkersApi,
  txnOffsetCommitApi,
  describeAclsApi,
  createAclsApi,
  deleteAclsApi,
  describeConfigsApi,
  alterConfigsApi,
  alterReplicaLogDirsApi,
  describeLogDirsApi,
  saslAuthenticateApi,
  createPartitionsApi,
  createDelegationTokenApi,
  renewDelegationTokenApi,
  expireDelegationTokenApi,
  describeDelegationTokenApi,
  deleteGroupsApi,
  electLeadersApi,
  incrementalAlterConfigsApi,
  alterPartitionReassignmentsApi,
  listPartitionReassignmentsApi,
  offsetDeleteApi,
  describeClientQuotasApi,
  alterClientQuotasApi,
  describeUserScramCredentialsApi,
  alterUserScramCredentialsApi,
  describeQuorumApi,
  updateFeaturesApi,
  describeClusterApi,
  describeProducersApi,
  unregisterBrokerApi,
  describeTransactionsApi,
  listTransactionsApi,
  consumerGroupHeartbeatApi,
  consumerGroupDescribeApi,
  getTelemetrySubscriptionsApi,
  pushTelemetryApi,
  listConfigResourcesApi,
  describeTopicPartitionsApi,
  shareGroupHeartbeatApi,
  shareGroupDescribeApi,
  shareFetchApi,
  shareAcknowledgeApi,
  initializeShareGroupStateApi,
  readShareGroupStateApi,
  writeShareGroupStateApi,
  deleteShareGroupStateApi,
  readShareGroupStateSummaryApi,
  streamsGroupHeartbeatApi,
  streamsGroupDescribeApi,
  describeShareGroupOffsetsApi,
  alterShareGroupOffsetsApi,
  deleteShareGroupOffsetsApi,
];

const BY_KEY = new Map(REGISTRY.map((entry) => [entry.key, entry]));

/** The API with that key. */
export function findApi(key: number): ApiEntry | undefined {
  return BY_KEY.get(key);
}
