// Waiting for a group's coordinator that has just started or moved.
#pragma once

#include <chrono>
#include <thread>

#include "tools/client/error.h"

namespace mamba::client {

inline constexpr std::chrono::milliseconds coordinator_wait_max{10'000};
inline constexpr std::chrono::milliseconds coordinator_wait_step{100};

inline bool is_coordinator_on_its_way(ErrorCode code) {
    return code == ErrorCode::coordinator_load_in_progress || code == ErrorCode::not_coordinator ||
           code == ErrorCode::coordinator_not_available;
}

// Calls `attempt`, which gives an expected<..., Error> and looks the coordinator up itself, again
// while the broker refuses because the coordinator is on its way.
template <class Attempt>
auto with_coordinator(Attempt attempt) {
    const auto deadline = std::chrono::steady_clock::now() + coordinator_wait_max;
    auto outcome = attempt();
    while (!outcome && is_coordinator_on_its_way(outcome.error().code) &&
           std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(coordinator_wait_step);
        outcome = attempt();
    }
    return outcome;
}

}  // namespace mamba::client
