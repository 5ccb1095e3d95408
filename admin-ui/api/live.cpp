#include "admin-ui/api/live.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "admin-ui/api/broker_rows.h"
#include "admin-ui/api/links.h"
#include "admin-ui/api/paging.h"
#include "broker/logging.h"

namespace mamba::admin {
namespace {

using protocol::ApiKey;

// The tiles' percentiles are of so long, so that they do not flicker.
constexpr std::int64_t tile_latency_ms = 10'000;

Tally recent(Console& console, const Sample& sample, ApiKey api) {
    const auto key = latency_key(static_cast<std::size_t>(api), RequestPart::busy);
    return console.sampler().latencies().over(key, sample.at - tile_latency_ms, sample.at);
}

json::value integer_or_null(std::optional<std::int64_t> number) {
    if (!number) return nullptr;
    return *number;
}

std::string type_of(broker::EventKind kind) {
    switch (kind) {
        case broker::EventKind::topic_created:
            return "TOPIC_CREATED";
        case broker::EventKind::topic_deleted:
            return "TOPIC_DELETED";
        case broker::EventKind::partitions_added:
            return "PARTITIONS_ADDED";
        case broker::EventKind::config_changed:
            return "CONFIG_CHANGED";
        case broker::EventKind::group_rebalance_began:
            return "GROUP_REBALANCE_BEGAN";
        case broker::EventKind::group_stable:
            return "GROUP_STABLE";
        case broker::EventKind::group_empty:
            return "GROUP_EMPTY";
        case broker::EventKind::log_dir_offline:
            return "LOG_DIR_OFFLINE";
    }
    return "";
}

json::value link_of(const broker::ClusterEvent& event) {
    constexpr std::string_view of_topic = "topic ";
    constexpr std::string_view of_group = "group ";
    switch (event.kind) {
        case broker::EventKind::topic_created:
        case broker::EventKind::partitions_added:
            return json::value(topic_link(event.subject));
        case broker::EventKind::config_changed:
            if (event.subject.starts_with(of_topic))
                return json::value(topic_link(event.subject.substr(of_topic.size())) + "/config");
            if (event.subject.starts_with(of_group))
                return json::value(group_link(event.subject.substr(of_group.size()), "/config"));
            return event.subject == "all brokers" ? "/cluster/config" : "/brokers";
        case broker::EventKind::group_rebalance_began:
        case broker::EventKind::group_stable:
        case broker::EventKind::group_empty:
            return json::value(group_link(event.subject));
        case broker::EventKind::log_dir_offline:
            return "/brokers";
        case broker::EventKind::topic_deleted:
            break;
    }
    return nullptr;
}

}  // namespace

Timestamp wall_time_of(broker::Instant instant) {
    const auto ago = std::chrono::steady_clock::now() - instant;
    return wall_clock() - std::chrono::duration_cast<std::chrono::milliseconds>(ago).count();
}

json::value number_or_null_if_nan(float number) {
    if (std::isnan(number)) return nullptr;
    return static_cast<double>(number);
}

json::value shown(std::optional<double> number) {
    constexpr double written_shortest_below = 1e6;  // 1000 rather than 1E3
    if (!number || std::isnan(*number)) return nullptr;
    if (*number < 0.01) return 0;
    const double places = 2 - std::floor(std::log10(*number));
    const double rounded = places <= 0 ? std::round(*number / std::pow(10, -places)) * std::pow(10, -places)
                                       : std::round(*number * std::pow(10, places)) / std::pow(10, places);
    if (rounded >= written_shortest_below || rounded != std::floor(rounded)) return rounded;
    return static_cast<std::int64_t>(rounded);
}

std::array<TileValue, 8> tile_values(Console& console, const Sample& sample) {
    return {{{"records_in", "broker.records_in", sample.rates.records_in},
             {"bytes_in", "broker.bytes_in", sample.rates.bytes_in},
             {"bytes_out", "broker.bytes_out", sample.rates.bytes_out},
             {"requests", "broker.requests", sample.request_rate},
             {"produce_p99_us", "broker.produce_p99_us", recent(console, sample, ApiKey::produce).percentile_us(0.99)},
             {"fetch_p99_us", "broker.fetch_p99_us", recent(console, sample, ApiKey::fetch).percentile_us(0.99)},
             {"connections", "broker.connections", static_cast<double>(sample.connections)},
             {"group_lag", "broker.group_lag", static_cast<double>(sample.group_lag)}}};
}

json::object latency_now(Console& console, const Sample& sample) {
    const Tally produce = recent(console, sample, ApiKey::produce);
    return {{"produce_p50_us", shown(produce.percentile_us(0.5))},
            {"produce_p99_us", shown(produce.percentile_us(0.99))},
            {"produce_p999_us", shown(produce.percentile_us(0.999))}};
}

json::object finding_object(const Finding& finding) {
    return {{"id", text_of(finding.id)},
            {"kind", finding.kind},
            {"severity", name_of(finding.severity)},
            {"text", text_of(finding.text)},
            {"link", text_or_null(finding.link)},
            {"since_ms", time_or_null(finding.since)}};
}

json::array findings_array(const Sample& sample) {
    json::array all;
    for (const Finding& finding : sample.findings) all.push_back(finding_object(finding));
    return all;
}

json::array brokers_array(Console& console) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    json::array all;
    for (const auto& [id, registration] : image->brokers()) all.push_back(describe_broker(console, registration));
    return all;
}

json::object event_object(const broker::ClusterEvent& event) {
    return {{"at_ms", event.at.value},
            {"type", type_of(event.kind)},
            {"subject", text_of(event.subject)},
            {"detail", text_of(event.detail)},
            {"link", link_of(event)}};
}

json::object topic_live(const TopicSample& topic) {
    return {{"bytes_in", shown(topic.rates.bytes_in)},
            {"bytes_out", shown(topic.rates.bytes_out)},
            {"records_in", shown(topic.rates.records_in)},
            {"size", exact(topic.bytes)},
            {"records", exact(topic.records)},
            {"last_append_ms", time_or_null(topic.last_append)}};
}

json::object group_live(const GroupSample& group) {
    const std::optional<Trend> trend = group.trend();
    return {{"state", group.state},
            {"members", group.members},
            {"lag", exact_or_null(group.lag)},
            {"lag_ms", integer_or_null(group.lag_ms)},
            {"trend", trend ? json::value(name_of(*trend)) : json::value()},
            {"consume_rate", shown(group.consume_rate)}};
}

void add_rates(json::object& partition, const PartitionRates& rates) {
    partition["bytes_in"] = number_or_null_if_nan(rates.bytes_in);
    partition["bytes_out"] = number_or_null_if_nan(rates.bytes_out);
}

json::object partitions_live(Console& console, const Sample& sample, const TopicSample& topic) {
    json::object all;
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
        const auto partition = console.broker().partitions->find(topic.id, PartitionIndex(i));
        json::object live{{"log_start", nullptr}, {"high_watermark", nullptr}, {"size", nullptr}};
        const PartitionRates rates = sample.rates_of(topic, PartitionIndex(i));
        live["bytes_in"] = shown(rates.bytes_in);
        live["bytes_out"] = shown(rates.bytes_out);
        if (partition && !partition->failed()) {
            live["log_start"] = exact(partition->known_log_start());
            live["high_watermark"] = exact(partition->high_watermark());
            live["size"] = exact(partition->known_size());
        }
        all[std::to_string(i)] = std::move(live);
    }
    return all;
}

json::object broker_live(Console& console, const broker::BrokerRegistration& broker) {
    json::object live = describe_broker(console, broker);
    for (const std::string_view rate : {"cpu", "bytes_in", "bytes_out"}) {
        if (live[rate].is_double()) live[rate] = shown(live[rate].get_double());
    }
    return live;
}

json::array waiting_array(Console& console) {
    const broker::Instant now = std::chrono::steady_clock::now();
    std::vector<broker::WaitingRequest> all = console.activity().waiting_requests();
    for (broker::GroupWaiting& waiting : console.broker().groups->describe_waiting(now)) {
        const std::string_view api = waiting.is_sync ? "SyncGroup" : "JoinGroup";
        const auto for_so_long = std::chrono::milliseconds(std::max<std::int64_t>(0, wall_clock() - waiting.since));
        all.push_back({.api = std::string(api),
                       .kind = waiting.is_sync ? "SYNC" : "JOIN",
                       .client_id = waiting.client_id,
                       .group = waiting.group,
                       .reason = fmt::format("{} of '{}' in group '{}' waits: {}", api, broker::escape(waiting.member),
                                             broker::escape(waiting.group), broker::escape(waiting.reason)),
                       .since = waiting.since == no_timestamp ? std::optional<broker::Instant>() : now - for_so_long,
                       .deadline = waiting.deadline});
    }
    std::ranges::sort(
        all, {}, [](const broker::WaitingRequest& waiting) { return waiting.since.value_or(broker::Instant::max()); });
    json::array data;
    const auto time = [](std::optional<broker::Instant> at) {
        return at ? json::value(wall_time_of(*at).value) : json::value();
    };
    for (const broker::WaitingRequest& waiting : all) {
        data.push_back(
            {{"api", waiting.api},
             {"kind", waiting.kind},
             {"client_id", text_or_null(waiting.client_id)},
             {"connection_id", waiting.connection_id == 0 ? json::value() : json::value(exact(waiting.connection_id))},
             {"group", text_or_null(waiting.group)},
             {"reason", text_of(waiting.reason)},
             {"since_ms", time(waiting.since)},
             {"deadline_ms", time(waiting.deadline)}});
    }
    return data;
}

}  // namespace mamba::admin
