// What a handler gets with each request, and how it answers.
//
// Every API has one handler, a plain function of this shape:
//
//     void on_create_topics(Broker&, const protocol::CreateTopicsRequest&, const RequestContext&,
//                           Reply<protocol::CreateTopicsResponse>);
//
// The request is a view into the received frame and dies when the handler returns; a handler that
// answers later copies what it still needs. It never blocks: what can wait (disk, metadata store,
// other members of a group) keeps the Reply and calls it from wherever the wait ends.
#pragma once

#include <bitset>
#include <cassert>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/client_topics.h"
#include "protocol/types.h"
#include "protocol/wire.h"

namespace mamba::broker {

// A point of the monotonic clock: for time-outs, sessions and latencies. Records carry Timestamp.
using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

// The one who asks. Lives as long as the connection.
struct Client {
    std::string host;      // address as text, without the port
    std::string listener;  // name of the listener, such as "PLAINTEXT"
    std::string principal = "User:ANONYMOUS";
    std::string software_name;     // from ApiVersions, empty until told
    std::string software_version;  // likewise
    std::string client_id;         // from the header of the newest request
    std::uint64_t connection_id = 0;  // unique while the process lives; 0: there is none
    std::bitset<96> apis;          // asked for so far, by key
    std::vector<FetchedFrom> fetched;  // by its newest fetch, which reuses the storage
};

struct RequestContext {
    const Client& client;
    std::string_view client_id;  // from the header; empty when null
    protocol::MessageVersion version = 0;
    Instant received;  // when the frame's last byte was read
    Timestamp now;     // wall clock at the same moment
};

// Answers one request, once, from any thread. Dropped unanswered only when the broker stops or the
// client is gone.
template <class Response>
class [[nodiscard]] Reply {
public:
    using Send = std::move_only_function<void(Response&&)>;

    Reply() = default;
    explicit Reply(Send send) : send_(std::move(send)) {}

    explicit operator bool() const { return static_cast<bool>(send_); }
    void operator()(Response&& response) {
        assert(send_);
        Send send = std::exchange(send_, nullptr);
        send(std::move(response));
    }

private:
    Send send_;
};

}  // namespace mamba::broker
