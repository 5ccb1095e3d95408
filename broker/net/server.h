// Listeners and io threads: accepts connections, spreads them over the threads, and enforces the
// limits on their number.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/activity.h"
#include "broker/config/config_service.h"
#include "broker/connection_quota.h"
#include "broker/dispatcher.h"
#include "broker/net/connection.h"
#include "broker/net/io_thread.h"
#include "broker/net/memory_budget.h"

namespace mamba::broker::net {

class Server final : public Activity {
public:
    // Binds every listener; an error names the one that could not be.
    static std::expected<std::unique_ptr<Server>, std::string> open(Broker& broker, const NetworkConfig& config);
    ~Server() override;  // stop()
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Starts to answer. The listeners have been accepting into their backlogs since open().
    void start();
    // Takes no more connections and requests, answers those that were read, and ends the threads. Bounded:
    // whoever does not take its answers, or does not close when it has them, is cut off.
    void stop();

    // Writes to the log what the io threads have served and what waits there, and why.
    void log_activity();

    // The listeners with the ports that they really have (a configured 0 is any free one).
    const std::vector<Listener>& listeners() const { return bound_; }

    std::size_t connection_count() const override;
    std::vector<ConnectionInfo> connections() override;
    std::optional<ConnectionDetail> connection(std::uint64_t id) override;
    bool close_connection(std::uint64_t id, std::string why) override;
    std::vector<const RequestMetrics*> request_metrics() const override;
    std::vector<SlowRequest> slow_requests() const override;
    std::vector<WaitingRequest> waiting_requests() override;

private:
    struct Connected {
        std::shared_ptr<Connection> connection;
        std::uint16_t port = 0;  // the client's
    };
    // An io thread with what belongs to it.
    struct Lane {
        std::unique_ptr<IoThread> thread;
        std::unique_ptr<Dispatcher> dispatcher;
        std::unordered_map<Connection*, Connected> connections;  // of this thread only
        std::latch* drained = nullptr;  // while it drains, for when no connection is left
    };

    Server(Broker& broker, const NetworkConfig& config);
    std::expected<void, std::string> bind(const Listener& listener);
    void accept(std::size_t listener);
    void on_accepted(const Listener& listener, asio::ip::tcp::socket socket, Lane& lane);
    ConnectionQuotaLimits quota_limits(const Listener& listener) const;
    // From the broker's max.connections and creation rate. Source: KIP-402, KIP-612.
    bool is_exempt(const Listener& listener) const;
    static ConnectionInfo describe(const Connected& connected, std::size_t lane);
    void on_closed(Lane& lane, Connection& connection);
    void stop_accepting();
    void drain(Lane& lane, std::latch& drained);
    // A copy: a connection that closes takes itself out of the lane.
    static std::vector<std::shared_ptr<Connection>> connections_of(const Lane& lane);
    // Runs `ask` on every io thread that runs, side by side, and waits for all; not from one of them.
    void ask_lanes(const std::function<void(Lane&, std::size_t index)>& ask);
    void tick(Lane& lane, Instant next_deadline_check);

    const ConfigService& configs_;  // for the limits that may change
    const NetworkConfig config_;    // as it was at start
    ConnectionLimits limits_;
    MemoryBudget budget_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::vector<std::unique_ptr<asio::ip::tcp::acceptor>> acceptors_;  // on the first lane's thread
    std::vector<Listener> bound_;
    std::size_t next_lane_ = 0;
    std::uint64_t next_connection_id_ = 1;  // of the accepting thread
    // What max.connections.per.ip.overrides calls by name, by address; as it was at start.
    std::map<std::string, std::string> name_of_address_;
    mutable std::mutex quota_mutex_;
    ConnectionQuota quota_;  // guarded by quota_mutex_
    RateLimited refused_;
    std::mutex asking_mutex_;  // a thread that is asked runs until it has answered
    bool stopped_ = false;     // guarded by asking_mutex_
};

}  // namespace mamba::broker::net
