// What the shell alone knows: who is connected, what its threads have served, and what waits there.
//
// For the console and the metrics. connections(), close_connection() and waiting_requests() ask each
// io thread once and wait for its turn, so they cost the data path a copy; call them from a thread of
// one's own, at most a few times a second.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/client_topics.h"
#include "broker/recent_requests.h"
#include "broker/request.h"
#include "broker/request_metrics.h"
#include "broker/slow_requests.h"
#include "broker/waiting_request.h"

namespace mamba::broker {

struct ConnectionInfo {
    std::uint64_t id = 0;  // unique while the process lives
    Client client;
    std::uint16_t port = 0;  // the client's
    Instant connected;
    Instant last_activity;
    std::uint64_t requests = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t turns = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t unsent = 0;
    std::uint64_t send_blocks = 0;
    std::uint64_t errors = 0;
    std::size_t io_thread = 0;  // that serves it
    std::vector<TopicBytes> topics;  // by first use
};

struct ConnectionDetail {
    ConnectionInfo info;
    std::vector<RecentRequest> recent;  // newest first
    std::vector<ApiUse> uses;
};

class Activity {
public:
    virtual ~Activity() = default;

    virtual std::vector<ConnectionInfo> connections() = 0;
    // Nothing when there is no such connection.
    virtual std::optional<ConnectionDetail> connection(std::uint64_t id) = 0;
    virtual std::size_t connection_count() const = 0;  // costs nothing
    // False when there is no such connection.
    virtual bool close_connection(std::uint64_t id, std::string why) = 0;
    // Counters of one io thread each; they live as long as this.
    virtual std::vector<const RequestMetrics*> request_metrics() const = 0;
    virtual std::vector<SlowRequest> slow_requests() const = 0;  // the slowest of late, slowest first
    virtual std::vector<WaitingRequest> waiting_requests() = 0;
};

}  // namespace mamba::broker
