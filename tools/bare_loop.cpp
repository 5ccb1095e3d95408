// The limit that a broker is measured against: a server that does only the system calls of the work
// and its checksum. It speaks just enough of Kafka's protocol to be driven by mambamq-bench.
//
//     bare_loop --port 9092 --dir /tmp/bare [--partitions N] [--durable]
//
//     produce   receive, CRC-32C of every batch, write, send; nothing else is looked at
//     durable   the same, with one fdatasync before the answers of everything received together
//     fetch     sendfile of the batches from the offset on; where they lie is kept in memory
//
// One thread. Topics are the one that is asked for; restarting forgets what was written.

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>

#include "protocol/byte_order.h"
#include "protocol/error_code.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/request_header.h"
#include "protocol/record_batch.h"

namespace mamba::bare {
namespace {

using protocol::MessageVersion;

constexpr std::size_t frame_bytes_max = 128 << 20;
constexpr std::size_t read_bytes = 256 << 10;
// As Kafka has it. On loopback a sendfile costs a fifth of what it does with the kernel's own,
// growing buffer: fewer bytes wait, and the sender sleeps less often.
constexpr int send_buffer_bytes = 100 << 10;
constexpr std::string_view topic_name = "bench";

struct Settings {
    std::uint16_t port = 9092;
    std::string dir;
    int partitions = 1;
    bool durable = false;
};

// The first versions that mambamq-bench takes and the last that this program knows.
struct Served {
    std::int16_t api_key;
    MessageVersion version;
};
constexpr std::array served = {
    Served{protocol::ProduceRequest::api_key, 12},    Served{protocol::FetchRequest::api_key, 12},
    Served{protocol::ListOffsetsRequest::api_key, 7}, Served{protocol::MetadataRequest::api_key, 9},
    Served{protocol::ApiVersionsRequest::api_key, 3},
};

[[noreturn]] void give_up(std::string_view what) {
    fmt::print(stderr, "bare_loop: {}: {}\n", what, std::strerror(errno));
    std::exit(1);
}

// One file, and where each batch begins in it.
class Partition {
public:
    explicit Partition(const std::filesystem::path& path)
        : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
        if (fd_ < 0) give_up(path.string());
    }
    ~Partition() { close(fd_); }
    Partition(const Partition&) = delete;
    Partition& operator=(const Partition&) = delete;

    // False when the checksum is wrong. The base offset is patched in place.
    bool append(std::span<std::byte> bytes, Offset& base) {
        const auto batch = protocol::RecordBatchView::parse(bytes);
        if (!batch || !batch->crc_matches()) return false;
        base = end_;
        protocol::patch_base_offset(bytes, base);
        batches_.push_back({base, size_});
        if (write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
            give_up("write");
        }
        end_ = base + (batch->last_offset_delta() + 1);
        size_ += static_cast<off_t>(bytes.size());
        return true;
    }
    void flush() const {
        if (fdatasync(fd_) != 0) give_up("fdatasync");
    }

    // Where the batch with `from` begins; the file's size behind the last one.
    off_t position_of(Offset from) const {
        if (from >= end_) return size_;
        auto next = std::ranges::upper_bound(batches_, from, {}, &Place::base);
        return next == batches_.begin() ? 0 : std::prev(next)->position;
    }
    Offset end() const { return end_; }
    off_t size() const { return size_; }
    int fd() const { return fd_; }

private:
    struct Place {
        Offset base;
        off_t position = 0;
    };

    int fd_;
    Offset end_{0};
    off_t size_ = 0;
    std::vector<Place> batches_;
};

struct Connection {
    int fd = -1;
    Bytes received;
    std::size_t filled = 0;
    Bytes answers;  // not sent yet
};

class Server {
public:
    explicit Server(const Settings& settings) : settings_(settings) {
        std::filesystem::create_directories(settings.dir);
        for (int i = 0; i < settings.partitions; ++i) {
            partitions_.push_back(std::make_unique<Partition>(std::filesystem::path(settings.dir) /
                                                              fmt::format("{}.log", i)));
        }
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(settings.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            listen(listener_, 128) != 0) {
            give_up("listen");
        }
        poll_ = epoll_create1(EPOLL_CLOEXEC);
        watch(listener_);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 128> events;
        for (;;) {
            const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const int fd = events[static_cast<std::size_t>(i)].data.fd;
                if (fd == listener_) {
                    accept_one();
                } else {
                    serve(fd);
                }
            }
            finish_turn();
        }
    }

private:
    void watch(int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        if (epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event) != 0) give_up("epoll_ctl");
    }

    void accept_one() {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes, sizeof send_buffer_bytes);
        connections_[fd].fd = fd;
        connections_[fd].received.resize(read_bytes);
        watch(fd);
    }

    // Takes what one receive gives and handles the whole frames in it.
    void serve(int fd) {
        Connection& connection = connections_.at(fd);
        const ssize_t got = recv(fd, connection.received.data() + connection.filled,
                                 connection.received.size() - connection.filled, 0);
        if (got <= 0) {
            close(fd);
            connections_.erase(fd);
            return;
        }
        connection.filled += static_cast<std::size_t>(got);
        std::size_t at = 0;
        while (connection.filled - at >= sizeof(std::int32_t)) {
            const std::size_t size = sizeof(std::int32_t) + protocol::load_be<std::uint32_t>(
                                                                connection.received.data() + at);
            if (size > frame_bytes_max) give_up("a frame that is too long");
            if (connection.filled - at < size) {
                if (size > connection.received.size()) connection.received.resize(size);
                break;
            }
            on_frame(connection,
                     std::span(connection.received).subspan(at + 4, size - sizeof(std::int32_t)));
            at += size;
        }
        std::memmove(connection.received.data(), connection.received.data() + at,
                     connection.filled - at);
        connection.filled -= at;
    }

    void on_frame(Connection& connection, std::span<std::byte> frame) {
        protocol::Reader reader(frame);
        const auto api_key = protocol::load_be<std::int16_t>(frame.data());
        const auto version = protocol::load_be<std::int16_t>(frame.data() + 2);
        // All versions that are served are flexible, so is the header.
        reader.raw(8);
        reader.string(false);
        protocol::UnknownTags tags;
        reader.tagged_fields(tags, [](std::uint32_t, protocol::Reader&) { return false; });
        const auto correlation_id = protocol::load_be<std::int32_t>(frame.data() + 4);
        if (api_key == protocol::ProduceRequest::api_key) {
            on_produce(connection, correlation_id, version, reader, frame);
        } else if (api_key == protocol::FetchRequest::api_key) {
            on_fetch(connection, correlation_id, version, reader);
        } else if (api_key == protocol::ListOffsetsRequest::api_key) {
            on_list_offsets(connection, correlation_id, version, reader);
        } else if (api_key == protocol::MetadataRequest::api_key) {
            on_metadata(connection, correlation_id, version, reader);
        } else {
            on_api_versions(connection, correlation_id, version);
        }
        if (!settings_.durable) send_answers(connection);
    }

    // The bytes of a produce request that matter are found without building the message.
    void on_produce(Connection& connection, std::int32_t correlation_id, MessageVersion version,
                    protocol::Reader& in, std::span<std::byte> frame) {
        in.nullable_string(true);
        const bool is_answered = in.int16() != 0;
        in.int32();
        in.unsigned_varint();  // one topic
        const std::string_view topic = in.string(true);
        const std::uint32_t count = in.count(true, 1, 0);
        protocol::Writer& out = begin_answer(correlation_id, true);
        out.count(1, true);
        out.string(topic, true);
        out.count(count, true);
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::int32_t index = in.int32();
            const BytesView records = in.bytes(true);
            in.unsigned_varint();  // no tags
            Offset base{-1};
            const std::span<std::byte> batch = frame.subspan(
                static_cast<std::size_t>(records.data() - frame.data()), records.size());
            Partition& partition = *partitions_.at(static_cast<std::size_t>(index));
            const bool is_right = partition.append(batch, base);
            if (settings_.durable) dirty_.push_back(&partition);
            out.int32(index);
            out.int16(to_wire(is_right ? ErrorCode::none : ErrorCode::corrupt_message));
            out.int64(base.value);
            out.int64(no_timestamp.value);
            out.int64(0);
            out.count(0, true);
            out.null_string(true);
            out.unsigned_varint(0);
        }
        assert(in.ok() && version >= protocol::ProduceRequest::flexible_since);
        out.unsigned_varint(0);
        out.int32(0);
        out.unsigned_varint(0);
        if (is_answered) end_answer(connection);
    }

    void on_fetch(Connection& connection, std::int32_t correlation_id, MessageVersion version,
                  protocol::Reader& in) {
        protocol::FetchRequest request;
        request.decode(in, version);
        assert(in.ok() && request.topics.size() == 1);
        const auto& asked = request.topics[0].partitions.at(0);
        const Partition& partition = *partitions_.at(static_cast<std::size_t>(asked.partition));
        off_t position = partition.position_of(Offset(asked.fetch_offset));
        const auto size = static_cast<std::uint32_t>(std::min<off_t>(
            partition.size() - position, std::min(asked.partition_max_bytes, request.max_bytes)));

        protocol::FetchResponse response;
        auto& topic = response.responses.emplace_back();
        topic.topic = std::string(request.topics[0].topic);
        auto& data = topic.partitions.emplace_back();
        data.partition_index = asked.partition;
        data.high_watermark = partition.end().value;
        data.last_stable_offset = partition.end().value;
        data.log_start_offset = 0;
        data.records.spliced = size;
        protocol::Writer& out = begin_answer(correlation_id, true);
        response.encode(out, version);
        const std::size_t wire_size = out.size_on_wire();
        const Bytes bytes(out.view().begin(), out.view().end());
        const std::size_t head = size == 0 ? bytes.size() : out.splices()[0].position;
        connection.answers.insert(connection.answers.end(), bytes.begin(),
                                  bytes.begin() + static_cast<std::ptrdiff_t>(head));
        protocol::store_be(connection.answers.data() + connection.answers.size() - head,
                           static_cast<std::int32_t>(wire_size - sizeof(std::int32_t)));
        send_answers(connection, MSG_MORE);
        for (std::size_t left = size; left > 0;) {
            const ssize_t sent = sendfile(connection.fd, partition.fd(), &position, left);
            if (sent <= 0) give_up("sendfile");
            left -= static_cast<std::size_t>(sent);
        }
        connection.answers.assign(bytes.begin() + static_cast<std::ptrdiff_t>(head), bytes.end());
        send_answers(connection);
    }

    void on_list_offsets(Connection& connection, std::int32_t correlation_id,
                         MessageVersion version, protocol::Reader& in) {
        protocol::ListOffsetsRequest request;
        request.decode(in, version);
        protocol::ListOffsetsResponse response;
        auto& topic = response.topics.emplace_back();
        topic.name = std::string(request.topics.at(0).name);
        for (const auto& asked : request.topics[0].partitions) {
            auto& found = topic.partitions.emplace_back();
            found.partition_index = asked.partition_index;
            const auto& partition =
                *partitions_.at(static_cast<std::size_t>(asked.partition_index));
            found.offset = asked.timestamp == -2 ? 0 : partition.end().value;
        }
        response.encode(begin_answer(correlation_id, true), version);
        end_answer(connection);
    }

    void on_metadata(Connection& connection, std::int32_t correlation_id, MessageVersion version,
                     protocol::Reader& in) {
        protocol::MetadataRequest request;
        request.decode(in, version);
        protocol::MetadataResponse response;
        auto& broker = response.brokers.emplace_back();
        broker.host = "127.0.0.1";
        broker.port = settings_.port;
        response.controller_id = 0;
        if (!request.topics || !request.topics->empty()) {
            auto& topic = response.topics.emplace_back();
            topic.name = std::string(topic_name);
            if (request.topics) topic.name = std::string(request.topics->at(0).name.value_or(""));
            for (std::size_t i = 0; i < partitions_.size(); ++i) {
                topic.partitions.emplace_back().partition_index = static_cast<std::int32_t>(i);
            }
        }
        response.encode(begin_answer(correlation_id, true), version);
        end_answer(connection);
    }

    void on_api_versions(Connection& connection, std::int32_t correlation_id,
                         MessageVersion version) {
        protocol::ApiVersionsResponse response;
        for (const Served& api : served) {
            response.api_keys.push_back({api.api_key, api.version, api.version, {}});
        }
        response.encode(begin_answer(correlation_id, false), version);
        end_answer(connection);
    }

    protocol::Writer& begin_answer(std::int32_t correlation_id, bool has_tags) {
        writer_ = protocol::Writer(writer_.take());
        writer_.int32(0);  // the length, once it is known
        writer_.int32(correlation_id);
        if (has_tags) writer_.unsigned_varint(0);
        return writer_;
    }
    void end_answer(Connection& connection) {
        writer_.put_int32_at(0, static_cast<std::int32_t>(writer_.size() - sizeof(std::int32_t)));
        const BytesView bytes = writer_.view();
        connection.answers.insert(connection.answers.end(), bytes.begin(), bytes.end());
    }

    static void send_answers(Connection& connection, int flags = 0) {
        std::size_t sent = 0;
        while (sent < connection.answers.size()) {
            const ssize_t now = send(connection.fd, connection.answers.data() + sent,
                                     connection.answers.size() - sent, MSG_NOSIGNAL | flags);
            if (now <= 0) break;  // the next receive tells that the client has gone
            sent += static_cast<std::size_t>(now);
        }
        connection.answers.clear();
    }

    // Group commit: one flush for everything that came in this turn, then its answers.
    void finish_turn() {
        if (!settings_.durable) return;
        std::ranges::sort(dirty_);
        const auto repeated = std::ranges::unique(dirty_);
        dirty_.erase(repeated.begin(), repeated.end());
        for (const Partition* partition : dirty_) partition->flush();
        dirty_.clear();
        for (auto& [fd, connection] : connections_) {
            if (!connection.answers.empty()) send_answers(connection);
        }
    }

    Settings settings_;
    std::vector<std::unique_ptr<Partition>> partitions_;
    std::vector<Partition*> dirty_;
    std::map<int, Connection> connections_;
    protocol::Writer writer_;
    int listener_ = -1;
    int poll_ = -1;
};

int run(int argc, char** argv) {
    Settings settings;
    CLI::App app("Does only what no broker can do without.", "bare_loop");
    app.add_option("--port", settings.port)->required();
    app.add_option("--dir", settings.dir, "its files; emptied")->required();
    app.add_option("--partitions", settings.partitions)->check(CLI::Range(1, 10'000));
    app.add_flag("--durable", settings.durable, "fdatasync before answering");
    CLI11_PARSE(app, argc, argv);
    Server(settings).run();
}

}  // namespace
}  // namespace mamba::bare

int main(int argc, char** argv) {
    return mamba::bare::run(argc, argv);
}
