// Metadata: the brokers, the topics asked for, and who leads their partitions.
//
// A topic that is not there is created when the client and the broker allow it; the answer does not
// wait for that but says UNKNOWN_TOPIC_OR_PARTITION, as Kafka's does, and the client asks again.
#include "protocol/messages/metadata.h"

#include <algorithm>
#include <set>

#include "broker/handlers/metadata_handlers.h"
#include "broker/metadata/topic_name.h"

namespace mamba::broker {
namespace {

using Request = protocol::MetadataRequest;
using Response = protocol::MetadataResponse;
using Topic = Response::MetadataResponseTopic;

std::vector<std::int32_t> numbers(const std::vector<BrokerId>& ids) {
    std::vector<std::int32_t> out;
    out.reserve(ids.size());
    for (const BrokerId id : ids) out.push_back(id.value);
    return out;
}

class Answer {
public:
    Answer(const ClusterImage& image, const RequestContext& context, bool authorized_operations)
        : image_(image), context_(context), authorized_operations_(authorized_operations) {}

    void add(const TopicState& state) {
        Topic& topic = response_.topics.emplace_back();
        topic.name = state.name;
        if (context_.version >= 10) topic.topic_id = state.id;
        topic.is_internal = is_internal_topic(state.name);
        if (authorized_operations_) topic.topic_authorized_operations = topic_operations_allowed;
        topic.partitions.reserve(state.partitions.size());
        for (std::int32_t i = 0; i < state.partition_count(); ++i) {
            add_partition(topic, i, state.partitions[static_cast<std::size_t>(i)]);
        }
    }
    void refuse(std::optional<std::string> name, const Uuid& id, ErrorCode code) {
        Topic& topic = response_.topics.emplace_back();
        topic.error_code = to_wire(code);
        topic.is_internal = name && is_internal_topic(*name);
        // As Kafka does: a topic that a client may create has its operations too.
        if (authorized_operations_ && name) {
            topic.topic_authorized_operations = topic_operations_allowed;
        }
        topic.name = std::move(name);
        if (context_.version >= 10) topic.topic_id = id;
    }
    Response& response() { return response_; }

private:
    void add_partition(Topic& topic, std::int32_t index, const PartitionState& state) {
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = index;
        partition.replica_nodes = numbers(state.replicas);
        partition.isr_nodes = numbers(state.isr);
        if (context_.version >= 7) partition.leader_epoch = state.leader_epoch.value;
        for (const BrokerId id : state.replicas) {
            if (image_.find_broker(id) == nullptr) partition.offline_replicas.push_back(id.value);
        }
        const BrokerRegistration* leader = image_.find_broker(state.leader);
        if (leader == nullptr) {
            partition.leader_id = no_broker.value;
            partition.error_code = to_wire(ErrorCode::leader_not_available);
        } else if (leader->find_endpoint(context_.client.listener) == nullptr) {
            partition.leader_id = no_broker.value;
            partition.error_code = to_wire(context_.version >= 6 ? ErrorCode::listener_not_found
                                                                 : ErrorCode::leader_not_available);
        } else {
            partition.leader_id = state.leader.value;
        }
        if (context_.version < 5) partition.offline_replicas.clear();
    }

    const ClusterImage& image_;
    const RequestContext& context_;
    const bool authorized_operations_;
    Response response_;
};

void add_cluster(const ClusterImage& image, const RequestContext& context, Response& response) {
    for (const auto& [id, broker] : image.brokers()) {
        const Endpoint* endpoint = broker.find_endpoint(context.client.listener);
        if (endpoint == nullptr) continue;
        auto& out = response.brokers.emplace_back();
        out.node_id = id.value;
        out.host = endpoint->host;
        out.port = endpoint->port;
        out.rack = broker.rack;
    }
    response.cluster_id = image.cluster_id();
    if (!image.brokers().empty()) response.controller_id = image.brokers().begin()->first.value;
}

// Versions 10 and 11 have ids and null names on the wire, but only later ones may use them.
bool makes_sense(const Request& request, const RequestContext& context) {
    return !request.topics || std::ranges::all_of(*request.topics, [&](const auto& topic) {
        return context.version >= 12 ? topic.name || !topic.topic_id.is_zero()
                                     : topic.name && topic.topic_id.is_zero();
    });
}

// The whole request is refused, topic by topic: the error code of its own comes with version 13.
Response refuse_all(const Request& request, const RequestContext& context) {
    Response response;
    response.cluster_id.reset();
    for (const auto& asked : *request.topics) {
        Topic& topic = response.topics.emplace_back();
        topic.error_code = to_wire(ErrorCode::invalid_request);
        topic.name = std::string(asked.name.value_or(""));
        topic.topic_id = asked.topic_id;
    }
    if (context.version >= 13) response.error_code = to_wire(ErrorCode::invalid_request);
    return response;
}

}  // namespace

void on_metadata(MetadataServices services, const Request& request, const RequestContext& context,
                 Reply<Response> reply) {
    if (!makes_sense(request, context)) return reply(refuse_all(request, context));
    const ClusterImagePtr image = services.metadata.image();
    Answer answer(*image, context, request.include_topic_authorized_operations);
    add_cluster(*image, context, answer.response());
    if (request.include_cluster_authorized_operations) {
        answer.response().cluster_authorized_operations = cluster_operations_allowed;
    }

    // Version 0 has no null: there, no topics stand for all.
    const bool all = !request.topics || (context.version == 0 && request.topics->empty());
    if (all) {
        image->for_each_topic([&](const TopicState& topic) { answer.add(topic); });
        return reply(std::move(answer.response()));
    }

    const auto config = services.configs.broker();
    const bool creates = request.allow_auto_topic_creation && config->topics.auto_create;
    // Names that stand beside ids are not looked at.
    const bool by_id = std::ranges::any_of(
        *request.topics, [](const auto& asked) { return !asked.topic_id.is_zero(); });
    std::vector<std::string> missing;
    std::set<std::string_view> names;
    std::set<Uuid> ids;
    for (const auto& asked : *request.topics) {
        if (by_id) {
            if (asked.topic_id.is_zero() || !ids.insert(asked.topic_id).second) continue;
            const TopicState* topic = image->find_topic(asked.topic_id);
            if (topic != nullptr) {
                answer.add(*topic);
            } else {
                answer.refuse(std::nullopt, asked.topic_id, ErrorCode::unknown_topic_id);
            }
            continue;
        }
        if (!names.insert(*asked.name).second) continue;
        const TopicState* topic = image->find_topic(*asked.name);
        if (topic != nullptr) {
            answer.add(*topic);
        } else if (topic_name_fault(*asked.name)) {
            answer.refuse(std::string(*asked.name), Uuid(), ErrorCode::invalid_topic_exception);
        } else {
            answer.refuse(std::string(*asked.name), Uuid(), ErrorCode::unknown_topic_or_partition);
            // The other internal topics belong to coordinators that this broker has not.
            if (!is_internal_topic(*asked.name) || *asked.name == "__consumer_offsets")
                missing.emplace_back(*asked.name);
        }
    }
    reply(std::move(answer.response()));
    if (creates && !missing.empty()) {
        services.metadata.submit(auto_creation(missing, *config, image->brokers().size(), context.now),
                                 MetadataService::OnOutcome<CreateTopics>([](const auto&) {}));
    }
}

}  // namespace mamba::broker
