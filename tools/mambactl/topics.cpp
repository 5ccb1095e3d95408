#include "tools/mambactl/topics.h"

#include <fmt/format.h>

#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "tools/client/offsets.h"
#include "tools/mambactl/table.h"

namespace mamba::ctl {
namespace {

constexpr std::int32_t timeout_ms = 10'000;

std::vector<std::int64_t> ids(const std::vector<std::int32_t>& nodes) {
    return {nodes.begin(), nodes.end()};
}

Cell offset_of(const std::expected<client::PartitionOffsets, Error>& offsets,
               std::int32_t partition) {
    if (!offsets) return Nothing();
    const auto found = offsets->find(PartitionIndex(partition));
    if (found == offsets->end()) return Nothing();
    return found->second.value;
}

}  // namespace

Outcome list_topics(Session& session, bool with_internal) {
    auto metadata = session.cluster.metadata();
    if (!metadata) return std::unexpected(metadata.error());
    std::ranges::sort(metadata->topics, {}, [](const auto& topic) { return topic.name; });
    Table table({"topic", "partitions", "replicas", "internal", "id"});
    for (const auto& topic : metadata->topics) {
        if (topic.is_internal && !with_internal) continue;
        const std::size_t replicas =
            topic.partitions.empty() ? 0 : topic.partitions[0].replica_nodes.size();
        table.add({topic.name.value_or(""), static_cast<std::int64_t>(topic.partitions.size()),
                   static_cast<std::int64_t>(replicas), topic.is_internal,
                   topic.topic_id.to_string()});
    }
    fmt::print("{}", table.show(session.as_json));
    return {};
}

Outcome describe_topics(Session& session, const std::vector<std::string>& names) {
    Table table({"topic", "partition", "leader", "epoch", "replicas", "isr", "earliest", "latest"});
    for (const std::string& name : names) {
        auto topic = session.cluster.topic(name);
        if (!topic) return std::unexpected(topic.error());
        // Offsets stay out when a leader cannot be asked; the rest is worth showing all the more.
        const auto begins = list_offsets(session.cluster, name, client::offset_time::earliest);
        const auto ends = list_offsets(session.cluster, name, client::offset_time::latest);
        std::ranges::sort(topic->partitions, {},
                          [](const auto& partition) { return partition.partition_index; });
        for (const auto& partition : topic->partitions) {
            const std::int32_t index = partition.partition_index;
            table.add({name, std::int64_t{index}, std::int64_t{partition.leader_id},
                       std::int64_t{partition.leader_epoch}, ids(partition.replica_nodes),
                       ids(partition.isr_nodes), offset_of(begins, index), offset_of(ends, index)});
        }
    }
    fmt::print("{}", table.show(session.as_json));
    return {};
}

Outcome create_topic(Session& session, const NewTopic& topic) {
    protocol::CreateTopicsRequest request;
    request.timeout_ms = timeout_ms;
    request.validate_only = topic.validate_only;
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic.name;
    wanted.num_partitions = topic.partitions;
    wanted.replication_factor = topic.replication_factor;
    for (const std::string& text : topic.configs) {
        const auto setting = parse_setting(text);
        if (!setting) return std::unexpected(setting.error());
        auto& config = wanted.configs.emplace_back();
        config.name = setting->first;
        config.value = setting->second;
    }
    const auto controller = session.cluster.controller();
    if (!controller) return std::unexpected(controller.error());
    const auto answer = (*controller)->call<protocol::CreateTopicsResponse>(request);
    if (!answer) return std::unexpected(answer.error());
    Table table({"topic", "id", "partitions", "replicas"});
    for (const auto& made : answer->topics) {
        const bool exists = made.error_code == to_wire(ErrorCode::topic_already_exists);
        if (topic.if_not_exists && exists) continue;
        const Outcome checked =
            check("create topic " + made.name, made.error_code, made.error_message);
        if (!checked) return checked;
        table.add({made.name, made.topic_id.to_string(), std::int64_t{made.num_partitions},
                   std::int64_t{made.replication_factor}});
    }
    if (!table.empty() || session.as_json) fmt::print("{}", table.show(session.as_json));
    return {};
}

Outcome delete_topics(Session& session, const std::vector<std::string>& names) {
    const auto controller = session.cluster.controller();
    if (!controller) return std::unexpected(controller.error());
    const auto version = (*controller)->version_of(protocol::DeleteTopicsRequest::api_key);
    if (!version) return std::unexpected(version.error());
    constexpr protocol::MessageVersion names_or_ids_since = 6;
    protocol::DeleteTopicsRequest request;
    request.timeout_ms = timeout_ms;
    for (const std::string& name : names) {
        if (*version >= names_or_ids_since) {
            request.topics.emplace_back().name = name;
        } else {
            request.topic_names.emplace_back(name);
        }
    }
    const auto answer = (*controller)->call<protocol::DeleteTopicsResponse>(request);
    if (!answer) return std::unexpected(answer.error());
    Outcome outcome;
    for (const auto& gone : answer->responses) {
        const Outcome checked =
            check("delete topic " + gone.name.value_or(""), gone.error_code, gone.error_message);
        if (outcome) outcome = checked;
    }
    return outcome;
}

Outcome alter_topic(Session& session, const std::string& name, std::int32_t partitions) {
    protocol::CreatePartitionsRequest request;
    request.timeout_ms = timeout_ms;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.count = partitions;
    topic.assignments.reset();
    const auto controller = session.cluster.controller();
    if (!controller) return std::unexpected(controller.error());
    const auto answer = (*controller)->call<protocol::CreatePartitionsResponse>(request);
    if (!answer) return std::unexpected(answer.error());
    for (const auto& result : answer->results) {
        const Outcome checked =
            check("add partitions to " + result.name, result.error_code, result.error_message);
        if (!checked) return checked;
    }
    return {};
}

}  // namespace mamba::ctl
