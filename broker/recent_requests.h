// What one client has asked for: its last requests, and how often it used which version of which API.
//
// Written and read by the connection's own thread. A request costs a store of 40 bytes and a look at
// the few APIs that the client uses; memory is taken for the first of them only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "broker/served_request.h"

namespace mamba::broker {

struct RecentRequest {
    Instant received;
    std::uint32_t local_us = 0;   // the broker's own work on it,
    std::uint32_t waited_us = 0;  // its wait for records, members or the flush,
    std::uint32_t sent_us = 0;    // and until the kernel had taken the answer
    std::uint32_t bytes_in = 0;
    std::uint32_t bytes_out = 0;
    std::int16_t api_key = -1;
    protocol::MessageVersion version = 0;
    ErrorCode error = ErrorCode::none;
};

struct ApiUse {
    std::int16_t api_key = -1;
    protocol::MessageVersion version = 0;
    std::uint64_t count = 0;
};

class RecentRequests {
public:
    static constexpr std::size_t requests_max = 50;
    static constexpr std::size_t uses_max = 200;  // no client uses so many APIs and versions in earnest

    void add(const ServedRequest& request) {
        if (requests_.size() < requests_max) requests_.emplace_back();
        requests_[added_++ % requests_max] = {
            .received = request.received,
            .local_us = microseconds(request.ready - request.received - request.waited),
            .waited_us = microseconds(request.waited),
            .sent_us = microseconds(request.sent - request.ready),
            .bytes_in = static_cast<std::uint32_t>(request.bytes_in),
            .bytes_out = static_cast<std::uint32_t>(request.bytes_out),
            .api_key = request.api_key,
            .version = request.version,
            .error = request.error};
        for (ApiUse& use : uses_) {
            if (use.api_key == request.api_key && use.version == request.version) {
                ++use.count;
                return;
            }
        }
        if (uses_.size() < uses_max) uses_.push_back({request.api_key, request.version, 1});
    }

    // Newest first.
    std::vector<RecentRequest> newest() const {
        std::vector<RecentRequest> all;
        all.reserve(requests_.size());
        for (std::size_t i = 0; i < requests_.size(); ++i) all.push_back(requests_[(added_ - 1 - i) % requests_max]);
        return all;
    }
    const std::vector<ApiUse>& uses() const { return uses_; }

private:
    static std::uint32_t microseconds(Duration time) {
        return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
    }

    std::vector<RecentRequest> requests_;
    std::size_t added_ = 0;
    std::vector<ApiUse> uses_;
};

}  // namespace mamba::broker
