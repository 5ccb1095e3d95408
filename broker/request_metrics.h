// Counts and times of requests, by API; one set per io thread, added up by whoever shows them.
//
// A histogram has a bucket for each eighth of a power of two of nanoseconds, so a percentile read
// from it is within 9 % of the truth. Single writer, relaxed atomics: a request costs a few stores.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

#include "broker/connection_stats.h"
#include "broker/request.h"

namespace mamba::broker {

class LatencyHistogram {
public:
    static constexpr std::size_t steps = 8;  // a power of two
    static constexpr std::size_t buckets = 40 * steps;

    void record(Duration duration) {
        const auto ns = static_cast<std::uint64_t>(
            std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count()));
        counts_[bucket_of(ns)].add(1);
        sum_ns_.add(ns);
    }
    std::uint64_t count_in(std::size_t bucket) const { return counts_[bucket].get(); }
    std::uint64_t sum_ns() const { return sum_ns_.get(); }

    static constexpr std::size_t bucket_of(std::uint64_t ns) {
        if (ns < steps) return static_cast<std::size_t>(ns);
        const auto power = static_cast<std::size_t>(std::bit_width(ns)) - 1;
        const auto step = static_cast<std::size_t>(ns >> (power - 3)) & (steps - 1);
        return std::min((power - 2) * steps + step, buckets - 1);
    }
    // The smallest duration of a bucket, in nanoseconds.
    static constexpr std::uint64_t floor_of(std::size_t bucket) {
        if (bucket < steps) return bucket;
        const std::size_t power = bucket / steps + 2;
        return (std::uint64_t{steps} + bucket % steps) << (power - 3);
    }

private:
    std::array<Counter, buckets> counts_;
    Counter sum_ns_;
};

struct RequestMetrics {
    static constexpr std::size_t apis_max = 96;  // more than the largest key of Kafka 4.3

    struct Api {
        Counter requests;
        Counter bytes_in;
    };
    std::array<Api, apis_max> apis;
    LatencyHistogram produce_local;  // from the frame's arrival to the end of the append
    LatencyHistogram dispatch;       // from the frame's arrival to the end of its handler
    Counter bad_requests;
};

}  // namespace mamba::broker
