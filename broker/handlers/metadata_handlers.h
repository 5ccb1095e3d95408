// The APIs about the cluster's metadata: what there is (answered from the image at once) and what
// shall change (answered when the metadata service has made it durable).
#pragma once

#include "broker/config/config_service.h"
#include "broker/metadata/metadata_service.h"
#include "broker/metadata/producer_ids.h"
#include "broker/request.h"
#include "protocol/fwd.h"

namespace mamba::broker {

// What these handlers reach. Everything outlives the replies they keep.
struct MetadataServices {
    MetadataService& metadata;
    const ConfigService& configs;
    ProducerIds& producer_ids;
};

void on_metadata(MetadataServices, const protocol::MetadataRequest&, const RequestContext&,
                 Reply<protocol::MetadataResponse>);
void on_describe_cluster(MetadataServices, const protocol::DescribeClusterRequest&,
                         const RequestContext&, Reply<protocol::DescribeClusterResponse>);
void on_describe_topic_partitions(MetadataServices,
                                  const protocol::DescribeTopicPartitionsRequest&,
                                  const RequestContext&,
                                  Reply<protocol::DescribeTopicPartitionsResponse>);
void on_create_topics(MetadataServices, const protocol::CreateTopicsRequest&, const RequestContext&,
                      Reply<protocol::CreateTopicsResponse>);
void on_delete_topics(MetadataServices, const protocol::DeleteTopicsRequest&, const RequestContext&,
                      Reply<protocol::DeleteTopicsResponse>);
void on_create_partitions(MetadataServices, const protocol::CreatePartitionsRequest&,
                          const RequestContext&, Reply<protocol::CreatePartitionsResponse>);
void on_elect_leaders(MetadataServices, const protocol::ElectLeadersRequest&, const RequestContext&,
                      Reply<protocol::ElectLeadersResponse>);
void on_list_partition_reassignments(MetadataServices,
                                     const protocol::ListPartitionReassignmentsRequest&,
                                     const RequestContext&,
                                     Reply<protocol::ListPartitionReassignmentsResponse>);
void on_find_coordinator(MetadataServices, const protocol::FindCoordinatorRequest&,
                         const RequestContext&, Reply<protocol::FindCoordinatorResponse>);
void on_init_producer_id(MetadataServices, const protocol::InitProducerIdRequest&,
                         const RequestContext&, Reply<protocol::InitProducerIdResponse>);

// What every client may do while there are no ACLs, as the bit sets of KIP-430.
inline constexpr std::int32_t cluster_operations_allowed = 8096;
inline constexpr std::int32_t topic_operations_allowed = 3576;

// Kafka's controller does not take up a request whose time is over before it has begun.
inline bool is_overdue(std::int32_t timeout_ms) {
    return timeout_ms <= 0;
}
inline const Refusal overdue{ErrorCode::request_timed_out, {}};

// The event that creates a topic nobody asked for by name: with the broker's defaults, or, for
// __consumer_offsets, with the settings that the group coordinator needs.
CreateTopics auto_creation(const std::vector<std::string>& names, const BrokerConfig& config,
                           std::size_t broker_count, Timestamp now);

}  // namespace mamba::broker
