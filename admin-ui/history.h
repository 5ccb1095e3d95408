// What was measured over time: series of floats in rings of rising steps, so that charts have a past.
//
//     subject   kind              steps                                  names
//     broker    broker, one       1 s x 10 min, 10 s x 6 h, 60 s x 7 d   broker.bytes_in, ...
//     a topic   topic             1 s x 5 min, 10 s x 1 h, 60 s x 24 h   topic.bytes_in, ...
//     a group   group             10 s x 1 h, 60 s x 24 h                group.lag, ...
//
// A coarse point is the mean (or the peak, for what is a peak itself) of the values in its step. What
// was not measured is NaN. Bounded by memory: when it is full, a subject that has not been active for a
// minute makes room, the longest idle first; while all are active, new ones have no past.
// Nothing survives a restart. Thread-safe; pure but for its mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/types.h"

namespace mamba::admin {

class History {
public:
    enum class Kind : std::uint8_t { broker, topic, group };
    enum class Merge : std::uint8_t { mean, peak };
    struct Metric {
        std::string_view name;  // "topic.bytes_in"
        Merge merge = Merge::mean;
    };
    struct Tier {
        std::int64_t step_ms = 0;
        std::int64_t points = 0;
    };
    struct Points {
        Timestamp from;  // of the first
        std::int64_t step_ms = 0;
        std::vector<float> values;
    };

    explicit History(std::size_t memory_bytes_max) : memory_bytes_max_(memory_bytes_max) {}

    static std::span<const Metric> metrics_of(Kind kind);
    static std::span<const Tier> tiers_of(Kind kind);
    // Which metric `name` is, and of which kind of subject.
    static std::optional<std::pair<Kind, std::size_t>> find_metric(std::string_view name);

    // `values` go side by side with metrics_of(kind). A subject is remembered from the first time on
    // that it is active.
    void add(Kind kind, std::string_view subject, Timestamp at, std::span<const float> values, bool is_active = true);
    void forget(Kind kind, std::string_view subject);

    // The finest step that reaches back to `from`, is not below `step_ms_min`, and gives at most
    // `points_max` points up to `to`; beyond the coarsest tier a multiple of its step.
    static std::int64_t choose_step(Kind kind, Timestamp now, Timestamp from, Timestamp to, std::int64_t step_ms_min,
                                    std::int64_t points_max);
    // One series from `from` to `to`, both rounded down to the step; NaN where nothing is known. A step
    // that no tier has is put together from the next finer one's.
    Points read(Kind kind, std::string_view subject, std::size_t metric, Timestamp from, Timestamp to,
                std::int64_t step_ms) const;
    // Likewise; nothing when the subject has no past.
    std::optional<Points> find(Kind kind, std::string_view subject, std::size_t metric, Timestamp from, Timestamp to,
                               std::int64_t step_ms) const;

    std::size_t memory_bytes() const;
    std::size_t subjects() const;

private:
    struct Ring {
        std::int64_t newest = -1;    // number of the newest slot: its time by the step
        std::vector<float> values;   // metric after metric
        std::vector<float> totals;   // of the newest slot, by metric: sum or peak
        std::vector<std::uint32_t> counts;
    };
    struct Track {
        std::vector<Ring> rings;
        Timestamp active_at;
        std::size_t bytes = 0;
    };
    using Key = std::pair<Kind, std::string>;
    struct KeyOrder {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(const A& a, const B& b) const {
            return a.first != b.first ? a.first < b.first : std::string_view(a.second) < std::string_view(b.second);
        }
    };

    // Without a track nothing is known.
    static Points points_of(const Track* track, Kind kind, std::size_t metric, Timestamp from, Timestamp to,
                            std::int64_t step_ms);
    static Track make_track(Kind kind);
    static void add_to(Ring& ring, const Tier& tier, std::span<const Metric> metrics, Timestamp at,
                       std::span<const float> values);
    bool make_room(std::size_t bytes, Timestamp at);

    const std::size_t memory_bytes_max_;
    mutable std::mutex mutex_;
    std::map<Key, Track, KeyOrder> tracks_;  // guarded by mutex_
    std::size_t memory_bytes_ = 0;           // guarded by mutex_
};

}  // namespace mamba::admin
