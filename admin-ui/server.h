// The console's socket side: listeners of its own, one thread for all its connections, a few threads
// for its handlers, and the limits that keep it from ever being in the broker's way. What may wait for the
// broker or its disks, a change or a scan, has threads of its own: a broker that is stuck can be looked at.
//
// HTTP/1.1 with keep-alive. Every answer carries the security headers; a body of more than a KiB is
// compressed when the client takes gzip; an ETag that the client has already gives 304.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "admin-ui/answer_counts.h"
#include "admin-ui/http.h"
#include "broker/config/config.h"
#include "broker/worker_pool.h"

namespace mamba::admin {

struct ServerLimits {
    std::size_t connections_max = 64;
    std::size_t streams_max = 32;  // answers that come bit by bit
    std::uint32_t header_bytes_max = 16 * 1024;
    std::uint64_t body_bytes_max = 1024 * 1024;
    std::uint64_t produce_bytes_max = 32 * 1024 * 1024;  // of records to be produced
    std::size_t memory_bytes_max = 128 * 1024 * 1024;    // of bodies and answers that are under way
    std::chrono::milliseconds header_time_max{10'000};
    std::chrono::milliseconds body_time_max{60'000};
    std::chrono::milliseconds idle_time_max{60'000};
    std::chrono::milliseconds write_time_max{10'000};  // for one piece of an answer
    std::chrono::milliseconds linger_time_max{2'000};  // for a refused client to take the refusal
};

class Server {
public:
    // Answers a request; called on the handlers' threads.
    using Handle = std::function<Response(Request&)>;

    // Binds console.listeners. The error is a sentence; the broker goes on without. `counts` outlive it.
    static std::expected<std::unique_ptr<Server>, std::string> open(const broker::ConsoleConfig& config, Handle handle,
                                                                    AnswerCounts& counts, ServerLimits limits = {});
    ~Server();  // stop()
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();
    // Closes all connections and ends the threads; a handler under way is waited for.
    void stop();

    // As bound: a configured port 0 is the one that the system chose.
    const std::vector<std::string>& urls() const { return urls_; }

private:
    using tcp = boost::asio::ip::tcp;

    Server(Handle handle, AnswerCounts& counts, ServerLimits limits);
    std::expected<void, std::string> bind(const broker::ConsoleListener& listener, bool allow_insecure);
    boost::asio::awaitable<void> accept(tcp::acceptor& acceptor);
    boost::asio::awaitable<void> serve(tcp::socket socket);

    class Exchange;

    const Handle handle_;
    AnswerCounts& counts_;
    const ServerLimits limits_;
    std::size_t connections_ = 0;  // of the console's thread, as the next two
    std::size_t streams_ = 0;
    std::size_t held_bytes_ = 0;  // of bodies and answers
    boost::asio::io_context context_{1};  // holds what counts in these
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::vector<std::unique_ptr<tcp::acceptor>> acceptors_;
    std::vector<std::string> urls_;
    std::unique_ptr<broker::WorkerPool> handlers_;       // of what only looks
    std::unique_ptr<broker::WorkerPool> slow_handlers_;  // of changes and scans
    std::thread thread_;
    bool stopped_ = false;
};

}  // namespace mamba::admin
