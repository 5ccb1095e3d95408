// Topics as a list: all of them in columns, made, cloned and deleted.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <expected>
#include <numeric>
#include <unordered_map>

#include "admin-ui/api/paging.h"
#include "admin-ui/api/producers.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/api/spark.h"
#include "admin-ui/asking.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"

namespace mamba::admin {
namespace {

constexpr std::size_t topics_at_once_max = 1000;

std::string_view health_of(const TopicSample& topic) { return topic.offline > 0 ? "OFFLINE" : "OK"; }

// Of what was appended since this broker started, as it lies in the log.
std::optional<double> record_size_of(const TopicSample& topic) {
    if (topic.records_in == 0) return std::nullopt;
    return std::round(static_cast<double>(topic.bytes_in) / static_cast<double>(topic.records_in));
}

// Which share of these records came with which codec.
json::value compression_of(const TopicSample& topic) {
    const auto& records = topic.records_of_codec;
    const auto all = static_cast<double>(std::accumulate(records.begin(), records.end(), std::uint64_t{0}));
    if (all == 0) return nullptr;
    json::object shares;
    for (std::size_t codec = 0; codec < records.size(); ++codec) {
        if (records[codec] == 0) continue;
        const auto name = protocol::name_of(static_cast<protocol::CompressionType>(codec));
        shares[name] = static_cast<double>(records[codec]) / all;
    }
    return shares;
}

// Connections that have produced to a topic, by its id.
std::unordered_map<Uuid, std::size_t> producers_now(Console& console) {
    std::unordered_map<Uuid, std::size_t> counts;
    const auto looked = console.connections().look(std::chrono::steady_clock::now(), wall_clock());
    for (const WatchedConnection& one : looked->all) {
        for (const broker::TopicBytes& topic : one.info.topics) {
            if (topic.in > 0) ++counts[topic.topic_id];
        }
    }
    return counts;
}

// Columns rather than rows: a third of the bytes, and what is equal stands side by side for gzip.
Response make_list(Console& console, const std::shared_ptr<const Sample>& sample) {
    json::object cols;
    const auto column = [&](std::string_view name, auto value) {
        json::array values;
        values.reserve(sample->topics.size());
        for (const TopicSample& topic : sample->topics) values.push_back(value(topic));
        cols[name] = std::move(values);
    };
    using T = const TopicSample&;
    column("topic", [](T t) { return json::value(t.name); });
    column("topic_id", [](T t) { return json::value(t.id.to_string()); });
    column("internal", [](T t) { return json::value(t.is_internal ? 1 : 0); });
    column("partitions", [](T t) { return json::value(t.partitions); });
    column("rf", [](T t) { return json::value(t.replication_factor); });
    column("health", [](T t) { return json::value(health_of(t)); });
    column("offline", [](T t) { return json::value(t.offline); });
    column("under_min_isr", [](T) { return json::value(0); });  // one broker is always in sync with itself
    column("under_replicated", [](T) { return json::value(0); });
    column("bytes_in", [](T t) { return json::value(t.rates.bytes_in); });
    column("bytes_out", [](T t) { return json::value(t.rates.bytes_out); });
    column("records_in", [](T t) { return json::value(t.rates.records_in); });
    column("size", [](T t) { return json::value(exact(t.bytes)); });
    column("records", [](T t) { return json::value(exact(t.records)); });
    column("records_exact", [](T t) { return json::value(t.records_exact ? 1 : 0); });
    column("groups", [](T t) { return json::value(t.groups); });
    column("max_lag", [](T t) { return exact_or_null(t.lag); });
    column("max_lag_ms", [](T t) { return t.lag_ms ? json::value(*t.lag_ms) : json::value(); });
    column("last_append_ms", [](T t) { return time_or_null(t.last_append); });
    column("cleanup", [](T t) { return json::value(t.cleanup); });
    column("retention_ms", [](T t) { return json::value(exact(t.retention_ms)); });
    column("min_isr", [](T t) { return json::value(t.min_isr); });
    column("max_message_bytes", [](T t) { return json::value(exact(std::int64_t{t.max_message_bytes})); });
    const std::unordered_map<Uuid, std::size_t> producers = producers_now(console);
    column("producers", [&](T t) {
        const auto found = producers.find(t.id);
        return json::value(found == producers.end() ? 0 : found->second);
    });
    column("created_ms", [](T t) { return time_or_null(t.created); });
    column("record_size", [](T t) { return number_or_null(record_size_of(t)); });
    column("compression", [](T t) { return compression_of(t); });
    column("cold_reads", [](T t) { return number_or_null(t.cold_bytes_out); });
    column("spark_in",
           [&](T t) { return spark_of(console.sampler().history(), "topic.bytes_in", t.name, sample->at); });
    Response response = ok({{"snapshot", exact(sample->number)},
                            {"at_ms", sample->at.value},
                            {"n", sample->topics.size()},
                            {"cols", std::move(cols)}});
    response.etag = fmt::format("\"{}\"", sample->number);
    return response;
}

// Made once for each sample.
Response list(Console& console, const Request&, Captures) {
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    return console.shared_answers().get("topics", sample->number, [&] { return make_list(console, sample); });
}

struct NewTopic {
    std::string name;
    std::int32_t partitions = -1;
    std::int16_t replication_factor = -1;
    std::vector<std::pair<std::string, std::string>> configs;
    bool validate_only = false;
};

Response create_topic(Console& console, const Request& request, const NewTopic& topic) {
    protocol::CreateTopicsRequest question;
    question.timeout_ms = ask_timeout_ms;
    question.validate_only = topic.validate_only;
    auto& wanted = question.topics.emplace_back();
    wanted.name = topic.name;
    wanted.num_partitions = topic.partitions;
    wanted.replication_factor = topic.replication_factor;
    for (const auto& [name, value] : topic.configs) {
        auto& config = wanted.configs.emplace_back();
        config.name = name;
        config.value = value;
    }
    const auto answer = ask<protocol::CreateTopicsResponse>(console, request, question);
    if (!answer) return refuse(request, answer.error());
    const auto& created = answer->topics.front();
    if (const ErrorCode code{created.error_code}; code != ErrorCode::none) {
        return refuse(request, kafka_error(code, created.error_message.value_or("")));
    }
    if (!topic.validate_only) console.sampler().sample(wall_clock());
    json::object configs;
    if (created.configs) {
        for (const auto& config : *created.configs)
            configs[config.name] = config.value ? json::value(*config.value) : nullptr;
    }
    Response response =
        ok({{"topic", created.name},
            {"topic_id", created.topic_id.is_zero() ? json::value() : json::value(created.topic_id.to_string())},
            {"partitions", created.num_partitions},
            {"rf", created.replication_factor},
            {"configs", std::move(configs)},
            {"validate_only", topic.validate_only}});
    response.status = topic.validate_only ? 200 : 201;
    return response;
}

Response create(Console& console, const Request& request, Captures) {
    Fields fields(request);
    NewTopic topic;
    topic.name = fields.text("name");
    topic.partitions = static_cast<std::int32_t>(fields.integer("partitions", 1, 10'000, -1));
    topic.replication_factor = static_cast<std::int16_t>(fields.integer("replication_factor", 1, 32'767, -1));
    topic.validate_only = fields.flag("validate_only", false);
    if (const json::object* configs = fields.object("configs")) {
        for (const auto& [name, value] : *configs) {
            if (value.is_string()) {
                topic.configs.emplace_back(name, value.get_string());
            } else {
                fields.wrong("configs", "must map names to strings");
            }
        }
    }
    if (const auto error = fields.error()) return refuse(request, *error);
    return create_topic(console, request, topic);
}

// The same partitions, replicas and settings under another name; no records.
Response clone(Console& console, const Request& request, Captures captures) {
    Fields fields(request);
    NewTopic topic;
    topic.name = fields.text("name");
    topic.validate_only = fields.flag("validate_only", false);
    if (const auto error = fields.error()) return refuse(request, *error);
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const broker::TopicState* source = image->find_topic(captures[0]);
    if (source == nullptr) return refuse(request, kafka_error(ErrorCode::unknown_topic_or_partition));
    topic.partitions = source->partition_count();
    topic.replication_factor = static_cast<std::int16_t>(source->partitions.front().replicas.size());
    for (const auto& [name, value] : image->configs(broker::ConfigResourceType::topic, source->name)) {
        topic.configs.emplace_back(name, value);
    }
    return create_topic(console, request, topic);
}

std::expected<std::vector<std::string>, ApiError> read_names(const Request& request) {
    Fields fields(request);
    std::vector<std::string> names = fields.texts("topics");
    if (names.empty()) fields.wrong("topics", "is missing");
    if (names.size() > topics_at_once_max) fields.wrong("topics", "names too many at once");
    if (const auto error = fields.error()) return std::unexpected(*error);
    return names;
}

// Groups that have committed offsets of the topic.
json::array groups_of(const std::vector<broker::GroupSnapshot>& groups, std::string_view topic) {
    json::array found;
    for (const broker::GroupSnapshot& group : groups) {
        const auto is_of_topic = [&](const auto& offset) { return offset.partition.topic == topic; };
        if (!std::ranges::any_of(group.offsets, is_of_topic)) continue;
        found.push_back({{"group", text_of(group.id)}, {"state", group.state}, {"members", group.members.size()}});
    }
    return found;
}

// What would be lost with each topic.
Response preview_deletion(Console& console, const Request& request, Captures) {
    const auto names = read_names(request);
    if (!names) return refuse(request, names.error());
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    const auto groups = console.broker().groups->snapshot({std::chrono::steady_clock::now(), wall_clock()});
    const bool can_delete = console.broker().configs->broker()->topics.delete_enable;
    json::array topics;
    for (const std::string& name : *names) {
        const broker::TopicState* topic = image->find_topic(name);
        const TopicSample* numbers = sample->find(name);
        const ErrorCode code = topic == nullptr ? ErrorCode::unknown_topic_or_partition
                               : can_delete     ? ErrorCode::none
                                                : ErrorCode::topic_deletion_disabled;
        topics.push_back(
            {{"topic", text_of(name)},
             {"partitions", topic == nullptr ? 0 : topic->partition_count()},
             {"size", exact(numbers == nullptr ? std::int64_t{0} : numbers->bytes)},
             {"records", exact(numbers == nullptr ? std::int64_t{0} : numbers->records)},
             {"records_exact", numbers != nullptr && numbers->records_exact},
             {"groups", groups_of(groups, name)},
             {"producers", topic == nullptr ? json::array() : recent_producers_of(console, *topic)},
             {"error", code == ErrorCode::none ? json::value() : error_body(kafka_error(code), request.id)["error"]}});
    }
    return ok({{"topics", std::move(topics)}});
}

Response remove(Console& console, const Request& request, Captures) {
    const auto names = read_names(request);
    if (!names) return refuse(request, names.error());
    protocol::DeleteTopicsRequest question;
    question.timeout_ms = ask_timeout_ms;
    for (const std::string& name : *names) question.topics.emplace_back().name = name;
    const auto answer = ask<protocol::DeleteTopicsResponse>(console, request, question);
    if (!answer) return refuse(request, answer.error());
    json::array results;
    for (const auto& deleted : answer->responses) {
        const ErrorCode code{deleted.error_code};
        json::object result{{"target", text_of(deleted.name.value_or(""))},
                            {"status", code == ErrorCode::none ? 204 : http_status(code)}};
        if (code != ErrorCode::none) {
            result["error"] = error_body(kafka_error(code, deleted.error_message.value_or("")), request.id)["error"];
        }
        results.push_back(std::move(result));
    }
    console.sampler().sample(wall_clock());
    return ok({{"results", std::move(results)}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/topics", list, false, "DESCRIBE topic"},
    {Method::post, "/api/v1/topics", create, true, "CREATE topic"},
    {Method::post, "/api/v1/topics:delete-preview", preview_deletion, false, "DELETE topic"},
    {Method::post, "/api/v1/topics:delete", remove, true, "DELETE topic"},
    {Method::post, "/api/v1/topics/{topic}:clone", clone, true, "CREATE topic"},
};

}  // namespace

std::span<const Route> topic_routes() { return routes; }

}  // namespace mamba::admin
