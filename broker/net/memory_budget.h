// Bytes of unfinished requests over all connections (KIP-72: queued.max.request.bytes).
//
// A connection asks before it starts on a frame, never in the middle of one, so that two half-read
// requests cannot wait for each other; the budget may be overdrawn by the frames then under way.
#pragma once

#include <atomic>
#include <cstddef>

namespace mamba::broker::net {

class MemoryBudget {
public:
    explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    bool spent() const { return used_.load(std::memory_order_relaxed) >= bytes_max_; }
    void take(std::size_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
    void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
    std::size_t used() const { return used_.load(std::memory_order_relaxed); }

private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> used_{0};
};

}  // namespace mamba::broker::net
