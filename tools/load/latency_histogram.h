// How long requests took: counts in buckets whose width is at most 1/64 of their value, so that a
// percentile costs a fixed amount of memory and is right within 1.6 %.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <vector>

namespace mamba::load {

class LatencyHistogram {
public:
    using Duration = std::chrono::nanoseconds;

    void add(Duration latency) {
        const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
        ++counts_[bucket_of(ns)];
        ++count_;
        max_ = std::max(max_, ns);
    }
    void add(const LatencyHistogram& other) {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
        count_ += other.count_;
        max_ = std::max(max_, other.max_);
    }
    void clear() { *this = LatencyHistogram(); }

    std::uint64_t count() const { return count_; }
    Duration max() const { return Duration(max_); }
    // The shortest latency that at least `share` (0 to 1) of all stay within; 0 when there are
    // none.
    Duration percentile(double share) const {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen > wanted || (seen == count_ && seen > 0)) {
                return Duration(std::min(upper_end(i), max_));
            }
        }
        return Duration(0);
    }

private:
    static constexpr std::size_t sub_bits = 6;  // 64 buckets for every power of two
    static constexpr std::size_t sub_buckets = std::size_t{1} << sub_bits;

    static std::size_t bucket_of(std::uint64_t ns) {
        if (ns < sub_buckets) return ns;
        const auto shift = static_cast<std::size_t>(std::bit_width(ns)) - 1 - sub_bits;
        return (shift + 1) * sub_buckets + (ns >> shift) - sub_buckets;
    }
    static std::uint64_t upper_end(std::size_t bucket) {
        if (bucket < sub_buckets) return bucket;
        const std::size_t shift = bucket / sub_buckets - 1;
        return ((bucket % sub_buckets + sub_buckets + 1) << shift) - 1;
    }

    std::vector<std::uint64_t> counts_ =
        std::vector<std::uint64_t>((64 - sub_bits + 1) * sub_buckets);
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace mamba::load
