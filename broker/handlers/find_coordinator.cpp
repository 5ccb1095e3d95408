// FindCoordinator: which broker keeps a group.
//
//     key type        answer
//     0 group         the leader of the group's partition of __consumer_offsets. While that topic
//     is
//                     not there: COORDINATOR_NOT_AVAILABLE, and it is created
//     1 transaction   UNSUPPORTED_VERSION with a sentence: this broker keeps no transactions, and
//                     clients stop at it, where a retriable code would let them wait in vain
//     2 share         likewise
//     others          INVALID_REQUEST
#include "protocol/messages/find_coordinator.h"

#include "broker/group/group_service.h"
#include "broker/handlers/metadata_handlers.h"

namespace mamba::broker {
namespace {

using Request = protocol::FindCoordinatorRequest;
using Response = protocol::FindCoordinatorResponse;

constexpr std::string_view offsets_topic = "__consumer_offsets";

struct Found {
    BrokerId id = no_broker;
    std::string host;
    std::int32_t port = -1;
    Refusal refusal;
};

Found find_group_coordinator(const ClusterImage& image, std::string_view key,
                             std::string_view listener) {
    Found found;
    const auto unavailable = [&]() -> Found& {
        found.refusal = {ErrorCode::coordinator_not_available, "The coordinator is not available."};
        return found;
    };
    const TopicState* topic = image.find_topic(offsets_topic);
    if (topic == nullptr) return unavailable();
    const PartitionIndex index = partition_for_group(key, topic->partition_count());
    const BrokerRegistration* leader = image.find_broker(topic->find_partition(index)->leader);
    if (leader == nullptr) return unavailable();
    const Endpoint* endpoint = leader->find_endpoint(listener);
    if (endpoint == nullptr) return unavailable();
    found.id = leader->id;
    found.host = endpoint->host;
    found.port = endpoint->port;
    return found;
}

Found find(const ClusterImage& image, std::int8_t key_type, std::string_view key,
           std::string_view listener) {
    if (key_type == 0) return find_group_coordinator(image, key, listener);
    Found found;
    if (key_type == 1) {
        found.refusal = {ErrorCode::unsupported_version,
                         "This broker does not serve transactions."};
    } else if (key_type == 2) {
        found.refusal = {ErrorCode::unsupported_version,
                         "This broker does not serve share groups."};
    } else {
        found.refusal = {ErrorCode::invalid_request,
                         "Unknown coordinator key type " + std::to_string(key_type) + "."};
    }
    return found;
}

}  // namespace

void on_find_coordinator(MetadataServices services, const Request& request,
                         const RequestContext& context, Reply<Response> reply) {
    const ClusterImagePtr image = services.metadata.image();
    Response response;
    if (context.version >= 4) {
        for (const std::string_view key : request.coordinator_keys) {
            Found found = find(*image, request.key_type, key, context.client.listener);
            auto& out = response.coordinators.emplace_back();
            out.key = key;
            out.node_id = found.id.value;
            out.host = std::move(found.host);
            out.port = found.port;
            out.error_code = to_wire(found.refusal.code);
            out.error_message = std::move(found.refusal.message);
        }
    } else {
        Found found = find(*image, request.key_type, request.key, context.client.listener);
        response.node_id = found.id.value;
        response.host = std::move(found.host);
        response.port = found.port;
        response.error_code = to_wire(found.refusal.code);
        if (context.version >= 1) {
            response.error_message =
                found.refusal ? std::move(found.refusal.message) : std::string("NONE");
        }
    }
    reply(std::move(response));

    if (request.key_type == 0 && image->find_topic(offsets_topic) == nullptr) {
        services.metadata.submit(auto_creation({std::string(offsets_topic)},
                                               *services.configs.broker(), image->brokers().size(),
                                               context.now),
                                 MetadataService::OnOutcome<CreateTopics>([](const auto&) {}));
    }
}

}  // namespace mamba::broker
