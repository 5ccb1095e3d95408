// One client's connection: receives frames, hands them to the dispatcher in turns, and sends the
// answers in request order.
//
// A turn is one receive: all frames in it are handled before any answer leaves, so appends to one
// partition become one write and the answers one send. The connection goes on reading while earlier
// requests wait, until `in_flight_max` of them or `answer_bytes_max` of unsent answers are reached,
// be it in the middle of a turn.
//
// Lives and dies on one io thread. Whoever answers later, from any thread, holds an Outbox and not the
// connection: a request that is parked for minutes keeps nothing of a client that has gone.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "broker/answer.h"
#include "broker/client_topics.h"
#include "broker/connection_stats.h"
#include "broker/frame_handler.h"
#include "broker/net/frame_reader.h"
#include "broker/net/io_thread.h"
#include "broker/net/memory_budget.h"
#include "broker/recent_requests.h"
#include "broker/request.h"

namespace mamba::broker::net {

struct ConnectionLimits {
    std::int32_t request_bytes_max = 100 * 1024 * 1024;   // socket.request.max.bytes
    std::size_t in_flight_max = 1000;                     // requests that wait for their answers
    std::size_t answer_bytes_max = 16 * 1024 * 1024;      // unsent; one answer may exceed it
    Duration idle_max = std::chrono::minutes(10);         // connections.max.idle.ms
    Duration half_frame_max = std::chrono::seconds(30);   // from a frame's first byte to its last,
    std::size_t half_frame_bytes_per_second = 16 * 1024;  // and a second more for so many of its bytes
    Duration send_stall_max = std::chrono::minutes(2);    // a client that takes nothing at all
    Duration linger_max = std::chrono::milliseconds(500);  // when drained, for the client to close
};

class Connection final : public std::enable_shared_from_this<Connection> {
public:
    Connection(asio::ip::tcp::socket socket, IoThread& thread, FrameHandler& handler,
               MemoryBudget& budget, Client client, ConnectionLimits limits,
               std::function<void(Connection&)> on_closed);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();
    void close(const char* why);
    // For a stop in order: reads no further request, sends the answers to those it has handled, shuts
    // its sending side and lets the client close. What the client sends meanwhile is thrown away: a
    // socket closed over unread bytes is reset, and answers on their way would be lost.
    void drain();
    // Ends it when one of its deadlines has passed.
    void check_deadlines(Instant now);

    const Client& client() const { return client_; }
    const ConnectionStats& stats() const { return stats_; }
    Instant connected() const { return connected_; }
    Instant last_activity() const { return last_activity_; }
    const RecentRequests& recent_requests() const { return recent_; }  // on its own thread
    const ClientTopics& topics() const { return topics_; }             // likewise
    bool is_closed() const { return closed_; }
    bool owes_answers() const { return !places_.empty(); }

private:
    class Outbox;

    // One request's answer, in order; empty until it is there.
    struct Place {
        Instant received;
        Instant ready = Instant::max();  // when the answer came; max(): not yet
        std::size_t bytes_in = 0;
        Answer answer;

        bool is_ready() const { return ready != Instant::max(); }
    };
    // How far the first answer in the queue is sent.
    struct SendCursor {
        std::size_t position = 0;      // in Answer::bytes
        std::size_t splice = 0;        // in Answer::splices
        std::size_t splice_sent = 0;   // bytes of that splice
    };
    enum class Sent { all, blocked, failed };

    asio::awaitable<void> read_requests();
    asio::awaitable<void> discard_input();
    bool handle_frames();
    bool may_read() const;
    bool has_answers_to_wait_for() const;
    bool has_hung_up();
    void on_answer(std::uint64_t place, Answer answer);
    void flush_at_turn_end();
    void flush();
    Sent send_some();
    Sent send_bytes();
    Sent send_slice();
    void advance(std::size_t bytes);
    void pop_sent_places();
    void tell_of(const Place& place);
    void wait_writable();
    void shut_down_sending();
    bool is_shut_down() const { return shut_down_at_ != Instant::max(); }

    asio::ip::tcp::socket socket_;
    IoThread& thread_;
    FrameHandler& handler_;
    MemoryBudget& budget_;
    Client client_;
    const ConnectionLimits limits_;
    std::function<void(Connection&)> on_closed_;

    FrameReader frames_;
    bool frames_left_ = false;  // whole ones, received but not handled yet
    std::size_t budget_held_ = 0;
    std::shared_ptr<Outbox> outbox_;
    std::deque<Place> places_;
    std::uint64_t first_place_ = 0;  // the number of places_.front()
    SendCursor cursor_;
    std::size_t unsent_bytes_ = 0;
    bool flush_planned_ = false;
    bool waits_writable_ = false;
    bool draining_ = false;
    bool closed_ = false;
    asio::steady_timer may_read_again_;  // cancelled to wake the reader

    const Instant connected_;
    Instant last_activity_;
    Instant frame_started_ = Instant::max();  // of a frame that is not whole yet
    Instant send_progress_;
    Instant shut_down_at_ = Instant::max();  // the sending side
    ConnectionStats stats_;
    RecentRequests recent_;
    ClientTopics topics_;
};

}  // namespace mamba::broker::net
