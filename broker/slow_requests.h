// The slowest requests of late, window by window: who asked for what, and where the time went.
//
// Each io thread has one. A request that is not among the slowest of its window costs one comparison;
// the mutex is taken for the others only, a few dozen a window. The wait that a client chose does not
// count.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "broker/served_request.h"

namespace mamba::broker {

struct SlowRequest {
    Timestamp at;  // when it was received
    std::int16_t api_key = -1;
    protocol::MessageVersion version = 0;
    ErrorCode error = ErrorCode::none;
    Duration total{};  // without a wait by choice
    Duration local{};
    Duration waited{};
    Duration sending{};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t connection_id = 0;
    std::string client_id;
    std::string principal;
    std::string host;
    std::string topic;
    Uuid topic_id;
};

class SlowRequests {
public:
    static constexpr Duration window = std::chrono::seconds(10);
    static constexpr std::size_t each_max = 50;     // of a window
    static constexpr std::size_t windows_max = 30;  // five minutes

    // By the one thread that serves. `wall_clock` is asked for those that are kept.
    template <class WallClock>
    void offer(const ServedRequest& request, WallClock wall_clock) {
        const Duration busy = request.busy();
        if (request.sent < window_end_ && busy <= threshold_) return;
        keep(request, busy, wall_clock());
    }

    // The slowest first; on any thread.
    std::vector<SlowRequest> slowest() const;

private:
    void keep(const ServedRequest& request, Duration busy, Timestamp sent_at);

    Instant window_end_{};                // of the serving thread
    Duration threshold_ = Duration::min();  // likewise: the fastest of a window that is full
    mutable std::mutex mutex_;
    std::deque<std::vector<SlowRequest>> windows_;  // the newest last, each a heap; guarded by mutex_
};

}  // namespace mamba::broker
