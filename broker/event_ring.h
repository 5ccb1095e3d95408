// The newest events of one kind, for the console, the log and whoever asks what happened lately.
//
// Bounded: the oldest make room. Each event has a number, rising by one from 0, so that a reader who
// asks for what came after the last one it has seen can tell a gap. Thread-safe; adding is a short
// mutex, and no reader holds it for longer than a copy.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace mamba::broker {

template <class Event>
class EventRing {
public:
    struct Page {
        std::uint64_t first = 0;    // number of events.front(); the next to come when there are none
        std::vector<Event> events;  // oldest first
    };

    explicit EventRing(std::size_t events_max) : events_max_(events_max) {}

    void add(Event event) {
        const std::lock_guard lock(mutex_);
        push(std::move(event));
    }

    // Counts the event on an earlier one that Event::repeats() finds to be the same, if there is one
    // among the newest: what a client does wrong at full speed then takes one place.
    void add_or_count(Event event) {
        const std::lock_guard lock(mutex_);
        const std::size_t looked_at = std::min(events_.size(), repeats_looked_at);
        for (std::size_t i = 0; i < looked_at; ++i) {
            Event& earlier = events_[events_.size() - 1 - i];
            if (!event.repeats(earlier)) continue;
            earlier.count += event.count;
            earlier.at = event.at;
            return;
        }
        push(std::move(event));
    }

    // The events from `number` on that are still here, the newest `events_max` of them.
    Page since(std::uint64_t number, std::size_t events_max = SIZE_MAX) const {
        const std::lock_guard lock(mutex_);
        const std::uint64_t oldest = next_ - events_.size();
        std::uint64_t first = number < oldest ? oldest : number < next_ ? number : next_;
        if (next_ - first > events_max) first = next_ - events_max;
        const auto begin = events_.begin() + static_cast<std::ptrdiff_t>(first - oldest);
        return {first, std::vector<Event>(begin, events_.end())};
    }
    std::uint64_t next_number() const {
        const std::lock_guard lock(mutex_);
        return next_;
    }

private:
    static constexpr std::size_t repeats_looked_at = 16;

    void push(Event event) {
        if (events_.size() == events_max_) events_.pop_front();
        events_.push_back(std::move(event));
        ++next_;
    }

    const std::size_t events_max_;
    mutable std::mutex mutex_;
    std::deque<Event> events_;  // guarded by mutex_
    std::uint64_t next_ = 0;    // number of the next event; guarded by mutex_
};

}  // namespace mamba::broker
