#include <algorithm>

#include "broker/handlers/metadata_handlers.h"

namespace mamba::broker {

CreateTopics auto_creation(const std::vector<std::string>& names, const BrokerConfig& config,
                           std::size_t broker_count, Timestamp now) {
    CreateTopics event;
    event.now = now;
    for (const std::string& name : names) {
        CreateTopics::Topic& topic = event.topics.emplace_back();
        topic.name = name;
        if (name != "__consumer_offsets") continue;
        topic.partition_count = config.offsets.topic_partitions;
        topic.replication_factor = static_cast<std::int16_t>(std::clamp<std::size_t>(
            broker_count, 1, static_cast<std::size_t>(config.offsets.topic_replication_factor)));
        topic.configs = {{"cleanup.policy", "compact"},
                         {"compression.type", "producer"},
                         {"segment.bytes", std::to_string(config.offsets.topic_segment_bytes)}};
    }
    return event;
}

}  // namespace mamba::broker
