// The settings of the group coordinator, with Kafka's defaults; names are Kafka's keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace mamba::broker {

struct GroupConfig {
    std::chrono::milliseconds initial_rebalance_delay{3000};   // group.initial.rebalance.delay.ms
    std::chrono::milliseconds session_timeout_min{6000};       // group.min.session.timeout.ms
    std::chrono::milliseconds session_timeout_max{1'800'000};  // group.max.session.timeout.ms
    std::int32_t group_size_max = std::numeric_limits<std::int32_t>::max();  // group.max.size
    std::int32_t offset_metadata_bytes_max = 4096;  // offset.metadata.max.bytes
    std::chrono::milliseconds offsets_retention{
        std::chrono::minutes{10080}};  // offsets.retention.minutes
    std::chrono::milliseconds retention_check_interval{
        600'000};  // offsets.retention.check.interval.ms
    // A member that has joined but not yet been answered sends no heartbeats; Kafka's constant.
    std::chrono::milliseconds new_member_join_timeout{std::chrono::minutes{5}};
};

}  // namespace mamba::broker
