#include "tools/load/fetch_load.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "protocol/byte_order.h"
#include "protocol/messages/fetch.h"
#include "protocol/record_batch.h"
#include "tools/client/offsets.h"

namespace mamba::load {
namespace {

using client::Clock;
using client::Error;
using client::Failure;

constexpr protocol::MessageVersion fetch_version = 12;  // flexible, topics by name
constexpr std::chrono::seconds answer_wait_max{60};
constexpr std::int32_t max_wait_ms = 500;

struct Share {
    std::int32_t partition = 0;
    Offset begin;
    Offset end;
};

std::unexpected<Error> malformed(std::string_view what) {
    return std::unexpected(Error{Failure::malformed, std::string(what)});
}

// Reads partitions one after the other over a connection of its own.
class Drain {
public:
    Drain(client::Connection connection, const FetchPlan& plan)
        : connection_(std::move(connection)), plan_(plan) {}

    std::expected<void, Error> read(const Share& share) {
        Offset next = share.begin;
        Clock::time_point progress = Clock::now();
        while (next < share.end) {
            const Clock::time_point sent = Clock::now();
            const auto reached = fetch(share.partition, next);
            if (!reached) return std::unexpected(reached.error());
            const Clock::time_point now = Clock::now();
            ++report_.requests;
            report_.latencies.add(now - sent);
            if (*reached > next) progress = now;
            if (now - progress > answer_wait_max) return malformed("the end is never reached");
            report_.records += static_cast<std::uint64_t>(*reached - next);
            next = *reached;
        }
        return {};
    }

    const Report& report() const { return report_; }
    void clear() { report_ = Report(); }

private:
    // Fetches once; the offset after the last whole batch that came.
    std::expected<Offset, Error> fetch(std::int32_t partition, Offset from) {
        protocol::FetchRequest request;
        request.max_wait_ms = max_wait_ms;
        request.min_bytes = 1;
        request.max_bytes = plan_.max_bytes;
        auto& topic = request.topics.emplace_back();
        topic.topic = plan_.topic;
        auto& wanted = topic.partitions.emplace_back();
        wanted.partition = partition;
        wanted.fetch_offset = from.value;
        wanted.partition_max_bytes = plan_.partition_max_bytes;
        protocol::Writer body(256);
        request.encode(body, fetch_version);
        deadline_ = Clock::now() + answer_wait_max;
        const Bytes frame = client::request_frame(protocol::FetchRequest::api_key, fetch_version, 1,
                                                  "mambamq-bench", body.view());
        if (auto sent = connection_.socket().send(frame, deadline_); !sent) {
            return std::unexpected(sent.error());
        }
        return receive_answer(from);
    }

    std::expected<Offset, Error> receive_answer(Offset from) {
        std::array<std::byte, 4> prefix{};
        if (auto got = receive(prefix); !got) return std::unexpected(got.error());
        std::size_t left = protocol::load_be<std::uint32_t>(prefix.data());
        // Everything before the records, and perhaps the beginning of those.
        Bytes head(std::min<std::size_t>(left, 128 + plan_.topic.size()));
        if (auto got = receive(head); !got) return std::unexpected(got.error());
        left -= head.size();

        protocol::Reader reader(head);
        const auto records = records_size(reader);
        if (!records) return std::unexpected(records.error());
        BytesView begun = BytesView(head).last(reader.remaining());
        begun = begun.first(std::min(begun.size(), *records));
        report_.bytes += *records;
        const auto next = skip_batches(begun, *records - begun.size(), from);
        if (!next) return next;
        const std::size_t behind = left - (*records - begun.size());
        if (auto dropped = drop(behind); !dropped) return std::unexpected(dropped.error());
        return next;
    }

    std::expected<std::size_t, Error> records_size(protocol::Reader& in) {
        constexpr bool is_flexible = true;
        in.int32();            // correlation id
        in.unsigned_varint();  // no tags
        in.int32();            // throttle time
        auto error = static_cast<ErrorCode>(in.int16());
        in.int32();  // session
        if (error == ErrorCode::none && in.count(is_flexible, 0, 0) != 1) {
            return malformed("Fetch answers about no topic");
        }
        in.string(is_flexible);
        in.count(is_flexible, 0, 0);
        in.int32();  // partition
        if (error == ErrorCode::none) error = static_cast<ErrorCode>(in.int16());
        if (error != ErrorCode::none) return std::unexpected(client::refusal("fetch", error));
        in.raw(3 * sizeof(std::int64_t));      // high watermark, last stable and log start offset
        in.nullable_count(is_flexible, 0, 0);  // aborted transactions, none
        in.int32();                            // preferred read replica
        const std::uint32_t size_and_one = in.unsigned_varint();
        if (!in.ok()) return malformed("an answer to Fetch that cannot be decoded");
        return size_and_one == 0 ? 0 : size_and_one - 1;
    }

    // Walks over the batches of which `begun` is received and `left` bytes are not; the offset
    // after the last whole one.
    std::expected<Offset, Error> skip_batches(BytesView begun, std::size_t left, Offset from) {
        std::array<std::byte, protocol::batch_header_bytes> header;
        while (begun.size() + left >= header.size()) {
            const std::size_t have = std::min(begun.size(), header.size());
            std::memcpy(header.data(), begun.data(), have);
            begun = begun.subspan(have);
            if (auto got = receive(std::span(header).subspan(have)); !got) {
                return std::unexpected(got.error());
            }
            left -= header.size() - have;
            const auto size = protocol::load_be<std::uint32_t>(
                                  header.data() + protocol::batch_field::batch_length) +
                              protocol::batch_prefix_bytes;
            if (size < header.size()) return malformed("a batch shorter than its header");
            const std::size_t records = size - header.size();
            if (records > begun.size() + left) break;  // cut off by the answer's limit
            from = Offset(protocol::load_be<std::int64_t>(header.data())) +
                   protocol::load_be<std::int32_t>(header.data() +
                                                   protocol::batch_field::last_offset_delta) +
                   1;
            const std::size_t received = std::min(begun.size(), records);
            begun = begun.subspan(received);
            if (auto dropped = drop(records - received); !dropped) {
                return std::unexpected(dropped.error());
            }
            left -= records - received;
        }
        if (auto dropped = drop(left); !dropped) return std::unexpected(dropped.error());
        return from;
    }

    std::expected<void, Error> receive(std::span<std::byte> into) {
        return connection_.socket().receive(into, deadline_);
    }

    // Takes `size` bytes out of the socket without copying them.
    std::expected<void, Error> drop(std::size_t size) {
        while (size > 0) {
            const ssize_t dropped =
                recv(connection_.socket().fd(), nullptr, size, MSG_TRUNC | MSG_DONTWAIT);
            if (dropped > 0) {
                size -= static_cast<std::size_t>(dropped);
            } else if (dropped == 0) {
                return std::unexpected(
                    Error{Failure::unreachable, "the broker closed the connection"});
            } else if (errno == EAGAIN || errno == EINTR) {
                if (auto waited = connection_.socket().wait_readable(deadline_); !waited) {
                    return waited;
                }
            } else {
                return std::unexpected(Error{Failure::unreachable, std::strerror(errno)});
            }
        }
        return {};
    }

    client::Connection connection_;
    const FetchPlan& plan_;
    Report report_;
    Clock::time_point deadline_;
};

}  // namespace

std::expected<Report, Error> run_fetch(client::Cluster& cluster, const FetchPlan& plan,
                                       pid_t broker) {
    const auto begins = list_offsets(cluster, plan.topic, client::offset_time::earliest);
    if (!begins) return std::unexpected(begins.error());
    const auto ends = list_offsets(cluster, plan.topic, client::offset_time::latest);
    if (!ends) return std::unexpected(ends.error());
    std::vector<std::vector<Share>> shares(static_cast<std::size_t>(plan.connections));
    for (const auto& [partition, begin] : *begins) {
        const auto end = ends->find(partition);
        if (end == ends->end()) return malformed("the topic changed meanwhile");
        shares[static_cast<std::size_t>(partition.value) % shares.size()].push_back(
            {partition.value, begin, end->second});
    }
    std::vector<Drain> drains;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        auto connection =
            client::Connection::connect(cluster.any().address(), {.client_id = "mambamq-bench"});
        if (!connection) return std::unexpected(connection.error());
        drains.emplace_back(std::move(*connection), plan);
    }

    const auto read_all = [&](int rounds) -> std::expected<void, Error> {
        std::vector<std::expected<void, Error>> ended(drains.size());
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < drains.size(); ++i) {
                threads.emplace_back([&, i] {
                    for (int round = 0; round < rounds; ++round) {
                        for (const Share& share : shares[i]) {
                            if (ended[i]) ended[i] = drains[i].read(share);
                        }
                    }
                });
            }
        }
        for (auto& end : ended) {
            if (!end) return end;
        }
        return {};
    };
    if (auto warmed = read_all(plan.warm_up_rounds); !warmed) {
        return std::unexpected(warmed.error());
    }
    for (Drain& drain : drains) drain.clear();
    const Measurement measurement(broker);
    if (auto done = read_all(plan.rounds); !done) return std::unexpected(done.error());
    Report report;
    measurement.finish(report);
    report.mode = "fetch";
    for (const Drain& drain : drains) {
        report.requests += drain.report().requests;
        report.records += drain.report().records;
        report.bytes += drain.report().bytes;
        report.latencies.add(drain.report().latencies);
    }
    return report;
}

}  // namespace mamba::load
