#include "protocol/messages/describe_cluster.h"

#include "broker/handlers/metadata_handlers.h"

namespace mamba::broker {

void on_describe_cluster(MetadataServices services, const protocol::DescribeClusterRequest& request,
                         const RequestContext& context,
                         Reply<protocol::DescribeClusterResponse> reply) {
    constexpr std::int8_t brokers = 1;  // endpoint types of KIP-919
    constexpr std::int8_t controllers = 2;

    protocol::DescribeClusterResponse response;
    if (request.endpoint_type != brokers) {
        const bool known = request.endpoint_type == controllers;
        response.error_code = to_wire(known ? ErrorCode::mismatched_endpoint_type
                                            : ErrorCode::unsupported_endpoint_type);
        response.error_message =
            known ? "The request was sent to an endpoint of type BROKER, but we wanted an endpoint "
                    "of type CONTROLLER"
                  : "Unsupported endpoint type " + std::to_string(request.endpoint_type);
        return reply(std::move(response));
    }

    const ClusterImagePtr image = services.metadata.image();
    response.cluster_id = image->cluster_id();
    if (!image->brokers().empty()) response.controller_id = image->brokers().begin()->first.value;
    for (const auto& [id, broker] : image->brokers()) {
        const Endpoint* endpoint = broker.find_endpoint(context.client.listener);
        if (endpoint == nullptr) continue;
        auto& out = response.brokers.emplace_back();
        out.broker_id = id.value;
        out.host = endpoint->host;
        out.port = endpoint->port;
        out.rack = broker.rack;
    }
    if (request.include_cluster_authorized_operations) {
        response.cluster_authorized_operations = cluster_operations_allowed;
    }
    reply(std::move(response));
}

}  // namespace mamba::broker
