// How many answers of each status the console has given, and how many connections it took none of.
// From any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

namespace mamba::admin {

class AnswerCounts {
public:
    void add(int status) {
        if (status >= 0 && status < status_end)
            by_status_[static_cast<std::size_t>(status)].fetch_add(1, std::memory_order_relaxed);
    }
    void add_turned_away() { turned_away_.fetch_add(1, std::memory_order_relaxed); }

    std::uint64_t of(int status) const {
        return by_status_[static_cast<std::size_t>(status)].load(std::memory_order_relaxed);
    }
    // Status and count, where there are any.
    std::vector<std::pair<int, std::uint64_t>> all() const {
        std::vector<std::pair<int, std::uint64_t>> all;
        for (int status = 0; status < status_end; ++status) {
            if (of(status) > 0) all.emplace_back(status, of(status));
        }
        return all;
    }
    // Connections that came while there were too many.
    std::uint64_t turned_away() const { return turned_away_.load(std::memory_order_relaxed); }

private:
    static constexpr int status_end = 600;
    std::array<std::atomic<std::uint64_t>, status_end> by_status_{};
    std::atomic<std::uint64_t> turned_away_ = 0;
};

}  // namespace mamba::admin
