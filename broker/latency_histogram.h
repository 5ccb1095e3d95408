// How long something took, as counts by duration.
//
// A bucket for each eighth of a power of two of nanoseconds, so a percentile read from it is within
// 9 % of the truth. Single writer, relaxed atomics: recording costs a few stores, and anybody may
// read meanwhile.
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
    std::uint64_t count() const {
        std::uint64_t total = 0;
        for (const Counter& bucket : counts_) total += bucket.get();
        return total;
    }
    // The duration that a share `part` (0 to 1) of the recorded ones does not exceed by more than
    // its bucket's width; zero when there are none.
    std::chrono::nanoseconds percentile(double part) const {
        const auto wanted = static_cast<std::uint64_t>(part * static_cast<double>(count()));
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
            seen += count_in(bucket);
            if (seen > wanted) return std::chrono::nanoseconds(floor_of(bucket));
        }
        return {};
    }

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

}  // namespace mamba::broker
