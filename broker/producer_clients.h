// Which client a producer id belongs to, as its first batch in a partition showed. Producer state, as
// the log keeps it, knows ids alone. Bounded: the oldest make room. Thread-safe.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "protocol/types.h"

namespace mamba::broker {

class ProducerClients {
public:
    static constexpr std::size_t producers_max = 10'000;

    struct Known {
        std::string client_id;
        std::string host;
        std::string principal;
    };

    void note(ProducerId id, Known client) {
        const std::lock_guard lock(mutex_);
        if (!known_.insert_or_assign(id, std::move(client)).second) return;
        in_order_.push_back(id);
        if (in_order_.size() <= producers_max) return;
        known_.erase(in_order_.front());
        in_order_.pop_front();
    }
    // Nothing when it has not begun to write since this broker started.
    std::optional<Known> find(ProducerId id) const {
        const std::lock_guard lock(mutex_);
        const auto found = known_.find(id);
        if (found == known_.end()) return std::nullopt;
        return found->second;
    }

private:
    mutable std::mutex mutex_;
    std::unordered_map<ProducerId, Known> known_;  // guarded by mutex_
    std::deque<ProducerId> in_order_;              // oldest first; guarded by mutex_
};

}  // namespace mamba::broker
