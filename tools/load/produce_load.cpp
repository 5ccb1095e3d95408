#include "tools/load/produce_load.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <thread>

#include "protocol/api.h"
#include "protocol/byte_order.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/produce.h"
#include "tools/load/prepared_requests.h"

namespace mamba::load {
namespace {

using client::Clock;
using client::Error;
using client::Failure;

constexpr protocol::MessageVersion produce_version_max = 12;  // topics by name
constexpr protocol::MessageVersion produce_version_min = 9;
constexpr std::size_t receive_bytes = 256 << 10;
constexpr std::size_t pieces_max = 256;  // of one sendmsg
constexpr std::chrono::seconds silence_max{60};

std::unexpected<Error> lost(std::string_view what) {
    return std::unexpected(
        Error{Failure::unreachable,
              fmt::format("the connection was lost while {}: {}", what,
                          errno == 0 ? "closed by the broker" : std::strerror(errno))});
}

// One connection: its ring of requests, and which of them are on their way.
class Lane {
public:
    Lane(client::Connection connection, PreparedRequests requests, const ProducePlan& plan)
        : connection_(std::move(connection)),
          requests_(std::move(requests)),
          in_flight_max_(static_cast<std::size_t>(plan.in_flight)),
          expects_answers_(plan.acks != 0),
          sent_at_(requests_.slots()),
          received_(receive_bytes) {}

    int fd() { return connection_.socket().fd(); }
    bool has_room() const { return in_flight() < in_flight_max_; }
    bool is_idle() const { return in_flight() == 0 && unsent_ == queued_; }
    bool wants_to_write() const { return unsent_ < queued_; }
    // Requests queued since the beginning.
    std::uint64_t queued() const { return queued_; }

    void queue(Clock::time_point intended) {
        const std::size_t slot = queued_ % requests_.slots();
        requests_.prepare(slot);
        sent_at_[slot] = intended;
        ++queued_;
    }

    // Sends what is queued until the socket is full.
    std::expected<void, Error> send() {
        while (unsent_ < queued_) {
            std::array<iovec, pieces_max> pieces;
            std::size_t count = 0;
            for (std::uint64_t i = unsent_; i < queued_ && count < pieces.size(); ++i) {
                BytesView frame = requests_.frame(i % requests_.slots());
                if (i == unsent_) frame = frame.subspan(sent_of_first_);
                iovec* const last = count > 0 ? &pieces[count - 1] : nullptr;
                if (last &&
                    static_cast<std::byte*>(last->iov_base) + last->iov_len == frame.data()) {
                    last->iov_len += frame.size();
                } else {
                    pieces[count++] = {const_cast<std::byte*>(frame.data()), frame.size()};
                }
            }
            msghdr message{};
            message.msg_iov = pieces.data();
            message.msg_iovlen = count;
            const ssize_t sent = sendmsg(fd(), &message, MSG_NOSIGNAL);
            if (sent < 0 && errno == EAGAIN) return {};
            if (sent < 0 && errno == EINTR) continue;
            if (sent < 0) return lost("sending");
            note_sent(static_cast<std::size_t>(sent));
        }
        return {};
    }

    // Reads what has come, and calls on_answer(slot, intended send time) for each answer.
    template <class OnAnswer>
    std::expected<void, Error> receive(OnAnswer on_answer) {
        const ssize_t got =
            recv(fd(), received_.data() + filled_, received_.size() - filled_, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {};
        if (got == 0) errno = 0;
        if (got <= 0) return lost("waiting for answers");
        filled_ += static_cast<std::size_t>(got);
        std::size_t at = 0;
        while (filled_ - at >= sizeof(std::int32_t)) {
            const auto size =
                static_cast<std::size_t>(protocol::load_be<std::uint32_t>(received_.data() + at));
            if (size > received_.size() - sizeof(std::int32_t)) {
                return std::unexpected(
                    Error{Failure::malformed, fmt::format("an answer of {} bytes", size)});
            }
            if (filled_ - at - sizeof(std::int32_t) < size) break;
            const auto checked =
                check(BytesView(received_).subspan(at + sizeof(std::int32_t), size));
            if (!checked) return checked;
            const std::size_t slot = answered_ % requests_.slots();
            ++answered_;
            on_answer(requests_.batch_bytes(slot), sent_at_[slot]);
            at += sizeof(std::int32_t) + size;
        }
        std::memmove(received_.data(), received_.data() + at, filled_ - at);
        filled_ -= at;
        return {};
    }

    // What left without expecting an answer since the last call; only for acks=0.
    template <class OnSent>
    void take_unanswered(OnSent on_sent) {
        for (; !expects_answers_ && answered_ < unsent_; ++answered_) {
            const std::size_t slot = answered_ % requests_.slots();
            on_sent(requests_.batch_bytes(slot), sent_at_[slot]);
        }
    }

    client::Connection& connection() { return connection_; }

private:
    std::size_t in_flight() const { return static_cast<std::size_t>(queued_ - answered_); }

    void note_sent(std::size_t bytes) {
        sent_of_first_ += bytes;
        while (unsent_ < queued_) {
            const std::size_t size = requests_.frame(unsent_ % requests_.slots()).size();
            if (sent_of_first_ < size) break;
            sent_of_first_ -= size;
            ++unsent_;
        }
    }

    std::expected<void, Error> check(BytesView answer) const {
        const auto skimmed = skim_produce_answer(answer);
        if (!skimmed) {
            return std::unexpected(
                Error{Failure::malformed, fmt::format("an answer that cannot be decoded: {}",
                                                      protocol::describe(skimmed.error()))});
        }
        const auto expected = static_cast<std::int32_t>(answered_ % requests_.slots());
        if (skimmed->correlation_id != expected) {
            return std::unexpected(Error{Failure::malformed, "answers came in another order"});
        }
        if (skimmed->error != ErrorCode::none) {
            return std::unexpected(client::refusal("produce", skimmed->error));
        }
        return {};
    }

    client::Connection connection_;
    PreparedRequests requests_;
    std::size_t in_flight_max_;
    bool expects_answers_;
    std::uint64_t queued_ = 0;    // requests handed to this lane
    std::uint64_t unsent_ = 0;    // the first that is not sent whole
    std::uint64_t answered_ = 0;  // the first without an answer
    std::size_t sent_of_first_ = 0;
    std::vector<Clock::time_point> sent_at_;  // by slot: when it was meant to leave
    Bytes received_;
    std::size_t filled_ = 0;
};

class EventPoll {
public:
    EventPoll() : fd_(epoll_create1(EPOLL_CLOEXEC)) { assert(fd_ >= 0); }
    ~EventPoll() { close(fd_); }
    EventPoll(const EventPoll&) = delete;
    EventPoll& operator=(const EventPoll&) = delete;

    void watch(int fd, std::uint32_t lane) {
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.u32 = lane;
        const int added = epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event);
        assert(added == 0);
    }
    std::span<const epoll_event> wait(std::chrono::nanoseconds timeout) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
        const timespec limit{seconds.count(), (timeout - seconds).count()};
        const int count =
            epoll_pwait2(fd_, events_.data(), static_cast<int>(events_.size()), &limit, nullptr);
        return std::span(events_).first(static_cast<std::size_t>(std::max(count, 0)));
    }

private:
    int fd_;
    std::array<epoll_event, 256> events_{};
};

class ProduceLoad {
public:
    ProduceLoad(const ProducePlan& plan, std::vector<Lane> lanes, pid_t broker)
        : plan_(plan), lanes_(std::move(lanes)), broker_(broker) {}

    std::expected<Report, Error> run() {
        prctl(PR_SET_TIMERSLACK, 1);  // fixed rates need timers that fire when they are due
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            poll_.watch(lanes_[i].fd(), static_cast<std::uint32_t>(i));
        }
        start_ = Clock::now();
        last_answer_ = start_;
        if (plan_.warm_up.count() == 0) begin_measuring();
        while (!is_done()) {
            for (Lane& lane : lanes_) {
                fill(lane);
                if (auto sent = lane.send(); !sent) return std::unexpected(sent.error());
                lane.take_unanswered([&](std::uint64_t bytes, Clock::time_point intended) {
                    count_answer(bytes, intended);
                });
            }
            if (is_done()) break;
            const auto events = poll_.wait(time_to_next());
            now_ = Clock::now();
            for (const epoll_event& event : events) {
                if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) continue;
                auto received = lanes_[event.data.u32].receive(
                    [&](std::uint64_t bytes, Clock::time_point intended) {
                        count_answer(bytes, intended);
                    });
                if (!received) return std::unexpected(received.error());
            }
            if (now_ - last_answer_ > silence_max) {
                return std::unexpected(Error{Failure::timeout, "no answer for a minute"});
            }
            if (!measurement_ && now_ - start_ >= plan_.warm_up) begin_measuring();
        }
        if (plan_.acks == 0) {
            if (auto settled = wait_until_handled(); !settled) {
                return std::unexpected(settled.error());
            }
        }
        measurement_->finish(report_);
        return std::move(report_);
    }

private:
    bool is_done() const { return measurement_ && report_.requests >= plan_.requests; }

    void begin_measuring() {
        report_ = Report();
        report_.mode = "produce";
        measurement_.emplace(broker_);
    }

    void count_answer(std::uint64_t bytes, Clock::time_point intended) {
        last_answer_ = now_;
        if (is_done()) return;
        ++report_.requests;
        report_.records += static_cast<std::uint64_t>(plan_.records_per_batch) *
                           static_cast<std::uint64_t>(plan_.partitions_per_request);
        report_.bytes += bytes;
        report_.latencies.add(now_ - intended);
    }

    std::chrono::nanoseconds interval() const {
        return std::chrono::nanoseconds(
            static_cast<std::int64_t>(1e9 * static_cast<double>(lanes_.size()) / plan_.rate));
    }
    // When the lane's next request is due at a fixed rate; the lanes take turns.
    Clock::time_point due(const Lane& lane) const {
        const auto index = &lane - lanes_.data();
        return start_ + interval() * static_cast<std::int64_t>(lane.queued()) +
               interval() * index / static_cast<std::int64_t>(lanes_.size());
    }

    void fill(Lane& lane) {
        now_ = Clock::now();
        while (lane.has_room()) {
            Clock::time_point intended = now_;
            if (plan_.rate > 0) {
                intended = due(lane);
                if (intended > now_) return;
            }
            lane.queue(intended);
        }
    }

    std::chrono::nanoseconds time_to_next() const {
        constexpr std::chrono::nanoseconds step = std::chrono::milliseconds(100);
        if (plan_.rate <= 0) return step;
        std::chrono::nanoseconds shortest = step;
        const Clock::time_point now = Clock::now();
        for (const Lane& lane : lanes_) {
            if (lane.has_room()) shortest = std::min(shortest, due(lane) - now);
        }
        return std::max(shortest, std::chrono::nanoseconds(0));
    }

    // Requests of one connection are handled in order, so an answer to one more means that all
    // those without an answer have been seen.
    std::expected<void, Error> wait_until_handled() {
        for (Lane& lane : lanes_) {
            while (lane.wants_to_write()) {
                if (auto sent = lane.send(); !sent) return sent;
            }
            protocol::MetadataRequest request;
            const auto answer = lane.connection().call<protocol::MetadataResponse>(request);
            if (!answer) return std::unexpected(answer.error());
        }
        return {};
    }

    const ProducePlan& plan_;
    std::vector<Lane> lanes_;
    pid_t broker_;
    EventPoll poll_;
    Report report_;
    std::optional<Measurement> measurement_;
    Clock::time_point start_;
    Clock::time_point now_;
    Clock::time_point last_answer_;
};

std::expected<PreparedRequests::Producer, Error> producer_of(client::Connection& connection) {
    protocol::InitProducerIdRequest request;
    request.transactional_id = std::nullopt;
    auto answer = connection.call<protocol::InitProducerIdResponse>(request);
    const Clock::time_point deadline = Clock::now() + std::chrono::seconds(10);
    // A broker that has just started may have no block of ids yet.
    while (answer && is_retriable(static_cast<ErrorCode>(answer->error_code)) &&
           Clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        answer = connection.call<protocol::InitProducerIdResponse>(request);
    }
    if (!answer) return std::unexpected(answer.error());
    if (answer->error_code != 0) {
        return std::unexpected(
            client::refusal("producer id", static_cast<ErrorCode>(answer->error_code)));
    }
    return PreparedRequests::Producer{ProducerId(answer->producer_id),
                                      ProducerEpoch(answer->producer_epoch)};
}

}  // namespace

std::expected<Report, Error> run_produce(client::Cluster& cluster, const ProducePlan& plan,
                                         pid_t broker) {
    const Timestamp now(std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count());
    std::vector<Lane> lanes;
    for (int i = 0; i < plan.connections; ++i) {
        auto connection =
            client::Connection::connect(cluster.any().address(), {.client_id = "mambamq-bench"});
        if (!connection) return std::unexpected(connection.error());
        const auto version =
            connection->version_of(protocol::ProduceRequest::api_key, produce_version_max);
        if (!version) return std::unexpected(version.error());
        if (*version < produce_version_min) {
            return std::unexpected(
                Error{Failure::unsupported, "the load needs Produce from version 9 on"});
        }
        PreparedRequests::Producer producer;
        if (plan.idempotent) {
            const auto given = producer_of(*connection);
            if (!given) return std::unexpected(given.error());
            producer = *given;
        }
        PreparedRequests requests(plan, *version, i, producer, now);
        lanes.emplace_back(std::move(*connection), std::move(requests), plan);
    }
    return ProduceLoad(plan, std::move(lanes), broker).run();
}

}  // namespace mamba::load
