// When the records of a partition were appended, to the second: what turns a consumer's position into
// a lag in seconds, without sampling commits.
//
// One mark (offset, time) a second in which something was appended, for the last `marks_max` of them:
// a quarter of an hour under steady load. What is older than the oldest mark has to be looked up in
// the time index. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>

#include "protocol/types.h"

namespace mamba::broker {

class AppendTimes {
public:
    static constexpr std::size_t marks_max = 900;
    static constexpr std::int64_t mark_interval_ms = 1000;

    // Records from `first` on were appended at `now` (the broker's wall clock). A clock that was set
    // back makes no mark until it has caught up.
    void on_append(Offset first, Timestamp now) {
        if (!marks_.empty() && now - marks_.back().at < mark_interval_ms) return;
        if (marks_.size() == marks_max) marks_.pop_front();
        marks_.push_back({first, now});
    }

    // The second in which the record at `offset` was appended; nothing when that was before the
    // oldest mark. The caller knows that there is such a record.
    std::optional<Timestamp> appended_at(Offset offset) const {
        const auto after = std::upper_bound(marks_.begin(), marks_.end(), offset,
                                            [](Offset wanted, const Mark& mark) { return wanted < mark.first; });
        if (after == marks_.begin()) return std::nullopt;
        return std::prev(after)->at;
    }

    // When something was last appended, to the second; nothing when nothing was since the start.
    std::optional<Timestamp> newest() const {
        if (marks_.empty()) return std::nullopt;
        return marks_.back().at;
    }

private:
    struct Mark {
        Offset first;  // no record from here on was appended before `at`
        Timestamp at;
    };
    std::deque<Mark> marks_;  // by rising offset and time
};

}  // namespace mamba::broker
