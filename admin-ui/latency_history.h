// How long things took, window by window: counts by duration of the last hour in windows of 10 s, and
// of the last day in windows of 5 min.
//
// A window keeps the buckets that have counts only, some hundred bytes for each key with traffic. Its
// readers add windows up, and read percentiles from the sum. Bounded by memory: when it is full, the
// oldest window of all makes room. Thread-safe; pure but for its mutex.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "broker/latency_histogram.h"
#include "protocol/types.h"

namespace mamba::admin {

// Counts by duration, and a sum: of nanoseconds, or of whatever is tallied.
class Tally {
public:
    using Bucket = std::pair<std::uint16_t, std::uint64_t>;  // as LatencyHistogram numbers them; count

    Tally() = default;
    explicit Tally(std::uint64_t sum) : sum_(sum) {}

    void count(std::size_t bucket, std::uint64_t times);  // by rising bucket
    void add_to_sum(std::uint64_t more) { sum_ += more; }
    void merge(const Tally& other);

    std::uint64_t count() const;
    std::uint64_t sum() const { return sum_; }
    bool empty() const { return sum_ == 0 && buckets_.empty(); }
    const std::vector<Bucket>& buckets() const { return buckets_; }
    // In microseconds; nothing when there is nothing. Within a bucket the counts are taken to be spread
    // evenly.
    std::optional<double> percentile_us(double part) const;
    std::optional<double> mean_us() const;
    std::optional<double> max_us() const;  // the end of the last bucket

    friend bool operator==(const Tally&, const Tally&) = default;

private:
    std::vector<Bucket> buckets_;  // by rising bucket, none with a count of 0
    std::uint64_t sum_ = 0;
};

// Of a histogram that only grows, what came since the last look.
class TallySince {
public:
    // The counts of all threads' histograms are added up in `now`.
    Tally advance(std::span<const std::uint64_t> now, std::uint64_t sum);

private:
    std::array<std::uint64_t, broker::LatencyHistogram::buckets> seen_{};
    std::uint64_t sum_seen_ = 0;
};

class LatencyHistory {
public:
    using Key = std::uint32_t;
    static constexpr std::int64_t window_ms = 10'000;

    explicit LatencyHistory(std::size_t memory_bytes_max) : memory_bytes_max_(memory_bytes_max) {}

    // By rising `at`, as a clock gives it; a clock that was set back counts on in the newest window.
    void add(Key key, Timestamp at, const Tally& tally);
    // All windows that overlap (from, to] as one.
    Tally over(Key key, Timestamp from, Timestamp to) const;
    // One for each step from `from` on, which is rounded down; steps are multiples of window_ms.
    std::vector<Tally> windows(Key key, Timestamp from, Timestamp to, std::int64_t step_ms) const;
    // The finest step that reaches back to `from` and gives at most `points_max` windows.
    static std::int64_t choose_step(Timestamp now, Timestamp from, Timestamp to, std::int64_t points_max);

    std::size_t memory_bytes() const;

private:
    struct Window {
        std::int64_t number = 0;  // its start by its length
        Tally tally;

        std::size_t bytes() const { return sizeof(Window) + tally.buckets().capacity() * sizeof(Tally::Bucket); }
    };
    struct Track {
        std::deque<Window> fine;
        std::deque<Window> coarse;
    };
    void add_to(std::deque<Window>& windows, std::int64_t length_ms, std::size_t windows_max, Timestamp at,
                const Tally& tally);
    void forget_first(std::deque<Window>& windows);
    void make_room();
    // Calls `visit(start_ms, tally)` for the windows from the tier that reaches back to `from`.
    template <class Visit>
    void visit(Key key, Timestamp from, Timestamp to, Visit visit) const;

    const std::size_t memory_bytes_max_;
    mutable std::mutex mutex_;
    std::map<Key, Track> tracks_;   // guarded by mutex_
    std::size_t memory_bytes_ = 0;  // of all windows; guarded by mutex_
    Timestamp newest_;             // guarded by mutex_
};

}  // namespace mamba::admin
