#include "tools/client/socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

namespace mamba::client {
namespace {

constexpr std::uint16_t default_port = 9092;

std::unexpected<Error> system_failure(std::string_view what, int error) {
    return std::unexpected(
        Error{Failure::unreachable, fmt::format("{}: {}", what, std::strerror(error))});
}

// Waits until `fd` can be read or written, as `events` says.
std::expected<void, Error> wait_for(int fd, short events, Clock::time_point deadline) {
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd waiting{fd, events, 0};
        const int ready = poll(&waiting, 1, static_cast<int>(std::clamp<long>(left, 0, 1 << 30)));
        if (ready > 0) return {};
        if (ready == 0) return std::unexpected(Error{Failure::timeout, "no answer in time"});
        if (errno != EINTR) return system_failure("cannot wait for the broker", errno);
    }
}

struct FreeAddresses {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

}  // namespace

std::expected<Address, Error> Address::parse(std::string_view text) {
    Address address{std::string(text), default_port};
    const std::size_t colon = text.rfind(':');
    const bool is_bare_ipv6 = text.find(':') != colon && !text.starts_with('[');
    if (colon != text.npos && !is_bare_ipv6 && !text.ends_with(']')) {
        const std::string_view digits = text.substr(colon + 1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
        if (error != std::errc() || end != digits.data() + digits.size() || address.port == 0) {
            return std::unexpected(
                Error{Failure::usage, fmt::format("'{}' is not host:port", text)});
        }
        address.host = text.substr(0, colon);
    }
    if (address.host.starts_with('[') && address.host.ends_with(']')) {
        address.host = address.host.substr(1, address.host.size() - 2);
    }
    if (address.host.empty()) {
        return std::unexpected(Error{Failure::usage, fmt::format("'{}' names no host", text)});
    }
    return address;
}

std::string Address::to_string() const {
    return host.find(':') == host.npos ? fmt::format("{}:{}", host, port)
                                       : fmt::format("[{}]:{}", host, port);
}

std::expected<Socket, Error> Socket::connect(const Address& address, Clock::time_point deadline) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int status =
        getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
    if (status != 0) {
        return std::unexpected(
            Error{Failure::unreachable,
                  fmt::format("cannot look up {}: {}", address.host, gai_strerror(status))});
    }
    const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);

    const std::string what = fmt::format("cannot connect to {}", address.to_string());
    int last_error = EADDRNOTAVAIL;
    for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next) {
        Socket socket(::socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (socket.fd_ < 0) return system_failure(what, errno);
        if (::connect(socket.fd_, at->ai_addr, at->ai_addrlen) != 0 && errno != EINPROGRESS) {
            last_error = errno;
            continue;
        }
        if (const auto ready = wait_for(socket.fd_, POLLOUT, deadline); !ready) {
            return std::unexpected(
                Error{Failure::timeout, fmt::format("{}: {}", what, ready.error().message)});
        }
        socklen_t size = sizeof last_error;
        getsockopt(socket.fd_, SOL_SOCKET, SO_ERROR, &last_error, &size);
        if (last_error != 0) continue;
        const int on = 1;
        setsockopt(socket.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return socket;
    }
    return system_failure(what, last_error);
}

Socket::~Socket() {
    if (fd_ >= 0) close(fd_);
}

std::expected<void, Error> Socket::send(BytesView bytes, Clock::time_point deadline) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            if (auto ready = wait_for(fd_, POLLOUT, deadline); !ready) return ready;
        } else if (errno != EINTR) {
            return system_failure("the connection was lost while sending", errno);
        }
    }
    return {};
}

std::expected<void, Error> Socket::receive(std::span<std::byte> into, Clock::time_point deadline) {
    while (!into.empty()) {
        const ssize_t received = recv(fd_, into.data(), into.size(), 0);
        if (received > 0) {
            into = into.subspan(static_cast<std::size_t>(received));
        } else if (received == 0) {
            return std::unexpected(Error{Failure::unreachable, "the broker closed the connection"});
        } else if (errno == EAGAIN) {
            if (auto ready = wait_for(fd_, POLLIN, deadline); !ready) return ready;
        } else if (errno != EINTR) {
            return system_failure("the connection was lost while receiving", errno);
        }
    }
    return {};
}

std::expected<void, Error> Socket::wait_readable(Clock::time_point deadline) const {
    return wait_for(fd_, POLLIN, deadline);
}

}  // namespace mamba::client
