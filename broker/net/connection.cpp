#include "broker/net/connection.h"

#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "broker/logging.h"

namespace mamba::broker::net {
namespace {

const Logger net_log = logger("mamba.net");

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);  // (error, value), never throws

// While the budget is spent a reader looks again this often; there is no queue of waiting readers.
constexpr Duration budget_retry = std::chrono::milliseconds(5);

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, IoThread& thread, FrameHandler& handler,
                       MemoryBudget& budget, Client client, ConnectionLimits limits,
                       std::function<void(Connection&)> on_closed)
    : socket_(std::move(socket)),
      thread_(thread),
      handler_(handler),
      budget_(budget),
      client_(std::move(client)),
      limits_(limits),
      on_closed_(std::move(on_closed)),
      frames_(thread.buffers(), limits.request_bytes_max),
      may_read_again_(thread.context()),
      connected_(std::chrono::steady_clock::now()),
      last_activity_(connected_),
      send_progress_(last_activity_) {}

// Where answers are handed in. It outlives the connection as long as somebody means to answer.
class Connection::Outbox final : public AnswerQueue {
public:
    Outbox(std::weak_ptr<Connection> connection, IoThread& thread)
        : connection_(std::move(connection)), thread_(thread) {}

    void answer(std::uint64_t place, Answer answer) override {
        if (thread_.is_this_thread()) {
            if (const auto connection = connection_.lock()) connection->on_answer(place, std::move(answer));
            return;
        }
        // Locked over there only: the connection must not die on this thread.
        thread_.post([weak = connection_, place, answer = std::move(answer)]() mutable {
            if (const auto connection = weak.lock()) connection->on_answer(place, std::move(answer));
        });
    }
    void skip(std::uint64_t place, Answer told) override { answer(place, std::move(told)); }
    void close_connection(const char* why) override {
        if (thread_.is_this_thread()) {
            if (const auto connection = connection_.lock()) connection->close(why);
            return;
        }
        thread_.post([weak = connection_, why] {
            if (const auto connection = weak.lock()) connection->close(why);
        });
    }
    bool is_gone() const override {
        const auto connection = connection_.lock();
        return !connection || connection->is_closed();
    }

private:
    const std::weak_ptr<Connection> connection_;
    IoThread& thread_;
};

Connection::~Connection() { budget_.give_back(budget_held_); }

void Connection::start() {
    outbox_ = std::make_shared<Outbox>(weak_from_this(), thread_);
    asio::co_spawn(
        thread_.context(), [](std::shared_ptr<Connection> self) { return self->read_requests(); }(shared_from_this()),
        [self = shared_from_this()](std::exception_ptr) { self->close("the client closed"); });
}

asio::awaitable<void> Connection::read_requests() {
    while (!closed_) {
        while (!closed_ && !may_read()) {
            // Answers that leave wake the reader; nobody tells it that the budget has room again.
            const bool is_woken = draining_ || has_answers_to_wait_for();
            may_read_again_.expires_after(is_woken ? Duration(std::chrono::hours(1)) : budget_retry);
            co_await may_read_again_.async_wait(as_result);
        }
        if (closed_) co_return;
        if (draining_) break;
        if (frames_left_) {
            if (!handle_frames()) co_return;
            continue;
        }

        const auto room = frames_.writable();
        std::array<iovec, 2> parts{iovec{room[0].data(), room[0].size()}, iovec{room[1].data(), room[1].size()}};
        const ssize_t size = ::readv(socket_.native_handle(), parts.data(), room[1].empty() ? 1 : 2);
        if (size == 0) co_return;  // the client is done
        if (size < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK) co_return;
            frames_.recycle();  // gives the buffer back while there is nothing to read
            const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, as_result);
            if (error) co_return;
            continue;
        }

        frames_.received(static_cast<std::size_t>(size));
        stats_.bytes_in.add(static_cast<std::uint64_t>(size));
        last_activity_ = std::chrono::steady_clock::now();
        if (!handle_frames()) co_return;
        if (frames_left_) continue;

        // A receive that did not fill the buffer has emptied the socket: waiting costs less than
        // asking it again for nothing.
        if (static_cast<std::size_t>(size) < room[0].size() + room[1].size()) {
            const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, as_result);
            if (error) co_return;
        } else {
            // One that sends faster than it is served must not keep the others of its thread waiting.
            co_await asio::post(thread_.context(), asio::use_awaitable);
        }
    }
    co_await discard_input();
}

// Until the client closes.
asio::awaitable<void> Connection::discard_input() {
    std::array<std::byte, 4096> scratch;
    while (!closed_) {
        const ssize_t size = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
        if (size > 0 || (size < 0 && errno == EINTR)) continue;
        if (size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) co_return;
        const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, as_result);
        if (error) co_return;
    }
}

// One turn. False when the connection must end.
bool Connection::handle_frames() {
    bool any = false;
    bool good = true;
    frames_left_ = false;
    while (!closed_) {
        // The bound holds within a turn as well: small requests can have large answers.
        if (has_answers_to_wait_for()) {
            frames_left_ = true;
            break;
        }
        const auto frame = frames_.next();
        if (!frame) {
            handler_.on_bad_frame_size(client_, frame.error().size);
            good = false;
            break;
        }
        if (!frame->has_value()) break;
        any = true;
        const std::uint64_t place = first_place_ + places_.size();
        places_.emplace_back(Place{.received = last_activity_, .bytes_in = (**frame).size(), .answer = {}});
        stats_.requests.add(1);
        if (!handler_.on_frame(**frame, ReplySlot(outbox_, place), client_, last_activity_)) {
            good = false;
            break;
        }
    }
    handler_.end_turn();
    if (any) stats_.turns.add(1);
    stats_.in_flight.set(places_.size());
    frames_.recycle();

    if (!frames_.inside_frame()) {
        frame_started_ = Instant::max();
    } else if (any || frame_started_ == Instant::max()) {
        frame_started_ = last_activity_;
    }
    const std::size_t held = closed_ ? 0 : frames_.large_bytes();
    if (held > budget_held_) budget_.take(held - budget_held_);
    if (held < budget_held_) budget_.give_back(budget_held_ - held);
    budget_held_ = held;

    thread_.end_turn();
    return good && !closed_;
}

bool Connection::has_answers_to_wait_for() const {
    return places_.size() >= limits_.in_flight_max || unsent_bytes_ >= limits_.answer_bytes_max;
}

bool Connection::may_read() const {
    if (draining_) return is_shut_down();
    return !has_answers_to_wait_for() && (frames_.inside_frame() || !budget_.spent());
}

void Connection::on_answer(std::uint64_t place, Answer answer) {
    if (closed_) return;
    const std::uint64_t index = place - first_place_;
    Place& target = places_.at(index);
    std::size_t size = answer.bytes.size();
    for (const protocol::Splice& splice : answer.splices) size += splice.length;
    unsent_bytes_ += size;
    if (answer.error != ErrorCode::none) stats_.errors.add(1);
    target.answer = std::move(answer);
    target.ready = std::chrono::steady_clock::now();
    if (index == 0) flush_at_turn_end();
}

void Connection::flush_at_turn_end() {
    if (flush_planned_ || waits_writable_) return;
    flush_planned_ = true;
    thread_.at_turn_end([self = shared_from_this()] {
        self->flush_planned_ = false;
        self->flush();
    });
}

void Connection::flush() {
    if (closed_ || waits_writable_) return;
    const Sent sent = send_some();
    stats_.in_flight.set(places_.size());
    stats_.unsent.set(unsent_bytes_);
    if (closed_) return;
    if (sent == Sent::failed) return close("the client is gone");
    if (sent == Sent::blocked) {
        stats_.send_blocks.add(1);
        wait_writable();
    }
    if (draining_ && places_.empty()) return shut_down_sending();
    if (may_read()) may_read_again_.cancel();
}

Connection::Sent Connection::send_some() {
    pop_sent_places();
    while (!places_.empty() && places_.front().is_ready()) {
        const Answer& head = places_.front().answer;
        const bool at_slice = cursor_.splice < head.splices.size() &&
                              head.splices[cursor_.splice].position == cursor_.position;
        const Sent sent = at_slice ? send_slice() : send_bytes();
        if (sent != Sent::all) return sent;
        pop_sent_places();
        if (closed_) return Sent::all;
    }
    return Sent::all;
}

// Sends owned bytes of as many ready answers as one call takes, up to the first slice.
Connection::Sent Connection::send_bytes() {
    std::array<iovec, 64> parts;
    std::size_t count = 0;
    std::size_t total = 0;
    bool slice_follows = false;
    SendCursor at = cursor_;
    for (Place& place : places_) {
        if (!place.is_ready() || count == parts.size() || slice_follows) break;
        Answer& answer = place.answer;
        std::size_t end = answer.bytes.size();
        if (at.splice < answer.splices.size()) {
            end = answer.splices[at.splice].position;
            slice_follows = true;
        }
        if (end > at.position) {
            parts[count++] = {answer.bytes.data() + at.position, end - at.position};
            total += end - at.position;
        }
        at = {};
        if (answer.close_after) break;
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t sent =
        ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT | (slice_follows ? MSG_MORE : 0));
    if (sent < 0) {
        if (errno == EINTR) return Sent::all;
        return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::blocked : Sent::failed;
    }
    advance(static_cast<std::size_t>(sent));
    return static_cast<std::size_t>(sent) < total ? Sent::blocked : Sent::all;
}

// Sends from the file to the socket without the bytes ever entering user space.
Connection::Sent Connection::send_slice() {
    Answer& answer = places_.front().answer;
    const protocol::Splice& splice = answer.splices[cursor_.splice];
    const log::FileSlice& slice = answer.slices[splice.source];
    auto offset = static_cast<off_t>(slice.position) + static_cast<off_t>(cursor_.splice_sent);
    const std::size_t left = splice.length - cursor_.splice_sent;
    const ssize_t sent = ::sendfile(socket_.native_handle(), slice.file->descriptor(), &offset, left);
    if (sent < 0) {
        if (errno == EINTR) return Sent::all;
        return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::blocked : Sent::failed;
    }
    if (sent == 0) return Sent::failed;  // the file is shorter than what was promised
    const auto size = static_cast<std::size_t>(sent);
    stats_.bytes_out.add(size);
    unsent_bytes_ -= size;
    send_progress_ = last_activity_ = std::chrono::steady_clock::now();
    cursor_.splice_sent += size;
    if (cursor_.splice_sent == splice.length) {
        cursor_.splice_sent = 0;
        ++cursor_.splice;
    }
    return size < left ? Sent::blocked : Sent::all;
}

void Connection::advance(std::size_t bytes) {
    stats_.bytes_out.add(bytes);
    unsent_bytes_ -= bytes;
    if (bytes > 0) send_progress_ = last_activity_ = std::chrono::steady_clock::now();
    while (bytes > 0) {
        const Answer& head = places_.front().answer;
        const std::size_t end = cursor_.splice < head.splices.size() ? head.splices[cursor_.splice].position
                                                                      : head.bytes.size();
        const std::size_t step = std::min(bytes, end - cursor_.position);
        cursor_.position += step;
        bytes -= step;
        if (bytes > 0) pop_sent_places();
    }
}

// Drops answers that are sent whole, and places that have none.
void Connection::pop_sent_places() {
    while (!places_.empty() && places_.front().is_ready()) {
        const Answer& head = places_.front().answer;
        if (cursor_.position < head.bytes.size() || cursor_.splice < head.splices.size()) return;
        const bool close_after = head.close_after;
        if (head.api_key >= 0) tell_of(places_.front());
        places_.pop_front();
        ++first_place_;
        cursor_ = {};
        if (close_after) return close("the request could not be answered any further");
    }
}

void Connection::tell_of(const Place& place) {
    const Answer& answer = place.answer;
    Duration waited{};
    if (answer.parked != Instant{}) {
        waited = (answer.resumed == Instant{} ? place.ready : answer.resumed) - answer.parked;
    }
    std::size_t bytes_out = answer.bytes.size();
    for (const protocol::Splice& splice : answer.splices) bytes_out += splice.length;
    const ServedRequest served{.api_key = answer.api_key,
                               .version = answer.version,
                               .error = answer.error,
                               .received = place.received,
                               .ready = place.ready,
                               .sent = std::max(send_progress_, place.ready),  // of no bytes nothing is sent
                               .waited = waited,
                               .bytes_in = place.bytes_in,
                               .bytes_out = bytes_out,
                               .client = client_,
                               .topic = answer.topic,
                               .topic_id = answer.topic_id};
    recent_.add(served);
    topics_.add(answer.topics);
    handler_.on_sent(served);
}

void Connection::wait_writable() {
    waits_writable_ = true;
    socket_.async_wait(asio::socket_base::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           self->waits_writable_ = false;
                           if (error) return self->close("the client is gone");
                           self->flush();
                           self->thread_.end_turn();
                       });
}

void Connection::drain() {
    if (closed_ || draining_) return;
    draining_ = true;
    if (places_.empty()) shut_down_sending();
}

void Connection::shut_down_sending() {
    boost::system::error_code error;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    if (error) return close("the client is gone");
    shut_down_at_ = std::chrono::steady_clock::now();
    may_read_again_.cancel();
}

void Connection::check_deadlines(Instant now) {
    if (closed_) return;
    if (is_shut_down()) {
        if (now - shut_down_at_ > limits_.linger_max) close("the broker stops and the client does not close");
        return;
    }
    if (has_answers_to_wait_for()) {
        // It is we who do not read: what is in a frame's way is not the client's fault, and that the
        // client has gone would not be seen.
        if (frame_started_ != Instant::max()) frame_started_ = now;
        if (has_hung_up()) return close("the client closed");
    } else if (frame_started_ != Instant::max()) {
        const auto more = std::chrono::seconds(frames_.large_bytes() / limits_.half_frame_bytes_per_second);
        if (now - frame_started_ > limits_.half_frame_max + more) return close("a request was begun but not finished");
    }
    if (unsent_bytes_ > 0) {
        if (now - send_progress_ > limits_.send_stall_max) close("the client takes no answers");
        return;
    }
    send_progress_ = now;
    if (places_.empty() && now - last_activity_ > limits_.idle_max) close("idle");
}

bool Connection::has_hung_up() {
    pollfd socket{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&socket, 1, 0) > 0 && (socket.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void Connection::close(const char* why) {
    if (closed_) return;
    closed_ = true;
    net_log.debug("{}: closed, {}", client_.host, why);
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    may_read_again_.cancel();
    places_.clear();
    if (on_closed_) std::exchange(on_closed_, nullptr)(*this);
}

}  // namespace mamba::broker::net
