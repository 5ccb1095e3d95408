#include "broker/observations.h"

#include <fmt/format.h>

#include "broker/logging.h"
#include "protocol/api.h"

namespace mamba::broker {
namespace {

std::string text_of(const TopicPartition& name) {
    return escape(name.topic) + "-" + std::to_string(name.partition.value);
}

std::string times(std::uint64_t count) { return count == 1 ? std::string() : fmt::format(", {} times", count); }

std::string describe(const ClusterEvent& event) {
    const std::string detail = event.detail.empty() ? std::string() : ": " + escape(event.detail);
    return fmt::format("{} {}{}", name_of(event.kind), escape(event.subject), detail);
}

std::string describe(const ProducerEvent& event) {
    return fmt::format("producer {} epoch {} of '{}' at {} on {}, sequence {}: {}{}", event.producer_id.value,
                       event.epoch.value, escape(event.client_id), event.host, text_of(event.partition),
                       event.first_sequence, event.error == ErrorCode::none ? "a repeat" : name_of(event.error),
                       times(event.count));
}

std::string describe(const RefusedRequest& refusal) {
    const protocol::ApiInfo* api = protocol::find_api(refusal.api_key);
    return fmt::format("{} of '{}' at {}: {}, {}{}", api != nullptr ? api->name : "a request",
                       escape(refusal.client_id), refusal.host,
                       refusal.error == ErrorCode::none ? "cut off" : name_of(refusal.error), escape(refusal.subject),
                       times(refusal.count));
}

}  // namespace

std::string_view name_of(EventKind kind) {
    switch (kind) {
        case EventKind::topic_created:
            return "topic created";
        case EventKind::topic_deleted:
            return "topic deleted";
        case EventKind::partitions_added:
            return "partitions added to";
        case EventKind::config_changed:
            return "settings changed of";
        case EventKind::group_rebalance_began:
            return "rebalance of group";
        case EventKind::group_stable:
            return "assignment of group";
        case EventKind::group_empty:
            return "no members in group";
        case EventKind::log_dir_offline:
            return "log dir offline";
    }
    return "";
}

std::vector<std::string> Observations::describe(std::size_t each_max) const {
    std::vector<std::string> lines;
    const auto add = [&](const auto& ring) {
        for (const auto& event : ring.since(0, each_max).events) lines.push_back(broker::describe(event));
    };
    add(events);
    add(producers);
    add(refusals);
    return lines;
}

}  // namespace mamba::broker
