#include "admin-ui/history.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace mamba::admin {
namespace {

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();
constexpr std::int64_t idle_ms_min = 60'000;  // before a subject may be made room of

using Metric = History::Metric;
using Tier = History::Tier;
using enum History::Merge;

constexpr Metric broker_metrics[] = {
    {"broker.bytes_in"},
    {"broker.bytes_out"},
    {"broker.records_in"},
    {"broker.requests"},
    {"broker.produce_p50_us"},
    {"broker.produce_p99_us", peak},
    {"broker.produce_p999_us", peak},
    {"broker.fetch_p99_us", peak},
    {"broker.connections"},
    {"broker.group_lag"},
    {"broker.cpu"},
    {"broker.rss"},
    {"broker.disk_used"},
    {"broker.fsync_p99_us", peak},
};
constexpr Metric topic_metrics[] = {{"topic.bytes_in"}, {"topic.bytes_out"}, {"topic.records_in"}};
constexpr Metric group_metrics[] = {{"group.lag"}, {"group.lag_ms"}, {"group.consume_rate"}};

constexpr Tier broker_tiers[] = {{1000, 600}, {10'000, 2160}, {60'000, 10'080}};
constexpr Tier topic_tiers[] = {{1000, 300}, {10'000, 360}, {60'000, 1440}};
constexpr Tier group_tiers[] = {{10'000, 360}, {60'000, 1440}};

constexpr History::Kind kinds[] = {History::Kind::broker, History::Kind::topic, History::Kind::group};

// Gathers values into one, as a coarse point does.
class Gathered {
public:
    explicit Gathered(History::Merge merge) : merge_(merge) {}
    void add(float value) {
        if (std::isnan(value)) return;
        total_ = count_ == 0 ? value : merge_ == peak ? std::max(total_, value) : total_ + value;
        ++count_;
    }
    float value() const {
        return count_ == 0 ? unknown : merge_ == peak ? total_ : total_ / static_cast<float>(count_);
    }

private:
    History::Merge merge_;
    float total_ = 0;
    int count_ = 0;
};

}  // namespace

std::span<const Metric> History::metrics_of(Kind kind) {
    switch (kind) {
        case Kind::broker:
            return broker_metrics;
        case Kind::topic:
            return topic_metrics;
        case Kind::group:
            return group_metrics;
    }
    return {};
}

std::span<const Tier> History::tiers_of(Kind kind) {
    switch (kind) {
        case Kind::broker:
            return broker_tiers;
        case Kind::topic:
            return topic_tiers;
        case Kind::group:
            return group_tiers;
    }
    return {};
}

std::optional<std::pair<History::Kind, std::size_t>> History::find_metric(std::string_view name) {
    for (const Kind kind : kinds) {
        const auto metrics = metrics_of(kind);
        for (std::size_t i = 0; i < metrics.size(); ++i) {
            if (metrics[i].name == name) return std::pair(kind, i);
        }
    }
    return std::nullopt;
}

History::Track History::make_track(Kind kind) {
    Track track;
    const std::size_t metrics = metrics_of(kind).size();
    for (const Tier& tier : tiers_of(kind)) {
        Ring& ring = track.rings.emplace_back();
        ring.values.assign(metrics * static_cast<std::size_t>(tier.points), unknown);
        ring.totals.assign(metrics, 0);
        ring.counts.assign(metrics, 0);
        track.bytes += (ring.values.size() + 2 * metrics) * sizeof(float) + sizeof(Ring);
    }
    return track;
}

void History::add_to(Ring& ring, const Tier& tier, std::span<const Metric> metrics, Timestamp at,
                     std::span<const float> values) {
    const std::int64_t slot = at.value / tier.step_ms;
    const auto place = [&](std::size_t metric, std::int64_t number) -> float& {
        return ring
            .values[metric * static_cast<std::size_t>(tier.points) + static_cast<std::size_t>(number % tier.points)];
    };
    if (slot < ring.newest) {
        // A clock that was set back a little is waited for; one that was set right starts anew.
        if (ring.newest - slot < tier.points) return;
        std::ranges::fill(ring.values, unknown);
        ring.newest = -1;
    }
    if (slot != ring.newest) {
        const std::int64_t first = ring.newest < 0 ? slot : std::max(ring.newest + 1, slot - tier.points + 1);
        for (std::int64_t number = first; number <= slot; ++number) {
            for (std::size_t metric = 0; metric < metrics.size(); ++metric) place(metric, number) = unknown;
        }
        std::ranges::fill(ring.counts, 0);
        ring.newest = slot;
    }
    for (std::size_t metric = 0; metric < metrics.size(); ++metric) {
        const float value = values[metric];
        if (std::isnan(value)) continue;
        float& total = ring.totals[metric];
        const bool is_peak = metrics[metric].merge == peak;
        total = ring.counts[metric] == 0 ? value : is_peak ? std::max(total, value) : total + value;
        ++ring.counts[metric];
        place(metric, slot) = is_peak ? total : total / static_cast<float>(ring.counts[metric]);
    }
}

void History::add(Kind kind, std::string_view subject, Timestamp at, std::span<const float> values, bool is_active) {
    const auto metrics = metrics_of(kind);
    assert(values.size() == metrics.size());
    const std::lock_guard lock(mutex_);
    auto found = tracks_.find(std::pair(kind, subject));
    if (found == tracks_.end()) {
        if (!is_active) return;
        Track track = make_track(kind);
        if (!make_room(track.bytes, at)) return;
        memory_bytes_ += track.bytes;
        found = tracks_.emplace(Key(kind, std::string(subject)), std::move(track)).first;
    }
    Track& track = found->second;
    if (is_active) track.active_at = at;
    const auto tiers = tiers_of(kind);
    for (std::size_t i = 0; i < tiers.size(); ++i) add_to(track.rings[i], tiers[i], metrics, at, values);
}

bool History::make_room(std::size_t bytes, Timestamp at) {
    while (memory_bytes_ + bytes > memory_bytes_max_) {
        auto idlest = tracks_.end();
        for (auto track = tracks_.begin(); track != tracks_.end(); ++track) {
            if (track->first.first == Kind::broker) continue;
            if (idlest == tracks_.end() || track->second.active_at < idlest->second.active_at) idlest = track;
        }
        if (idlest == tracks_.end() || at - idlest->second.active_at < idle_ms_min) return false;
        memory_bytes_ -= idlest->second.bytes;
        tracks_.erase(idlest);
    }
    return true;
}

void History::forget(Kind kind, std::string_view subject) {
    const std::lock_guard lock(mutex_);
    const auto found = tracks_.find(std::pair(kind, subject));
    if (found == tracks_.end()) return;
    memory_bytes_ -= found->second.bytes;
    tracks_.erase(found);
}

std::int64_t History::choose_step(Kind kind, Timestamp now, Timestamp from, Timestamp to, std::int64_t step_ms_min,
                                  std::int64_t points_max) {
    const auto tiers = tiers_of(kind);
    const std::int64_t span = std::max<std::int64_t>(to - from, 1);
    for (const Tier& tier : tiers) {
        const bool reaches = now - from <= tier.step_ms * tier.points;
        if (reaches && tier.step_ms >= step_ms_min && span <= tier.step_ms * points_max) return tier.step_ms;
    }
    const std::int64_t coarsest = tiers.back().step_ms;
    const std::int64_t wanted = std::max(step_ms_min, (span + points_max - 1) / points_max);
    return std::max<std::int64_t>(1, (wanted + coarsest - 1) / coarsest) * coarsest;
}

History::Points History::read(Kind kind, std::string_view subject, std::size_t metric, Timestamp from, Timestamp to,
                              std::int64_t step_ms) const {
    const std::lock_guard lock(mutex_);
    const auto found = tracks_.find(std::pair(kind, subject));
    return points_of(found == tracks_.end() ? nullptr : &found->second, kind, metric, from, to, step_ms);
}

std::optional<History::Points> History::find(Kind kind, std::string_view subject, std::size_t metric, Timestamp from,
                                             Timestamp to, std::int64_t step_ms) const {
    const std::lock_guard lock(mutex_);
    const auto found = tracks_.find(std::pair(kind, subject));
    if (found == tracks_.end()) return std::nullopt;
    return points_of(&found->second, kind, metric, from, to, step_ms);
}

History::Points History::points_of(const Track* track, Kind kind, std::size_t metric, Timestamp from, Timestamp to,
                                   std::int64_t step_ms) {
    const auto tiers = tiers_of(kind);
    std::size_t tier_index = 0;
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        if (tiers[i].step_ms <= step_ms) tier_index = i;
    }
    const Tier& tier = tiers[tier_index];
    Points points{.from = Timestamp(from.value / step_ms * step_ms), .step_ms = step_ms, .values = {}};
    const std::int64_t last = to.value / step_ms * step_ms;
    const Ring* ring = track == nullptr ? nullptr : &track->rings[tier_index];
    const std::int64_t steps = (last - points.from.value) / step_ms + 1;
    points.values.reserve(static_cast<std::size_t>(std::max<std::int64_t>(steps, 0)));
    for (std::int64_t at = points.from.value; at <= last; at += step_ms) {
        Gathered gathered(metrics_of(kind)[metric].merge);
        for (std::int64_t slot = at / tier.step_ms; ring != nullptr && slot * tier.step_ms < at + step_ms; ++slot) {
            if (slot > ring->newest || slot <= ring->newest - tier.points) continue;
            gathered.add(ring->values[metric * static_cast<std::size_t>(tier.points) +
                                      static_cast<std::size_t>(slot % tier.points)]);
        }
        points.values.push_back(gathered.value());
    }
    return points;
}

std::size_t History::memory_bytes() const {
    const std::lock_guard lock(mutex_);
    return memory_bytes_;
}

std::size_t History::subjects() const {
    const std::lock_guard lock(mutex_);
    return tracks_.size();
}

}  // namespace mamba::admin
