// What is known of a request once its answer has left. Lives as long as the call that tells of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "broker/request.h"
#include "protocol/api.h"
#include "protocol/error_code.h"

namespace mamba::broker {

struct ServedRequest {
    std::int16_t api_key = -1;
    protocol::MessageVersion version = 0;
    ErrorCode error = ErrorCode::none;  // of the answer, or the first of one of its partitions
    Instant received;                   // when the frame's last byte was read
    Instant ready;                      // when the answer was there
    Instant sent;                       // when the kernel had taken all of it
    Duration waited{};                  // between the first two: for records, members, or the flush
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    const Client& client;
    const std::string& topic;  // the first it was about; empty: known by its id, or none at all
    const Uuid& topic_id;

    // A fetch waits since its client said so, and members of a group wait for each other. How long
    // tells nothing of the broker.
    bool waited_by_choice() const {
        return api_key == static_cast<std::int16_t>(protocol::ApiKey::fetch) ||
               api_key == static_cast<std::int16_t>(protocol::ApiKey::join_group) ||
               api_key == static_cast<std::int16_t>(protocol::ApiKey::sync_group);
    }
    // What a client cannot have wished for.
    Duration busy() const { return sent - received - (waited_by_choice() ? waited : Duration{}); }
};

}  // namespace mamba::broker
