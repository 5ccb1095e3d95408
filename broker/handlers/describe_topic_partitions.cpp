// DescribeTopicPartitions (KIP-966): topics in order of their names, a page of partitions at a
// time.
#include "protocol/messages/describe_topic_partitions.h"

#include <algorithm>
#include <set>

#include "broker/handlers/metadata_handlers.h"
#include "broker/metadata/topic_name.h"

namespace mamba::broker {
namespace {

using Request = protocol::DescribeTopicPartitionsRequest;
using Response = protocol::DescribeTopicPartitionsResponse;

void add_partition(const ClusterImage& image, std::int32_t index, const PartitionState& state,
                   Response::DescribeTopicPartitionsResponseTopic& topic) {
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = index;
    partition.leader_epoch = state.leader_epoch.value;
    partition.eligible_leader_replicas.emplace();
    partition.last_known_elr.emplace();
    for (const BrokerId id : state.replicas) {
        partition.replica_nodes.push_back(id.value);
        if (image.find_broker(id) == nullptr) partition.offline_replicas.push_back(id.value);
    }
    for (const BrokerId id : state.isr) partition.isr_nodes.push_back(id.value);
    const bool has_leader = image.find_broker(state.leader) != nullptr;
    partition.leader_id = has_leader ? state.leader.value : no_broker.value;
    partition.error_code = to_wire(has_leader ? ErrorCode::none : ErrorCode::leader_not_available);
}

// A request whose cursor makes no sense is refused topic by topic: the answer has no error code of
// its own.
Response refuse_all(const Request& request) {
    Response response;
    for (const auto& asked : request.topics) {
        auto& topic = response.topics.emplace_back();
        topic.error_code = to_wire(ErrorCode::invalid_request);
        topic.name = std::string(asked.name);
    }
    return response;
}

Response::Cursor cursor_at(std::string_view topic, std::int32_t partition) {
    Response::Cursor cursor;
    cursor.topic_name = topic;
    cursor.partition_index = partition;
    return cursor;
}

}  // namespace

void on_describe_topic_partitions(MetadataServices services, const Request& request,
                                  const RequestContext&, Reply<Response> reply) {
    const ClusterImagePtr image = services.metadata.image();
    std::set<std::string_view> names;
    if (request.topics.empty()) {
        image->for_each_topic([&](const TopicState& topic) { names.insert(topic.name); });
    } else {
        for (const auto& asked : request.topics) names.insert(asked.name);
    }
    if (request.cursor) {
        if (request.cursor->partition_index < 0 ||
            (!request.topics.empty() && !names.contains(request.cursor->topic_name))) {
            return reply(refuse_all(request));
        }
        names.erase(names.begin(), names.lower_bound(request.cursor->topic_name));
    }

    Response response;
    std::int32_t left =
        std::clamp(request.response_partition_limit, 1,
                   std::max(1, services.configs.broker()->topics.request_partitions_max));
    for (const std::string_view name : names) {
        if (left == 0) {
            response.next_cursor = cursor_at(name, 0);
            break;
        }
        auto& topic = response.topics.emplace_back();
        topic.name = std::string(name);
        topic.is_internal = is_internal_topic(name);
        topic.topic_authorized_operations = topic_operations_allowed;
        const TopicState* state = image->find_topic(name);
        if (state == nullptr) {
            topic.error_code =
                to_wire(topic_name_fault(name) ? ErrorCode::invalid_topic_exception
                                               : ErrorCode::unknown_topic_or_partition);
            continue;
        }
        topic.topic_id = state->id;
        const bool resumes = request.cursor && request.cursor->topic_name == name;
        std::int32_t index = resumes ? request.cursor->partition_index : 0;
        for (; index < state->partition_count() && left > 0; ++index, --left) {
            add_partition(*image, index, state->partitions[static_cast<std::size_t>(index)], topic);
        }
        if (index < state->partition_count()) {
            response.next_cursor = cursor_at(name, index);
            break;
        }
    }
    reply(std::move(response));
}

}  // namespace mamba::broker
