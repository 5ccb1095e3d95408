#include "admin-ui/latency_history.h"

#include <algorithm>
#include <utility>

namespace mamba::admin {
namespace {

using broker::LatencyHistogram;

constexpr std::int64_t fine_ms = LatencyHistory::window_ms;
constexpr std::int64_t coarse_ms = 300'000;
constexpr std::size_t fine_max = 360;    // an hour
constexpr std::size_t coarse_max = 288;  // a day

double end_of(std::size_t bucket) {
    if (bucket + 1 < LatencyHistogram::buckets) return static_cast<double>(LatencyHistogram::floor_of(bucket + 1));
    return 2 * static_cast<double>(LatencyHistogram::floor_of(bucket));
}

}  // namespace

void Tally::count(std::size_t bucket, std::uint64_t times) {
    if (times > 0) buckets_.emplace_back(static_cast<std::uint16_t>(bucket), times);
}

void Tally::merge(const Tally& other) {
    sum_ += other.sum_;
    std::vector<Bucket> merged;
    merged.reserve(buckets_.size() + other.buckets_.size());
    auto mine = buckets_.begin();
    for (const Bucket& theirs : other.buckets_) {
        while (mine != buckets_.end() && mine->first < theirs.first) merged.push_back(*mine++);
        merged.push_back(theirs);
        if (mine != buckets_.end() && mine->first == theirs.first) merged.back().second += (mine++)->second;
    }
    merged.insert(merged.end(), mine, buckets_.end());
    buckets_ = std::move(merged);
}

std::uint64_t Tally::count() const {
    std::uint64_t total = 0;
    for (const Bucket& bucket : buckets_) total += bucket.second;
    return total;
}

std::optional<double> Tally::percentile_us(double part) const {
    if (buckets_.empty()) return std::nullopt;
    const double wanted = part * static_cast<double>(count());
    double seen = 0;
    for (const auto& [bucket, times] : buckets_) {
        const auto here = static_cast<double>(times);
        if (seen + here >= wanted) {
            const auto floor = static_cast<double>(LatencyHistogram::floor_of(bucket));
            return (floor + (end_of(bucket) - floor) * (wanted - seen) / here) / 1000;
        }
        seen += here;
    }
    return max_us();
}

std::optional<double> Tally::mean_us() const {
    const std::uint64_t times = count();
    if (times == 0) return std::nullopt;
    return static_cast<double>(sum_) / static_cast<double>(times) / 1000;
}

std::optional<double> Tally::max_us() const {
    if (buckets_.empty()) return std::nullopt;
    return end_of(buckets_.back().first) / 1000;
}

Tally TallySince::advance(std::span<const std::uint64_t> now, std::uint64_t sum) {
    Tally tally(sum - std::exchange(sum_seen_, sum));
    for (std::size_t bucket = 0; bucket < seen_.size(); ++bucket) {
        tally.count(bucket, now[bucket] - std::exchange(seen_[bucket], now[bucket]));
    }
    return tally;
}

void LatencyHistory::add_to(std::deque<Window>& windows, std::int64_t length_ms, std::size_t windows_max, Timestamp at,
                            const Tally& tally) {
    const std::int64_t number = at.value / length_ms;
    if (windows.empty() || windows.back().number < number) {
        windows.push_back({number, {}});
        memory_bytes_ += windows.back().bytes();
        while (windows.front().number <= number - static_cast<std::int64_t>(windows_max)) forget_first(windows);
    }
    memory_bytes_ -= windows.back().bytes();
    windows.back().tally.merge(tally);
    memory_bytes_ += windows.back().bytes();
}

void LatencyHistory::forget_first(std::deque<Window>& windows) {
    memory_bytes_ -= windows.front().bytes();
    windows.pop_front();
}

// The window of all keys that ends first goes; a track's newest one is kept.
void LatencyHistory::make_room() {
    while (memory_bytes_ > memory_bytes_max_) {
        std::deque<Window>* oldest = nullptr;
        std::int64_t oldest_end = 0;
        const auto look = [&](std::deque<Window>& windows, std::int64_t length_ms) {
            if (windows.size() < 2) return;
            const std::int64_t end = (windows.front().number + 1) * length_ms;
            if (oldest != nullptr && end >= oldest_end) return;
            oldest = &windows;
            oldest_end = end;
        };
        for (auto& [key, track] : tracks_) {
            look(track.fine, fine_ms);
            look(track.coarse, coarse_ms);
        }
        if (oldest == nullptr) return;
        forget_first(*oldest);
    }
}

void LatencyHistory::add(Key key, Timestamp at, const Tally& tally) {
    const std::lock_guard lock(mutex_);
    newest_ = std::max(newest_, at);
    if (tally.empty()) return;
    Track& track = tracks_[key];
    add_to(track.fine, fine_ms, fine_max, at, tally);
    add_to(track.coarse, coarse_ms, coarse_max, at, tally);
    make_room();
}

template <class Visit>
void LatencyHistory::visit(Key key, Timestamp from, Timestamp to, Visit visit) const {
    const auto found = tracks_.find(key);
    if (found == tracks_.end()) return;
    const bool is_recent = newest_ - from <= fine_ms * static_cast<std::int64_t>(fine_max);
    const std::int64_t length = is_recent ? fine_ms : coarse_ms;
    for (const Window& window : is_recent ? found->second.fine : found->second.coarse) {
        const std::int64_t start = window.number * length;
        if (start + length > from.value && start <= to.value) visit(start, window.tally);
    }
}

Tally LatencyHistory::over(Key key, Timestamp from, Timestamp to) const {
    Tally all;
    const std::lock_guard lock(mutex_);
    visit(key, from, to, [&](std::int64_t, const Tally& tally) { all.merge(tally); });
    return all;
}

std::vector<Tally> LatencyHistory::windows(Key key, Timestamp from, Timestamp to, std::int64_t step_ms) const {
    const std::int64_t first = from.value / step_ms;
    std::vector<Tally> steps(static_cast<std::size_t>(std::max<std::int64_t>(0, to.value / step_ms - first + 1)));
    const std::lock_guard lock(mutex_);
    visit(key, from, to, [&](std::int64_t start, const Tally& tally) {
        const std::int64_t step = std::max(start / step_ms, first) - first;
        if (step < static_cast<std::int64_t>(steps.size())) steps[static_cast<std::size_t>(step)].merge(tally);
    });
    return steps;
}

std::int64_t LatencyHistory::choose_step(Timestamp now, Timestamp from, Timestamp to, std::int64_t points_max) {
    const bool is_recent = now - from <= fine_ms * static_cast<std::int64_t>(fine_max);
    const std::int64_t length = is_recent ? fine_ms : coarse_ms;
    const std::int64_t wanted = (std::max<std::int64_t>(to - from, 1) + points_max - 1) / points_max;
    return std::max<std::int64_t>(1, (wanted + length - 1) / length) * length;
}

std::size_t LatencyHistory::memory_bytes() const {
    const std::lock_guard lock(mutex_);
    return memory_bytes_;
}

}  // namespace mamba::admin
