// Which logs of one log dir wait for a flush, and how the next round flushes them. Pure: the shell
// (broker/flusher) holds the lock, calls the system and reads the clock.
//
//     event          answer
//     mark_dirty     true when an idle flusher has to be woken
//     take_round     the logs to flush now and the way to do it; empty when there are none
//     round_done     (the next take_round has what was marked meanwhile)
//     fail           (from now on the logs of a round are to be told so, not flushed)
//
// Held after every event:
//   1. a log is at most once in the round to come;
//   2. a log marked while a round is in progress is in the next one, even if it is in this one too;
//   3. at most one round is in progress;
//   4. failed() stays true for ever after fail(): a failed fdatasync may have dropped the pages
//   that
//      it was to store, so that its repetition would succeed without having stored them.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

namespace mamba::log {

enum class FlushMethod : std::uint8_t {
    each_file,         // fdatasync of every file, side by side: the journal merges them
    whole_filesystem,  // one syncfs
};

// The cheaper way to flush so many dirty files at once; figures beside the definition.
FlushMethod flush_method_for(std::size_t dirty_files);

// `Log` names a log: a shared pointer in the broker, a number in tests.
template <class Log>
class FlushQueue {
public:
    bool mark_dirty(Log log) {
        if (!marked_.insert(log).second) return false;
        next_.push_back(std::move(log));
        return !in_round_ && next_.size() == 1;
    }

    std::vector<Log> take_round() {
        assert(!in_round_);
        in_round_ = !next_.empty();
        marked_.clear();
        return std::exchange(next_, {});
    }

    void round_done() {
        assert(in_round_);
        in_round_ = false;
    }

    void fail() { failed_ = true; }

    bool in_round() const { return in_round_; }
    bool failed() const { return failed_; }
    std::size_t waiting() const { return next_.size(); }

private:
    std::vector<Log> next_;  // in the order of marking
    std::unordered_set<Log> marked_;
    bool in_round_ = false;
    bool failed_ = false;
};

}  // namespace mamba::log
