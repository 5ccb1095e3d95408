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

struct Effect {
    std::string sentence;
    std::string warning;
};
Effect effect_of(const Expiry& expiry) {
    if (expiry.segments == 0) return {.sentence = "Nothing becomes deletable now.", .warning = {}};
    return {.sentence = {},
            .warning = fmt::format("{} segments with {} bytes, at most {} records, become deletable at the next check.",
                                   expiry.segments, expiry.bytes, expiry.records)};
}
json::value sentence_or_null(const std::string& sentence) {
    return sentence.empty() ? json::value() : json::value(sentence);
}

// What a value would do; empty where nothing can be said beforehand.
Effect effect_of(Console& console, const broker::TopicState& topic, std::string_view name, std::string_view value) {
    const std::optional<std::int64_t> number = number_of(value);
    if (!number) return {};
    if (name == "retention.ms" && *number >= 0) {
        const Timestamp before = wall_clock() - *number;
        return effect_of(expiry_of(console, topic,
                                   [&](const auto& segment, std::int64_t) { return segment.max_timestamp < before; }));
    }
    if (name == "retention.bytes" && *number >= 0) {
        return effect_of(expiry_of(console, topic, [&](const auto& segment, std::int64_t bytes_left) {
            return bytes_left - segment.size >= *number;
        }));
    }
    if (name == "min.insync.replicas") {
        std::int64_t short_of = 0;
        for (const broker::PartitionState& state : topic.partitions)
            short_of += static_cast<std::int64_t>(state.isr.size()) < *number;
        if (short_of > 0)
            return {.sentence = {},
                    .warning = fmt::format("{} partitions would refuse acks=all from now on.", short_of)};
    }
    return {};
}

// Old and new value of each edit, and what it does.
json::object effects_of(Console& console, const broker::ClusterImage& image, const broker::TopicState& topic,
                        const ConfigEdits& edits) {
    json::array changes;
    for (const ConfigEdit& edit : edits.edits) {
        const auto described = console.broker().configs->rules().describe(
            image, {ConfigResourceType::topic, topic.name}, std::vector{edit.name});
        const broker::ConfigDescription* known = described && !described->empty() ? &described->front() : nullptr;
        json::value before = nullptr;
        json::value after(edit.value);
        if (known != nullptr && known->value.value) before = json::value(*known->value.value);
        if (edit.operation == ConfigEdit::Operation::remove) {  // back to what stands behind the topic's own value
            after = nullptr;
            for (const broker::ConfigValue& synonym :
                 known == nullptr ? std::vector<broker::ConfigValue>() : known->synonyms) {
                if (synonym.source == broker::ConfigSource::dynamic_topic || !synonym.value) continue;
                after = json::value(*synonym.value);
                break;
            }
        }
        const Effect effect = after.is_string() ? effect_of(console, topic, edit.name, after.get_string()) : Effect();
        changes.push_back({{"name", edit.name},
                           {"before", std::move(before)},
                           {"after", std::move(after)},
                           {"effect", sentence_or_null(effect.sentence)},
                           {"warning", sentence_or_null(effect.warning)}});
    }
    return {{"changes", std::move(changes)}};
}

// Checks the change as the broker would, and makes it unless `validate_only`.
Response change(Console& console, const Request& request, const std::string& name, bool validate_only) {
    auto edits = read_config_edits(request);
    if (!edits) return refuse(request, edits.error());
    edits->validate_only |= validate_only;
    const ClusterImagePtr image = console.broker().metadata->image();
    const broker::TopicState* topic = image->find_topic(name);
    if (topic == nullptr) return refuse(request, kafka_error(ErrorCode::unknown_topic_or_partition));
    const auto done = alter_configs(console, request, {ConfigResourceType::topic, name}, *edits);
    if (!done) return refuse(request, done.error());
    return ok(effects_of(console, *image, *topic, *edits));
}

Response preview(Console& console, const Request& request, Captures captures) {
    return change(console, request, captures[0], true);
}
Response alter(Console& console, const Request& request, Captures captures) {
    return change(console, request, captures[0], false);
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/topics/{topic}/configs", list, false, "DESCRIBE_CONFIGS topic"},
    {Method::post, "/api/v1/topics/{topic}/configs:preview", preview, false, "ALTER_CONFIGS topic"},
    {Method::post, "/api/v1/topics/{topic}/configs:alter", alter, true, "ALTER_CONFIGS topic"},
};

}  // namespace

std::span<const Route> topic_config_routes() { return routes; }

}  // namespace mamba::admin
