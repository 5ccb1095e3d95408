// Which handler serves which API. This table is what ApiVersions advertises, with Produce and Fetch,
// which work in turns instead (broker/produce.h, broker/fetch.h).
#pragma once

#include "broker/handlers/config_handlers.h"
#include "broker/handlers/group_handlers.h"
#include "broker/handlers/metadata_handlers.h"
#include "broker/request.h"
#include "protocol/api.h"
#include "protocol/fwd.h"

// X(Name, name, parts): the third column is what the handler works on, besides the request.
// clang-format off
#define MAMBA_HANDLERS(X) \
    X(AlterConfigs, alter_configs, configs) \
    X(ApiVersions, api_versions, broker) \
    X(CreatePartitions, create_partitions, metadata) \
    X(CreateTopics, create_topics, metadata) \
    X(DeleteGroups, delete_groups, groups) \
    X(DeleteRecords, delete_records, broker) \
    X(DeleteTopics, delete_topics, metadata) \
    X(DescribeCluster, describe_cluster, metadata) \
    X(DescribeConfigs, describe_configs, configs) \
    X(DescribeGroups, describe_groups, groups) \
    X(DescribeLogDirs, describe_log_dirs, broker) \
    X(DescribeProducers, describe_producers, broker) \
    X(DescribeTopicPartitions, describe_topic_partitions, metadata) \
    X(ElectLeaders, elect_leaders, metadata) \
    X(FindCoordinator, find_coordinator, metadata) \
    X(Heartbeat, heartbeat, groups) \
    X(IncrementalAlterConfigs, incremental_alter_configs, configs) \
    X(InitProducerId, init_producer_id, metadata) \
    X(JoinGroup, join_group, groups) \
    X(LeaveGroup, leave_group, groups) \
    X(ListConfigResources, list_config_resources, configs) \
    X(ListGroups, list_groups, groups) \
    X(ListOffsets, list_offsets, broker) \
    X(ListPartitionReassignments, list_partition_reassignments, metadata) \
    X(Metadata, metadata, metadata) \
    X(OffsetCommit, offset_commit, committed_offsets) \
    X(OffsetDelete, offset_delete, committed_offsets) \
    X(OffsetFetch, offset_fetch, committed_offsets) \
    X(OffsetForLeaderEpoch, offset_for_leader_epoch, broker) \
    X(SyncGroup, sync_group, groups)
// clang-format on

namespace mamba::broker {

struct Broker;

void on_api_versions(Broker& broker, const protocol::ApiVersionsRequest& request, const RequestContext& context,
                     Reply<protocol::ApiVersionsResponse> reply);
void on_delete_records(Broker& broker, const protocol::DeleteRecordsRequest& request, const RequestContext& context,
                       Reply<protocol::DeleteRecordsResponse> reply);
void on_describe_log_dirs(Broker& broker, const protocol::DescribeLogDirsRequest& request,
                          const RequestContext& context, Reply<protocol::DescribeLogDirsResponse> reply);
void on_describe_producers(Broker& broker, const protocol::DescribeProducersRequest& request,
                           const RequestContext& context, Reply<protocol::DescribeProducersResponse> reply);
void on_list_offsets(Broker& broker, const protocol::ListOffsetsRequest& request, const RequestContext& context,
                     Reply<protocol::ListOffsetsResponse> reply);
void on_offset_for_leader_epoch(Broker& broker, const protocol::OffsetForLeaderEpochRequest& request,
                                const RequestContext& context, Reply<protocol::OffsetForLeaderEpochResponse> reply);

// True for what ApiVersions advertises.
bool is_served(protocol::ApiKey key);

// The answer to an ApiVersions request of a version that is not served, in version 0.
protocol::ApiVersionsResponse unsupported_api_version();
// Remembers what the client says of itself. False when the names are not what KIP-511 allows.
bool note_client_software(Client& client, BytesView body, protocol::MessageVersion version);

}  // namespace mamba::broker
