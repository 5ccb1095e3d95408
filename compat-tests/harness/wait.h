// Waiting for a condition, never for a time: looks again every few milliseconds until it holds.
#pragma once

#include <chrono>
#include <thread>

namespace mamba::compat {

// How long a test waits for what must happen. Generous: a loaded machine is no failure, and
// a passing test never waits this long.
constexpr std::chrono::seconds patience{30};

// Returns whether `condition` came true within `limit`. The condition may itself do work, such
// as polling a client.
template <typename Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = patience) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
}

}  // namespace mamba::compat
