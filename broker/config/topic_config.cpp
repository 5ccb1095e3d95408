#include "broker/config/topic_config.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <type_traits>

#include "broker/config/config_keys.h"

namespace mamba::broker {

namespace {

constexpr std::int64_t ms_per_minute = 60'000;
constexpr std::int64_t ms_per_hour = 3'600'000;

struct Synonyms {
    std::string_view topic_setting;
    std::array<BrokerSynonym, 3> names;
    std::size_t count;
};

constexpr Synonyms same(std::string_view topic_setting, std::string_view broker_setting) {
    return {topic_setting, {BrokerSynonym{broker_setting}}, 1};
}

// In order of the topic's names. Source: the synonyms that Kafka 4.3 describes.
constexpr std::array synonyms = {
    same("cleanup.policy", "log.cleanup.policy"),
    same("compression.gzip.level", "compression.gzip.level"),
    same("compression.lz4.level", "compression.lz4.level"),
    same("compression.type", "compression.type"),
    same("compression.zstd.level", "compression.zstd.level"),
    same("delete.retention.ms", "log.cleaner.delete.retention.ms"),
    same("file.delete.delay.ms", "log.segment.delete.delay.ms"),
    same("flush.messages", "log.flush.interval.messages"),
    Synonyms{"flush.ms", {{{"log.flush.interval.ms"}, {"log.flush.scheduler.interval.ms"}}}, 2},
    same("flush.on.acks.all", "log.flush.on.acks.all"),
    same("index.interval.bytes", "log.index.interval.bytes"),
    same("local.retention.bytes", "log.local.retention.bytes"),
    same("local.retention.ms", "log.local.retention.ms"),
    same("max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"),
    same("max.message.bytes", "message.max.bytes"),
    same("message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms"),
    same("message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms"),
    same("message.timestamp.type", "log.message.timestamp.type"),
    same("min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio"),
    same("min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms"),
    same("min.insync.replicas", "min.insync.replicas"),
    same("preallocate", "log.preallocate"),
    same("retention.bytes", "log.retention.bytes"),
    Synonyms{"retention.ms",
             {{{"log.retention.ms"},
               {"log.retention.minutes", ms_per_minute},
               {"log.retention.hours", ms_per_hour}}},
             3},
    same("segment.bytes", "log.segment.bytes"),
    same("segment.index.bytes", "log.index.size.max.bytes"),
    Synonyms{
        "segment.jitter.ms", {{{"log.roll.jitter.ms"}, {"log.roll.jitter.hours", ms_per_hour}}}, 2},
    Synonyms{"segment.ms", {{{"log.roll.ms"}, {"log.roll.hours", ms_per_hour}}}, 2},
    same("unclean.leader.election.enable", "unclean.leader.election.enable"),
};
static_assert(std::ranges::is_sorted(synonyms, {}, &Synonyms::topic_setting));

template <class Number>
void read(std::string_view text, Number& into) {
    if constexpr (std::is_same_v<Number, bool>) {
        into = text == "true";
    } else {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
        assert(error == std::errc{} && end == text.data() + text.size());
    }
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

std::optional<protocol::CompressionType> codec_of(std::string_view name) {
    using enum protocol::CompressionType;
    if (name == "uncompressed") return none;
    for (const auto type : {gzip, snappy, lz4, zstd}) {
        if (name_of(type) == name) return type;
    }
    return std::nullopt;  // "producer"
}

}  // namespace

log::BatchRules TopicConfig::batch_rules() const {
    log::BatchRules rules;
    rules.message_bytes_max = max_message_bytes;
    rules.segment_bytes = segment_bytes;
    rules.timestamp_type = message_timestamp_type;
    rules.timestamp_before_ms_max = message_timestamp_before_max_ms;
    rules.timestamp_after_ms_max = message_timestamp_after_max_ms;
    rules.compression = compression_type;
    rules.levels = compression_levels;
    rules.compacted = cleanup_compact;
    return rules;
}

TopicConfig TopicConfig::from(const std::function<std::string(std::string_view name)>& value_of) {
    TopicConfig config;
    const auto get = [&](std::string_view name, auto& into) { read(value_of(name), into); };
    const std::vector<std::string> cleanup = split_config_list(value_of("cleanup.policy"));
    config.cleanup_delete = contains(cleanup, "delete");
    config.cleanup_compact = contains(cleanup, "compact");
    config.compression_type = codec_of(value_of("compression.type"));
    get("compression.gzip.level", config.compression_levels.gzip);
    get("compression.lz4.level", config.compression_levels.lz4);
    get("compression.zstd.level", config.compression_levels.zstd);
    get("delete.retention.ms", config.delete_retention_ms);
    get("file.delete.delay.ms", config.file_delete_delay_ms);
    get("flush.messages", config.flush_messages);
    get("flush.ms", config.flush_ms);
    get("flush.on.acks.all", config.flush_on_acks_all);
    get("index.interval.bytes", config.index_interval_bytes);
    get("max.compaction.lag.ms", config.max_compaction_lag_ms);
    get("max.message.bytes", config.max_message_bytes);
    get("message.timestamp.after.max.ms", config.message_timestamp_after_max_ms);
    get("message.timestamp.before.max.ms", config.message_timestamp_before_max_ms);
    if (value_of("message.timestamp.type") == "LogAppendTime")
        config.message_timestamp_type = protocol::TimestampType::log_append_time;
    get("min.cleanable.dirty.ratio", config.min_cleanable_dirty_ratio);
    get("min.compaction.lag.ms", config.min_compaction_lag_ms);
    get("min.insync.replicas", config.min_insync_replicas);
    get("preallocate", config.preallocate);
    get("retention.bytes", config.retention_bytes);
    get("retention.ms", config.retention_ms);
    get("segment.bytes", config.segment_bytes);
    get("segment.index.bytes", config.segment_index_bytes);
    get("segment.jitter.ms", config.segment_jitter_ms);
    get("segment.ms", config.segment_ms);
    get("unclean.leader.election.enable", config.unclean_leader_election_enable);
    return config;
}

std::span<const BrokerSynonym> broker_synonyms(std::string_view topic_setting) {
    const auto found =
        std::ranges::lower_bound(synonyms, topic_setting, {}, &Synonyms::topic_setting);
    if (found == synonyms.end() || found->topic_setting != topic_setting) return {};
    return std::span(found->names).first(found->count);
}

}  // namespace mamba::broker
