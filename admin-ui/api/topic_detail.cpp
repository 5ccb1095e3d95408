// One topic: what it is, its partitions, more partitions, and records deleted from it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "admin-ui/api/routes.h"
#include "admin-ui/asking.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
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
    const TopicSample* numbers = sample->find(topic->name);
    const broker::TopicConfig config = console.broker().configs->topic(*image, topic->name);
    json::object overrides;
    for (const auto& [name, value] : image->configs(broker::ConfigResourceType::topic, topic->name)) overrides[name] = value;
    json::object body{{"topic", topic->name},
                      {"topic_id", topic->id.to_string()},
                      {"internal", broker::is_internal_topic(topic->name)},
                      {"partitions", topic->partition_count()},
                      {"rf", topic->partitions.front().replicas.size()},
                      {"min_isr", config.min_insync_replicas},
                      {"cleanup", config.cleanup_compact ? config.cleanup_delete ? "compact,delete" : "compact" : "delete"},
                      {"retention_ms", exact(config.retention_ms)},
                      {"retention_bytes", exact(config.retention_bytes)},
                      {"flush_on_acks_all", config.flush_on_acks_all},
                      {"overrides", std::move(overrides)},
                      {"health", nullptr},
                      {"size", nullptr},
                      {"records", nullptr},
                      {"records_exact", nullptr},
                      {"bytes_in", nullptr},
                      {"bytes_out", nullptr},
                      {"records_in", nullptr},
                      {"last_append_ms", nullptr}};
    if (numbers != nullptr) {
        body["health"] = numbers->offline > 0 ? "OFFLINE" : "OK";
        body["size"] = exact(numbers->bytes);
        body["records"] = exact(numbers->records);
        body["records_exact"] = numbers->records_exact;
        body["bytes_in"] = numbers->rates.bytes_in;
        body["bytes_out"] = numbers->rates.bytes_out;
        body["records_in"] = numbers->rates.records_in;
        body["last_append_ms"] = time_or_null(numbers->last_append);
    }
    return ok(body);
}

json::object describe(Partition* partition, const broker::PartitionState& state, std::int32_t index, std::int32_t min_isr) {
    json::array replicas;
    const bool offline = partition == nullptr || partition->failed();
    for (const BrokerId id : state.replicas) {
        const bool in_sync = std::ranges::find(state.isr, id) != state.isr.end();
        replicas.push_back({{"broker", id.value},
                            {"in_sync", in_sync && !offline},
                            {"leo", partition == nullptr ? json::value() : json::value(exact(partition->log_end_offset()))},
                            {"offline", offline}});
    }
    json::object body{{"partition", index},
                      {"state", offline ? "OFFLINE" : "ONLINE"},
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
                      {"bytes_in_total", nullptr},
                      {"bytes_out_total", nullptr},
                      {"cold_bytes_out_total", nullptr},
                      {"last_append_ms", nullptr},
                      {"reassigning", nullptr}};
    if (partition == nullptr) return body;
    const Partition::Stats& stats = partition->stats();
    body["log_start"] = exact(partition->log_start_offset());
    body["lso"] = exact(partition->high_watermark());
    body["high_watermark"] = exact(partition->high_watermark());
    body["size"] = exact(partition->size_bytes());
    partition->with_log([&](log::PartitionLog& log) {
        body["segments"] = log.segments().size();
        body["producers"] = log.producers().producers().size();
    });
    body["bytes_in_total"] = exact(stats.bytes_in.get());
    body["bytes_out_total"] = exact(stats.bytes_out.get());
    body["cold_bytes_out_total"] = exact(partition->cold_bytes_out());
    body["last_append_ms"] = time_or_null(partition->last_appended().value_or(no_timestamp));
    return body;
}

Response partitions(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return refuse(request, no_such_topic());
    const std::int32_t min_isr = console.broker().configs->topic(*image, topic->name).min_insync_replicas;
    json::array data;
    for (std::int32_t i = 0; i < topic->partition_count(); ++i) {
        const auto partition = console.broker().partitions->find(topic->id, PartitionIndex(i));
        data.push_back(describe(partition.get(), topic->partitions[static_cast<std::size_t>(i)], i, min_isr));
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
    return ok({{"topic", captures[0]}, {"partitions", topic.count}, {"validate_only", question.validate_only}});
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

Response preview_deletion(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return refuse(request, no_such_topic());
    const auto cuts = read_cuts(console, request, *topic);
    if (!cuts) return refuse(request, cuts.error());
    json::array plan;
    std::int64_t total = 0;
    for (const Cut& cut : *cuts) {
        const auto partition = console.broker().partitions->find(topic->id, PartitionIndex(cut.partition));
        if (!partition) return refuse(request, no_such_topic());
        const Offset start = partition->log_start_offset();
        const Offset end = partition->high_watermark();
        const Offset before = cut.before < 0 ? end : Offset(cut.before);
        const std::int64_t records = std::max<std::int64_t>(0, std::min(before, end) - start);
        total += records;
        plan.push_back({{"partition", cut.partition},
                        {"log_start", exact(start)},
                        {"before_offset", exact(before)},
                        {"high_watermark", exact(end)},
                        {"records", exact(records)},
                        {"warning", before > end ? json::value("beyond the end: this will be refused")
                                    : before <= start ? json::value("nothing lies before it")
                                                      : json::value()}});
    }
    return ok({{"plan", std::move(plan)}, {"records", exact(total)}});
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
    for (const Cut& cut : *cuts) {
        auto& partition = wanted.partitions.emplace_back();
        partition.partition_index = cut.partition;
        partition.offset = cut.before;
    }
    const auto answer = ask<protocol::DeleteRecordsResponse>(console, request, question);
    if (!answer) return refuse(request, answer.error());
    json::array results;
    for (const auto& answered : answer->topics) {
        for (const auto& partition : answered.partitions) {
            const ErrorCode code{partition.error_code};
            json::object result{{"target", fmt::format("{}-{}", topic->name, partition.partition_index)},
                                {"partition", partition.partition_index},
                                {"status", http_status(code)},
                                {"log_start", code == ErrorCode::none ? json::value(exact(partition.low_watermark)) : json::value()}};
            if (code != ErrorCode::none) result["error"] = error_body(kafka_error(code), request.id)["error"];
            results.push_back(std::move(result));
        }
    }
    return ok({{"results", std::move(results)}});
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
