// What the broker makes of a group that lags, as a sentence with its evidence. Pure.
//
//     EMPTY              nobody consumes
//     REBALANCE_LOOP     it is being assigned anew over and over
//     REBALANCING        it is being assigned anew
//     NETWORK            records wait in the broker for members to take them
//     STALLED            members are alive, yet none has fetched for a while
//     COMMIT_STUCK       members fetch, yet nothing is committed
//     TOO_SLOW           it consumes less than is produced
//     STARVED            members have no partition
//     NOTHING_COMMITTED  so its lag is not known
//     OK                 nothing of that
//
// The first that is true. Only what the broker sees counts: a fact that is not known proves nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mamba::admin {

struct GroupFacts {
    std::string_view state;  // Kafka's
    std::int64_t members = 0;
    std::int64_t members_without_partition = 0;
    std::int64_t partitions = 0;        // assigned to members
    std::int64_t rebalances = 0;        // within rebalance_loop_ms
    std::string_view rebalance_reason;  // of the latest
    std::optional<std::int64_t> lag;    // records
    std::optional<std::int64_t> lag_ms;
    std::optional<std::int64_t> commit_age_ms;
    std::optional<std::int64_t> fetch_idle_ms;  // since any of its members last asked for records
    std::uint64_t unsent_bytes = 0;             // of answers to members
    std::optional<double> consume_rate;         // records a second
    std::optional<double> produce_rate;         // into its topics
};

struct GroupVerdict {
    std::string_view code;
    std::string_view severity;  // "INFO", "WARNING"
    std::string text;
    std::string suggestion;  // empty: none

    friend bool operator==(const GroupVerdict&, const GroupVerdict&) = default;
};

inline constexpr std::int64_t rebalance_loop_ms = 10 * 60 * 1000;
inline constexpr std::int64_t rebalance_loop_min = 5;
inline constexpr std::int64_t stalled_ms = 30'000;       // longer than consumers wait for records
inline constexpr std::int64_t commit_stuck_ms = 60'000;  // the default of auto.commit.interval.ms is 5 s
inline constexpr std::int64_t too_slow_lag_ms = 10'000;
inline constexpr std::uint64_t network_bytes = 256 * 1024;

GroupVerdict judge(const GroupFacts& group);

}  // namespace mamba::admin
