// The settings of one partition's log. Names and defaults are those of Kafka 4.3's topic configs
// with dots as underscores; what only a coordinator, the validator or replication reads is not
// here.
#pragma once

#include <cstdint>
#include <limits>

namespace mamba::log {

struct LogConfig {
    std::int32_t segment_bytes = 1'073'741'824;
    std::int64_t segment_ms = 604'800'000;
    std::int64_t segment_jitter_ms =
        0;  // each segment rolls up to this much earlier than segment_ms
    std::int32_t segment_index_bytes = 10'485'760;
    std::int32_t index_interval_bytes = 4096;

    bool cleanup_delete = true;               // cleanup.policy holds "delete"
    bool cleanup_compact = false;             // cleanup.policy holds "compact"
    std::int64_t retention_ms = 604'800'000;  // -1: no limit
    std::int64_t retention_bytes = -1;        // -1: no limit
    std::int64_t file_delete_delay_ms = 60'000;

    std::int32_t producer_id_expiration_ms = 86'400'000;  // broker config

    friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

}  // namespace mamba::log
