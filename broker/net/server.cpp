#include "broker/net/server.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <iterator>
#include <utility>

#include "broker/broker.h"
#include "broker/logging.h"

namespace mamba::broker::net {
namespace {

using tcp = asio::ip::tcp;

const Logger net_log = logger("mamba.net");

constexpr auto tick_interval = std::chrono::milliseconds(100);
constexpr auto deadline_check_interval = std::chrono::seconds(1);
// So long a stop waits for answers that are under way, flushes and slow clients included.
constexpr auto drain_max = std::chrono::seconds(2);
// After accept() failed (no descriptors are left, say) it rests this long.
constexpr auto accept_rest = std::chrono::milliseconds(100);

// A hundred years: what is more would overflow the clock.
constexpr std::int64_t idle_ms_no_limit = 36'525LL * 86'400'000;

Instant now() { return std::chrono::steady_clock::now(); }

}  // namespace

Server::Server(Broker& broker, const NetworkConfig& config)
    : configs_(*broker.configs), config_(config), budget_(static_cast<std::size_t>(config.queued_request_bytes_max)) {
    limits_.request_bytes_max = config.request_bytes_max;
    if (const std::int64_t idle_ms = config.connections_idle_ms_max; idle_ms >= 0) {
        limits_.idle_max = std::chrono::milliseconds(std::min(idle_ms, idle_ms_no_limit));
    } else {
        limits_.idle_max = std::chrono::milliseconds(idle_ms_no_limit);
    }
    for (int i = 0; i < config.network_threads; ++i) {
        auto lane = std::make_unique<Lane>();
        lane->thread = std::make_unique<IoThread>(i);
        lane->dispatcher = std::make_unique<Dispatcher>(broker, *lane->thread);
        lanes_.push_back(std::move(lane));
    }
}

Server::~Server() { stop(); }

std::expected<std::unique_ptr<Server>, std::string> Server::open(Broker& broker, const NetworkConfig& config) {
    std::unique_ptr<Server> server(new Server(broker, config));
    for (const Listener& listener : config.listeners) {
        if (auto bound = server->bind(listener); !bound) return std::unexpected(std::move(bound.error()));
    }
    for (const auto& [name, limit] : config.connections_per_ip_overrides) {
        boost::system::error_code error;
        tcp::resolver resolver(server->lanes_.front()->thread->context());
        for (const auto& found : resolver.resolve(name, "", error)) {
            const std::string address = found.endpoint().address().to_string();
            if (address != name) server->name_of_address_.emplace(address, name);
        }
    }
    return server;
}

std::expected<void, std::string> Server::bind(const Listener& listener) {
    const std::string name = listener.name + "://" + listener.host + ":" + std::to_string(listener.port);
    if (listener.protocol != SecurityProtocol::plaintext) {
        return std::unexpected("listener " + name + ": this version serves PLAINTEXT only");
    }
    boost::system::error_code error;
    tcp::endpoint endpoint(tcp::v6(), static_cast<std::uint16_t>(listener.port));
    if (!listener.host.empty()) {
        tcp::resolver resolver(lanes_.front()->thread->context());
        const auto found = resolver.resolve(listener.host, std::to_string(listener.port), error);
        if (error || found.empty()) return std::unexpected("listener " + name + ": " + error.message());
        endpoint = found.begin()->endpoint();
    }
    auto acceptor = std::make_unique<tcp::acceptor>(lanes_.front()->thread->context());
    const auto step = [&](const auto& action) {
        if (!error) action();
    };
    acceptor->open(endpoint.protocol(), error);
    if (error && listener.host.empty()) {  // a machine without IPv6
        endpoint = tcp::endpoint(tcp::v4(), endpoint.port());
        error.clear();
        acceptor->open(endpoint.protocol(), error);
    }
    step([&] { acceptor->set_option(tcp::acceptor::reuse_address(true), error); });
    step([&] {
        if (endpoint.protocol() == tcp::v6()) acceptor->set_option(asio::ip::v6_only(!listener.host.empty()), error);
    });
    step([&] { acceptor->bind(endpoint, error); });
    step([&] { acceptor->listen(std::max(config_.listen_backlog, 128), error); });
    if (error) return std::unexpected("listener " + name + " cannot be opened: " + error.message());
    bound_.push_back(listener);
    bound_.back().port = acceptor->local_endpoint().port();
    acceptors_.push_back(std::move(acceptor));
    return {};
}

void Server::start() {
    for (const auto& lane : lanes_) {
        asio::post(lane->thread->context(), [this, &lane = *lane] { tick(lane, now() + deadline_check_interval); });
        lane->thread->start();
    }
    for (std::size_t i = 0; i < acceptors_.size(); ++i) {
        asio::post(lanes_.front()->thread->context(), [this, i] { accept(i); });
    }
}

// Waits for a place, then for a connection. Whoever connects meanwhile stays in the listener's backlog.
void Server::accept(std::size_t listener) {
    if (!acceptors_[listener]->is_open()) return;  // the broker stops
    const Instant time = now();
    Duration wait{};
    {
        const std::lock_guard lock(quota_mutex_);
        wait = quota_.wait_to_accept(quota_limits(bound_[listener]), bound_[listener].name,
                                     is_exempt(bound_[listener]), time);
    }
    if (wait > Duration::zero()) {
        if (refused_.take(time)) net_log.warn("{}: new connections wait, there are too many", bound_[listener].name);
        lanes_.front()->thread->run_at(time + wait, [this, listener] { accept(listener); });
        return;
    }
    Lane& lane = *lanes_[next_lane_++ % lanes_.size()];
    acceptors_[listener]->async_accept(
        lane.thread->context(), [this, listener, &lane](const boost::system::error_code& error, tcp::socket socket) {
            if (error == asio::error::operation_aborted || !acceptors_[listener]->is_open()) return;
            if (error) {
                if (refused_.take(now())) net_log.warn("no connection can be accepted: {}", error.message());
                lanes_.front()->thread->run_at(now() + accept_rest, [this, listener] { accept(listener); });
                return;
            }
            on_accepted(bound_[listener], std::move(socket), lane);
            accept(listener);
        });
}

ConnectionQuotaLimits Server::quota_limits(const Listener& listener) const {
    const std::shared_ptr<const BrokerConfig> config = configs_.broker();
    const NetworkConfig& network = config->network;
    ConnectionQuotaLimits limits{.connections_max = network.connections_max,
                                 .per_address_max = network.connections_per_ip_max,
                                 .per_address_overrides = network.connections_per_ip_overrides,
                                 .creation_rate_max = network.connection_creation_rate_max};
    if (const auto own = network.listener_limits.find(listener.name); own != network.listener_limits.end()) {
        limits.listener_connections_max = own->second.connections_max;
        limits.listener_creation_rate_max = own->second.connection_creation_rate_max;
    }
    for (const auto& [address, name] : name_of_address_) {
        const auto limit = network.connections_per_ip_overrides.find(name);
        if (limit != network.connections_per_ip_overrides.end()) {
            limits.per_address_overrides.emplace(address, limit->second);
        }
    }
    return limits;
}

bool Server::is_exempt(const Listener& listener) const {
    return bound_.size() > 1 && listener.name == config_.inter_broker_listener_name;
}

std::size_t Server::connection_count() const {
    const std::lock_guard lock(quota_mutex_);
    return quota_.connections();
}

void Server::on_accepted(const Listener& listener, tcp::socket socket, Lane& lane) {
    boost::system::error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;  // gone already
    asio::ip::address address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    Client client{.host = address.to_string(), .listener = listener.name};
    client.connection_id = next_connection_id_++;
    {
        const std::lock_guard lock(quota_mutex_);
        if (!quota_.admit(quota_limits(listener), listener.name, is_exempt(listener), client.host, now())) {
            if (refused_.take(now())) net_log.warn("{}: refused, too many connections from there", client.host);
            return;
        }
    }
    socket.native_non_blocking(true, error);
    socket.set_option(tcp::no_delay(true), error);
    socket.set_option(asio::socket_base::keep_alive(true), error);
    // A small send buffer keeps what sendfile hands over in the processor's cache until the client
    // takes it; the kernel's own choice, megabytes, costs fetch four times the CPU on loopback. What
    // is received is moved on at once: there the kernel chooses unless told otherwise.
    if (config_.send_buffer_bytes > 0) {
        socket.set_option(asio::socket_base::send_buffer_size(config_.send_buffer_bytes), error);
    }
    if (config_.receive_buffer_bytes > 0 && config_.receive_buffer_bytes != NetworkConfig().receive_buffer_bytes) {
        socket.set_option(asio::socket_base::receive_buffer_size(config_.receive_buffer_bytes), error);
    }
    auto connection = std::make_shared<Connection>(
        std::move(socket), *lane.thread, *lane.dispatcher, budget_, std::move(client), limits_,
        [this, &lane](Connection& closed) { on_closed(lane, closed); });
    Connected connected{std::move(connection), peer.port()};
    lane.thread->post([&lane, connected = std::move(connected)] {
        lane.connections.emplace(connected.connection.get(), connected);
        connected.connection->start();
    });
}

void Server::on_closed(Lane& lane, Connection& connection) {
    {
        const std::lock_guard lock(quota_mutex_);
        quota_.release(connection.client().listener, connection.client().host);
    }
    lane.connections.erase(&connection);
    if (lane.drained != nullptr && lane.connections.empty()) std::exchange(lane.drained, nullptr)->count_down();
}

void Server::tick(Lane& lane, Instant next_deadline_check) {
    const Instant time = now();
    lane.dispatcher->on_tick(time);
    if (time >= next_deadline_check || lane.drained != nullptr) {
        next_deadline_check = time + deadline_check_interval;
        for (const auto& connection : connections_of(lane)) connection->check_deadlines(time);
    }
    lane.thread->run_at(time + tick_interval, [this, &lane, next_deadline_check] { tick(lane, next_deadline_check); });
}

void Server::log_activity() {
    for (const auto& lane : lanes_) {
        lane->thread->post([&lane = *lane] {
            net_log.info("io thread {}: {} connections", lane.thread->index(), lane.connections.size());
            for (const std::string& line : lane.dispatcher->describe(now())) net_log.info("{}", line);
        });
    }
}

void Server::ask_lanes(const std::function<void(Lane&, std::size_t)>& ask) {
    const std::lock_guard lock(asking_mutex_);
    if (stopped_) return;
    std::latch asked(static_cast<std::ptrdiff_t>(lanes_.size()));
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        lanes_[i]->thread->post([&, i] {
            ask(*lanes_[i], i);
            asked.count_down();
        });
    }
    asked.wait();
}

ConnectionInfo Server::describe(const Connected& connected, std::size_t lane) {
    const Connection& connection = *connected.connection;
    const ConnectionStats& stats = connection.stats();
    return {.id = connection.client().connection_id,
            .client = connection.client(),
            .port = connected.port,
            .connected = connection.connected(),
            .last_activity = connection.last_activity(),
            .requests = stats.requests.get(),
            .bytes_in = stats.bytes_in.get(),
            .bytes_out = stats.bytes_out.get(),
            .turns = stats.turns.get(),
            .in_flight = stats.in_flight.get(),
            .unsent = stats.unsent.get(),
            .send_blocks = stats.send_blocks.get(),
            .errors = stats.errors.get(),
            .io_thread = lane,
            .topics = connection.topics().all()};
}

std::vector<ConnectionInfo> Server::connections() {
    std::vector<std::vector<ConnectionInfo>> by_lane(lanes_.size());
    ask_lanes([&](Lane& lane, std::size_t index) {
        by_lane[index].reserve(lane.connections.size());
        for (const auto& [key, connected] : lane.connections) {
            by_lane[index].push_back(describe(connected, index));
        }
    });
    std::vector<ConnectionInfo> all;
    for (auto& some : by_lane) std::ranges::move(some, std::back_inserter(all));
    std::ranges::sort(all, {}, &ConnectionInfo::id);
    return all;
}

std::optional<ConnectionDetail> Server::connection(std::uint64_t id) {
    std::vector<std::optional<ConnectionDetail>> by_lane(lanes_.size());
    ask_lanes([&](Lane& lane, std::size_t index) {
        for (const auto& [key, connected] : lane.connections) {
            const Connection& connection = *connected.connection;
            if (connection.client().connection_id != id) continue;
            const RecentRequests& requests = connection.recent_requests();
            by_lane[index] = ConnectionDetail{describe(connected, index), requests.newest(), requests.uses()};
        }
    });
    for (auto& detail : by_lane) {
        if (detail) return std::move(detail);
    }
    return std::nullopt;
}

bool Server::close_connection(std::uint64_t id, std::string why) {
    std::atomic<bool> closed{false};
    ask_lanes([&](Lane& lane, std::size_t) {
        for (const auto& [key, connected] : lane.connections) {
            if (connected.connection->client().connection_id != id) continue;
            const std::shared_ptr<Connection> connection = connected.connection;  // close() takes it out of the map
            connection->close(why.c_str());
            closed = true;
            return;
        }
    });
    return closed;
}

std::vector<const RequestMetrics*> Server::request_metrics() const {
    std::vector<const RequestMetrics*> all;
    for (const auto& lane : lanes_) all.push_back(&lane->dispatcher->metrics());
    return all;
}

std::vector<SlowRequest> Server::slow_requests() const {
    std::vector<SlowRequest> all;
    for (const auto& lane : lanes_) {
        std::vector<SlowRequest> some = lane->dispatcher->slow_requests().slowest();
        std::ranges::move(some, std::back_inserter(all));
    }
    std::ranges::sort(all, std::ranges::greater{}, &SlowRequest::total);
    return all;
}

std::vector<WaitingRequest> Server::waiting_requests() {
    std::vector<std::vector<WaitingRequest>> by_lane(lanes_.size());
    ask_lanes([&](Lane& lane, std::size_t index) { by_lane[index] = lane.dispatcher->waiting_requests(now()); });
    std::vector<WaitingRequest> all;
    for (auto& some : by_lane) std::ranges::move(some, std::back_inserter(all));
    return all;
}

void Server::stop() {
    {
        const std::lock_guard lock(asking_mutex_);
        if (std::exchange(stopped_, true)) return;
    }
    if (lanes_.front()->thread->is_running()) {
        stop_accepting();
        std::latch drained(static_cast<std::ptrdiff_t>(lanes_.size()));
        for (const auto& lane : lanes_) {
            lane->thread->post([this, &lane = *lane, &drained] { drain(lane, drained); });
        }
        drained.wait();
    }
    for (const auto& lane : lanes_) lane->thread->stop();
}

void Server::stop_accepting() {
    std::latch closed(1);
    lanes_.front()->thread->post([&] {
        boost::system::error_code ignored;
        for (const auto& acceptor : acceptors_) acceptor->close(ignored);
        closed.count_down();
    });
    closed.wait();
}

void Server::drain(Lane& lane, std::latch& drained) {
    lane.drained = &drained;
    lane.dispatcher->finish_waiting();
    for (const auto& connection : connections_of(lane)) connection->drain();
    if (lane.connections.empty() && lane.drained != nullptr) std::exchange(lane.drained, nullptr)->count_down();
    lane.thread->run_at(now() + drain_max, [&lane] {
        const auto owed = std::ranges::count_if(
            lane.connections, [](const auto& entry) { return entry.second.connection->owes_answers(); });
        if (owed > 0) net_log.warn("{} clients are cut off with answers outstanding", owed);
        for (const auto& connection : connections_of(lane)) connection->close("the broker stops");
    });
}

std::vector<std::shared_ptr<Connection>> Server::connections_of(const Lane& lane) {
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(lane.connections.size());
    for (const auto& [key, connected] : lane.connections) all.push_back(connected.connection);
    return all;
}

}  // namespace mamba::broker::net
