// A topic's settings: shown, changed, and what a change would do before it is made.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "admin-ui/api/config_entries.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"

namespace mamba::admin {
namespace {

using broker::ClusterImagePtr;
using broker::ConfigResource;
using broker::ConfigResourceType;

Response list(Console& console, const Request& request, Captures captures) {
    const auto entries = describe_configs(console, {ConfigResourceType::topic, captures[0]});
    if (!entries) return refuse(request, entries.error());
    return ok({{"data", *entries}, {"next", nullptr}});
}

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// What retention would take away at its next check.
struct Expiry {
    std::int64_t segments = 0;
    std::int64_t bytes = 0;
    std::int64_t records = 0;
};

// The sealed segments from the oldest on, as long as `goes` says so; as retention does it, none
// that holds a record above the high watermark.
template <class Goes>
Expiry expiry_of(Console& console, const broker::TopicState& topic, const Goes& goes) {
    Expiry expiry;
    for (std::int32_t i = 0; i < topic.partition_count(); ++i) {
        const auto partition = console.broker().partitions->find(topic.id, PartitionIndex(i));
        if (!partition) continue;
        const Offset high_watermark = partition->high_watermark();
        partition->with_log([&](log::PartitionLog& log) {
            const auto segments = log.segments();
            std::int64_t bytes_left = log.size_bytes();
            for (std::size_t s = 0; s + 1 < segments.size(); ++s) {
                const Offset end = segments[s + 1].base_offset;
                if (end > high_watermark || !goes(segments[s], bytes_left)) break;
                bytes_left -= segments[s].size;
                expiry.bytes += segments[s].size;
                expiry.records += end - std::max(segments[s].base_offset, log.log_start_offset());
                ++expiry.segments;
            }
        });
    }
    return expiry;
}

std::string sentence_of(const Expiry& expiry) {
    if (expiry.segments == 0) return "Nothing becomes deletable now.";
    return fmt::format("{} segments with {} bytes, at most {} records, become deletable at the next check.", expiry.segments,
                       expiry.bytes, expiry.records);
}

// What a value would do, in a sentence; empty where nothing can be said beforehand.
std::string effect_of(Console& console, const broker::TopicState& topic, std::string_view name, std::string_view value) {
    const std::optional<std::int64_t> number = number_of(value);
    if (!number) return {};
    if (name == "retention.ms" && *number >= 0) {
        const Timestamp before = wall_clock() - *number;
        return sentence_of(expiry_of(console, topic, [&](const auto& segment, std::int64_t) { return segment.max_timestamp < before; }));
    }
    if (name == "retention.bytes" && *number >= 0) {
        return sentence_of(expiry_of(console, topic, [&](const auto& segment, std::int64_t bytes_left) {
            return bytes_left - segment.size >= *number;
        }));
    }
    if (name == "min.insync.replicas") {
        std::int64_t short_of = 0;
        for (const broker::PartitionState& state : topic.partitions) short_of += static_cast<std::int64_t>(state.isr.size()) < *number;
        if (short_of > 0) return fmt::format("{} partitions would refuse acks=all from now on.", short_of);
    }
    return {};
}

// Old and new value of each edit, and its effect. Nothing is changed.
Response preview(Console& console, const Request& request, Captures captures) {
    auto edits = read_config_edits(request);
    if (!edits) return refuse(request, edits.error());
    const ClusterImagePtr image = console.broker().metadata->image();
    const broker::TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return refuse(request, kafka_error(ErrorCode::unknown_topic_or_partition));
    const ConfigResource resource{ConfigResourceType::topic, captures[0]};
    edits->validate_only = true;
    if (const auto valid = alter_configs(console, request, resource, *edits); !valid) return refuse(request, valid.error());
    json::array changes;
    for (const ConfigEdit& edit : edits->edits) {
        const auto described = console.broker().configs->rules().describe(*image, resource, std::vector{edit.name});
        const broker::ConfigDescription* known = described && !described->empty() ? &described->front() : nullptr;
        json::value before = nullptr;
        json::value after(edit.value);
        if (known != nullptr && known->value.value) before = json::value(*known->value.value);
        if (edit.operation == 1) {  // back to what stands behind the topic's own value
            after = nullptr;
            for (const broker::ConfigValue& synonym : known == nullptr ? std::vector<broker::ConfigValue>() : known->synonyms) {
                if (synonym.source == broker::ConfigSource::dynamic_topic || !synonym.value) continue;
                after = json::value(*synonym.value);
                break;
            }
        }
        const std::string effect = after.is_string() ? effect_of(console, *topic, edit.name, after.get_string()) : std::string();
        changes.push_back({{"name", edit.name},
                           {"before", std::move(before)},
                           {"after", std::move(after)},
                           {"effect", effect.empty() ? json::value() : json::value(effect)}});
    }
    return ok({{"changes", std::move(changes)}});
}

Response alter(Console& console, const Request& request, Captures captures) {
    const auto edits = read_config_edits(request);
    if (!edits) return refuse(request, edits.error());
    if (const auto done = alter_configs(console, request, {ConfigResourceType::topic, captures[0]}, *edits); !done) {
        return refuse(request, done.error());
    }
    return list(console, request, captures);
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/topics/{topic}/configs", list, false, "DESCRIBE_CONFIGS topic"},
    {Method::post, "/api/v1/topics/{topic}/configs:preview", preview, false, "ALTER_CONFIGS topic"},
    {Method::post, "/api/v1/topics/{topic}/configs:alter", alter, true, "ALTER_CONFIGS topic"},
};

}  // namespace

std::span<const Route> topic_config_routes() { return routes; }

}  // namespace mamba::admin
