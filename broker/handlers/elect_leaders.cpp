// ElectLeaders on a single broker: every partition has its only possible leader.
#include "protocol/messages/elect_leaders.h"

#include "broker/handlers/metadata_handlers.h"

namespace mamba::broker {
namespace {

constexpr std::int8_t election_type_max = 1;  // 0: preferred, 1: unclean (KIP-460)

Refusal elect(const ClusterImage& image, std::string_view topic, std::int32_t partition) {
    const TopicState* state = image.find_topic(topic);
    if (state == nullptr) {
        return {ErrorCode::unknown_topic_or_partition, "No such topic as " + std::string(topic)};
    }
    if (state->find_partition(PartitionIndex(partition)) == nullptr) {
        return {ErrorCode::unknown_topic_or_partition,
                "No such partition as " + std::string(topic) + "-" + std::to_string(partition)};
    }
    return {ErrorCode::election_not_needed, "Leader election not needed for topic partition."};
}

}  // namespace

void on_elect_leaders(MetadataServices services, const protocol::ElectLeadersRequest& request,
                      const RequestContext& context, Reply<protocol::ElectLeadersResponse> reply) {
    protocol::ElectLeadersResponse response;
    if (request.topic_partitions && request.topic_partitions->empty())
        return reply(std::move(response));

    Refusal of_all;
    if (is_overdue(request.timeout_ms)) {
        of_all = overdue;
    } else if (request.election_type < 0 || request.election_type > election_type_max) {
        of_all = {ErrorCode::invalid_request,
                  "Unknown election type " + std::to_string(request.election_type)};
    }
    if (context.version >= 1) response.error_code = to_wire(of_all.code);

    const ClusterImagePtr image = services.metadata.image();
    if (!request.topic_partitions) {
        if (of_all) return reply(std::move(response));
        // Asked about everything, the answer tells only of elections that were held.
        image->for_each_topic([&](const TopicState& topic) {
            response.replica_election_results.emplace_back().topic = topic.name;
        });
        return reply(std::move(response));
    }
    for (const auto& asked : *request.topic_partitions) {
        auto& topic = response.replica_election_results.emplace_back();
        topic.topic = asked.topic;
        for (const std::int32_t partition : asked.partitions) {
            const Refusal refusal = of_all ? of_all : elect(*image, asked.topic, partition);
            auto& result = topic.partition_result.emplace_back();
            result.partition_id = partition;
            result.error_code = to_wire(refusal.code);
            result.error_message.reset();
            if (!refusal.message.empty()) result.error_message = refusal.message;
        }
    }
    reply(std::move(response));
}

}  // namespace mamba::broker
