// A request that waits for something, and for what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "broker/request.h"

namespace mamba::broker {

struct WaitingRequest {
    std::string api;   // "Fetch"
    std::string kind;  // "FETCH", "PRODUCE", "JOIN", "SYNC"
    std::string client_id;
    std::uint64_t connection_id = 0;  // 0: not known
    std::string group;                // empty: none
    std::string reason;               // a sentence: who, for what, how long yet
    std::optional<Instant> since;
    std::optional<Instant> deadline;
};

}  // namespace mamba::broker
