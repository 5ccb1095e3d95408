// One blocking TCP connection whose every wait ends at a deadline.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <utility>

#include "protocol/types.h"
#include "tools/client/error.h"

namespace mamba::client {

using Clock = std::chrono::steady_clock;

struct Address {
    std::string host;
    std::uint16_t port = 0;

    // "host:port", "[::1]:9092" or a host alone, which means port 9092.
    static std::expected<Address, Error> parse(std::string_view text);
    std::string to_string() const;
    friend bool operator==(const Address&, const Address&) = default;
};

class Socket {
public:
    static std::expected<Socket, Error> connect(const Address& address, Clock::time_point deadline);

    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Socket();

    std::expected<void, Error> send(BytesView bytes, Clock::time_point deadline);
    // Fills all of `into`.
    std::expected<void, Error> receive(std::span<std::byte> into, Clock::time_point deadline);

    // Returns when at least one byte, or the end, can be read.
    std::expected<void, Error> wait_readable(Clock::time_point deadline) const;

    // The descriptor, non-blocking; the socket keeps owning it.
    int fd() const { return fd_; }

private:
    explicit Socket(int fd) : fd_(fd) {}

    int fd_ = -1;
};

}  // namespace mamba::client
