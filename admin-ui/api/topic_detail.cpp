// One topic: what it is, its partitions, more partitions, and records deleted from it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "admin-ui/api/live.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/asking.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/config/config_keys.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/delete_records.h"

namespace mamba::admin {
namespace {

using broker::ClusterImagePtr;
using broker::Partition;
using broker::TopicState;

ApiError no_such_topic() { return kafka_error(ErrorCode::unknown_topic_or_partition); }

Response detail(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return refuse(request, no_such_topic());
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    const TopicSample* found = sample->find(topic->name);
    const TopicSample numbers = found != nullptr && found->id == topic->id ? *found : TopicSample();
    const broker::TopicConfig config = console.broker().configs->topic(*image, topic->name);
    json::array overrides;
    for (const auto& [name, value] : image->configs(broker::ConfigResourceType::topic, topic->name)) {
        overrides.push_back({{"name", name}, {"value", value}});
    }
    std::size_t segments = 0;
    for (std::int32_t i = 0; i < topic->partition_count(); ++i) {
        const auto partition = console.broker().partitions->find(topic->id, PartitionIndex(i));
        if (partition) segments += partition->with_log([](log::PartitionLog& log) { return log.segments().size(); });
    }
    json::array findings;
    if (numbers.offline > 0) {
        findings.push_back({{"id", "OFFLINE_PARTITIONS:" + topic->name},
                            {"kind", "OFFLINE_PARTITIONS"},
                            {"severity", "CRITICAL"},
                            {"text", fmt::format("{} of {} partitions are offline: their log dir has failed.",
                                                 numbers.offline, topic->partition_count())},
                            {"link", fmt::format("/topics/{}/partitions", topic->name)},
                            {"since_ms", nullptr}});
    }
    return ok({{"topic", topic->name},
               {"topic_id", topic->id.to_string()},
               {"internal", broker::is_internal_topic(topic->name)},
               {"partitions", topic->partition_count()},
               {"rf", topic->partitions.front().replicas.size()},
               {"min_isr", config.min_insync_replicas},
               {"health", numbers.offline > 0 ? "OFFLINE" : "OK"},
               {"offline", numbers.offline},
               {"under_replicated", 0},
               {"under_min_isr", 0},
               {"cleanup", config.cleanup_compact ? config.cleanup_delete ? "compact,delete" : "compact" : "delete"},
               {"retention_ms", exact(config.retention_ms)},
               {"retention_bytes", exact(config.retention_bytes)},
               {"max_message_bytes", exact(std::int64_t{config.max_message_bytes})},
               {"size", exact(numbers.bytes)},
               {"records", exact(numbers.records)},
               {"records_exact", numbers.records_exact},
               {"segments", segments},
               {"bytes_in", numbers.rates.bytes_in},
               {"bytes_out", numbers.rates.bytes_out},
               {"records_in", numbers.rates.records_in},
               {"last_append_ms", time_or_null(numbers.last_append)},
               {"created_ms", time_or_null(topic->created)},
               {"findings", std::move(findings)},
               {"overrides", std::move(overrides)},
               {"configs", broker::config_keys(broker::ConfigScope::topic).size()},
               {"authorized_operations", json::array{"READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE",
                                                     "DESCRIBE_CONFIGS", "ALTER_CONFIGS"}}});
}

json::object describe(Partition* partition, const broker::PartitionState& state, std::int32_t index,
                      std::int32_t min_isr) {
    json::array replicas;
    const bool offline = partition == nullptr || partition->failed();
    for (const BrokerId id : state.replicas) {
        const bool in_sync = std::ranges::find(state.isr, id) != state.isr.end();
        replicas.push_back(
            {{"broker", id.value},
             {"in_sync", in_sync && !offline},
             {"leo", partition == nullptr ? json::value() : json::value(exact(partition->log_end_offset()))},
             {"offline", offline}});
    }
    json::object body{
        {"partition", index},
        {"state", offline ? "OFFLINE" : "OK"},
        {"leader", offline ? json::value() : json::value(state.leader.value)},
        {"leader_epoch", state.leader_epoch.value},
        {"preferred_leader", state.replicas.empty() ? json::value() : json::value(state.replicas.front().value)},
        {"replicas", std::move(replicas)},
        {"min_isr", min_isr},
        {"log_start", nullptr},
        {"lso", nullptr},
        {"high_watermark", nullptr},
        {"size", nullptr},
        {"segments", nullptr},
        {"producers", nullptr},
        {"bytes_in", nullptr},
        {"bytes_out", nullptr},
        {"cold_reads", nullptr},
        {"reassigning", nullptr}};
    if (partition == nullptr) return body;
    body["log_start"] = exact(partition->log_start_offset());
    body["lso"] = exact(partition->high_watermark());
    body["high_watermark"] = exact(partition->high_watermark());
    body["size"] = exact(partition->size_bytes());
    partition->with_log([&](log::PartitionLog& log) {
        body["segments"] = log.segments().size();
        body["producers"] = log.producers().producers().size();
    });
    return body;
}

Response partitions(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return refuse(request, no_such_topic());
    const std::int32_t min_isr = console.broker().configs->topic(*image, topic->name).min_insync_replicas;
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    const TopicSample* sampled = sample->find(topic->name);
    if (sampled != nullptr && sampled->id != topic->id) sampled = nullptr;
    json::array data;
    for (std::int32_t i = 0; i < topic->partition_count(); ++i) {
        const auto partition = console.broker().partitions->find(topic->id, PartitionIndex(i));
        json::object row = describe(partition.get(), topic->partitions[static_cast<std::size_t>(i)], i, min_isr);
        if (sampled != nullptr) {
            const PartitionRates rates = sample->rates_of(*sampled, PartitionIndex(i));
            add_rates(row, rates);
            row["cold_reads"] = number_or_null_if_nan(rates.cold_bytes_out);
        }
        data.push_back(std::move(row));
    }
    return ok({{"data", std::move(data)}, {"next", nullptr}});
}

Response increase(Console& console, const Request& request, Captures captures) {
    Fields fields(request);
    protocol::CreatePartitionsRequest question;
    auto& topic = question.topics.emplace_back();
    topic.name = captures[0];
    topic.count = static_cast<std::int32_t>(fields.integer("count", 1, 10'000));
    topic.assignments.reset();  // the broker chooses
    question.validate_only = fields.flag("validate_only", false);
    question.timeout_ms = ask_timeout_ms;
    if (const auto error = fields.error()) return refuse(request, *error);
    const auto answer = ask<protocol::CreatePartitionsResponse>(console, request, question);
    if (!answer) return refuse(request, answer.error());
    const auto& result = answer->results.front();
    if (const ErrorCode code{result.error_code}; code != ErrorCode::none) {
        return refuse(request, kafka_error(code, result.error_message.value_or("")));
    }
    return ok({{"partitions", topic.count}});
}

// Up to where records are to go: an offset, the first record at or after a time, or all of them.
struct Cut {
    std::int32_t partition = 0;
    std::int64_t before = -1;  // -1: the high watermark
};

std::expected<std::vector<Cut>, ApiError> read_cuts(Console& console, const Request& request, const TopicState& topic) {
    Fields fields(request);
    std::vector<Cut> cuts;
    const json::array* list = fields.array("partitions");
    if (list == nullptr) fields.wrong("partitions", "is missing");
    std::set<std::int32_t> seen;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        Fields entry((*list)[i], fmt::format("partitions[{}]", i));
        Cut cut;
        cut.partition = static_cast<std::int32_t>(entry.integer("id", 0, topic.partition_count() - 1));
        if (!seen.insert(cut.partition).second) entry.wrong("id", "is there twice");
        const auto offset = entry.integer_or_null("before_offset", 0, INT64_MAX);
        const auto time = entry.integer_or_null("before_ms", 0, INT64_MAX);
        const bool all = entry.text("before", "") == "high_watermark";
        if (offset.has_value() + time.has_value() + all != 1) {
            entry.wrong("id", "needs exactly one of before_offset, before_ms and before: \"high_watermark\"");
        }
        if (const auto error = entry.error()) return std::unexpected(*error);
        if (offset) cut.before = *offset;
        if (time) {
            const auto partition = console.broker().partitions->find(topic.id, PartitionIndex(cut.partition));
            if (!partition) return std::unexpected(no_such_topic());
            const auto found = partition->find_by_time(Timestamp(*time));
            if (!found) return std::unexpected(kafka_error(ErrorCode::kafka_storage_error, found.error().message));
            if (*found) cut.before = (*found)->offset.value;
        }
        cuts.push_back(cut);
    }
    if (const auto error = fields.error()) return std::unexpected(*error);
    return cuts;
}

json::object deletion(std::int32_t partition, std::optional<Offset> before, std::optional<Offset> after,
                      json::value error) {
    const bool known = before && after;
    return {{"partition", partition},
            {"log_start_before", before ? json::value(exact(*before)) : json::value()},
            {"log_start_after", after ? json::value(exact(*after)) : json::value()},
            {"records", known ? json::value(exact(std::max<std::int64_t>(0, *after - *before))) : json::value()},
            {"error", std::move(error)}};
}
json::value error_of(const Request& request, ErrorCode code) {
    return code == ErrorCode::none ? json::value() : json::value(error_body(kafka_error(code), request.id)["error"]);
}

Response preview_deletion(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return refuse(request, no_such_topic());
    const auto cuts = read_cuts(console, request, *topic);
    if (!cuts) return refuse(request, cuts.error());
    json::array partitions;
    for (const Cut& cut : *cuts) {
        const auto partition = console.broker().partitions->find(topic->id, PartitionIndex(cut.partition));
        if (!partition) {
            partitions.push_back(deletion(cut.partition, {}, {}, error_of(request, ErrorCode::kafka_storage_error)));
            continue;
        }
        const Offset start = partition->log_start_offset();
        const Offset end = partition->high_watermark();
        const Offset wanted = cut.before < 0 ? end : Offset(cut.before);
        const ErrorCode code = wanted > end ? ErrorCode::offset_out_of_range : ErrorCode::none;
        partitions.push_back(deletion(cut.partition, start,
                                      code == ErrorCode::none ? std::optional(std::max(start, wanted)) : std::nullopt,
                                      error_of(request, code)));
    }
    return ok({{"partitions", std::move(partitions)}});
}

Response delete_records(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return refuse(request, no_such_topic());
    const auto cuts = read_cuts(console, request, *topic);
    if (!cuts) return refuse(request, cuts.error());
    protocol::DeleteRecordsRequest question;
    question.timeout_ms = ask_timeout_ms;
    auto& wanted = question.topics.emplace_back();
    wanted.name = topic->name;
    std::map<std::int32_t, Offset> starts;
    for (const Cut& cut : *cuts) {
        auto& entry = wanted.partitions.emplace_back();
        entry.partition_index = cut.partition;
        entry.offset = cut.before;
        const auto partition = console.broker().partitions->find(topic->id, PartitionIndex(cut.partition));
        if (partition) starts[cut.partition] = partition->log_start_offset();
    }
    const auto answer = ask<protocol::DeleteRecordsResponse>(console, request, question);
    if (!answer) return refuse(request, answer.error());
    json::array partitions;
    for (const auto& answered : answer->topics) {
        for (const auto& partition : answered.partitions) {
            const ErrorCode code{partition.error_code};
            const auto start = starts.find(partition.partition_index);
            partitions.push_back(
                deletion(partition.partition_index, start == starts.end() ? std::nullopt : std::optional(start->second),
                         code == ErrorCode::none ? std::optional(Offset(partition.low_watermark)) : std::nullopt,
                         error_of(request, code)));
        }
    }
    return ok({{"partitions", std::move(partitions)}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/topics/{topic}", detail, false, "DESCRIBE topic"},
    {Method::get, "/api/v1/topics/{topic}/partitions", partitions, false, "DESCRIBE topic"},
    {Method::post, "/api/v1/topics/{topic}/partitions:increase", increase, true, "ALTER topic"},
    {Method::post, "/api/v1/topics/{topic}/records:delete-preview", preview_deletion, false, "DELETE topic"},
    {Method::post, "/api/v1/topics/{topic}/records:delete", delete_records, true, "DELETE topic"},
};

}  // namespace

std::span<const Route> topic_detail_routes() { return routes; }

}  // namespace mamba::admin
