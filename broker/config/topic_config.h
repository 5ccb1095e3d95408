// The settings of one topic as the log and the partition use them.
//
// Each is looked up in this order, until one is set; `retention.ms` stands for all:
//
//     the topic's retention.ms
//     the broker's dynamic log.retention.ms, then .minutes, then .hours
//     the cluster's dynamic default, the same names
//     server.properties, flags and environment, the same names
//     the default
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "log/batch_validator.h"
#include "protocol/compression.h"
#include "protocol/record_batch.h"

namespace mamba::broker {

struct TopicConfig {
    bool cleanup_delete = true;
    bool cleanup_compact = false;
    std::optional<protocol::CompressionType> compression_type;  // none: as the producer sent it
    protocol::CompressionLevels compression_levels;
    std::int64_t delete_retention_ms = 86'400'000;
    std::int64_t file_delete_delay_ms = 60'000;
    std::int64_t flush_messages = std::numeric_limits<std::int64_t>::max();
    std::int64_t flush_ms = std::numeric_limits<std::int64_t>::max();
    bool flush_on_acks_all = true;  // ours: an acks=all answer means stable storage
    std::int32_t index_interval_bytes = 4'096;
    std::int64_t max_compaction_lag_ms = std::numeric_limits<std::int64_t>::max();
    std::int32_t max_message_bytes = 1'048'588;
    std::int64_t message_timestamp_after_max_ms = 3'600'000;
    std::int64_t message_timestamp_before_max_ms = std::numeric_limits<std::int64_t>::max();
    protocol::TimestampType message_timestamp_type = protocol::TimestampType::create_time;
    double min_cleanable_dirty_ratio = 0.5;
    std::int64_t min_compaction_lag_ms = 0;
    std::int32_t min_insync_replicas = 1;
    bool preallocate = false;
    std::int64_t retention_bytes = -1;        // -1: no limit
    std::int64_t retention_ms = 604'800'000;  // -1: no limit
    std::int32_t segment_bytes = 1'073'741'824;
    std::int32_t segment_index_bytes = 10'485'760;
    std::int64_t segment_jitter_ms = 0;
    std::int64_t segment_ms = 604'800'000;
    bool unclean_leader_election_enable = false;

    friend bool operator==(const TopicConfig&, const TopicConfig&) = default;

    log::BatchRules batch_rules() const;

    // `value_of` gives the value in force of a topic setting; it has passed check_config_value.
    static TopicConfig from(const std::function<std::string(std::string_view name)>& value_of);
};

// The broker's setting that stands in for a topic's, in another unit where `unit_ms` is not 1.
struct BrokerSynonym {
    std::string_view name;
    std::int64_t unit_ms = 1;
};
// In order of precedence; empty when the topic's setting has none.
std::span<const BrokerSynonym> broker_synonyms(std::string_view topic_setting);

}  // namespace mamba::broker
