#include "compat-tests/harness/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <list>
#include <optional>
#include <random>
#include <stdexcept>
#include <vector>

#include "compat-tests/harness/broker_process.h"

namespace mamba::compat {
namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

struct Connection {
    int client = -1;
    int broker = -1;
    std::optional<std::size_t> bytes_left;  // nullopt: lives for ever
    bool ended = false;
};

// Sends all of `bytes`, waiting while the receiver's window is closed.
bool send_all(int socket, const char* bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

void end(Connection& connection) {
    ::close(connection.client);
    ::close(connection.broker);
    connection.ended = true;
}

}  // namespace

TcpProxy::TcpProxy(int target_port, std::uint32_t seed)
    : target_port_(target_port), seed_(seed), port_(free_port()) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const sockaddr_in address = loopback(port_);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 64) != 0) {
        ::close(listener_);
        throw std::runtime_error("the proxy cannot listen");
    }
    thread_ = std::thread([this] { run(); });
}

TcpProxy::~TcpProxy() {
    stopping_ = true;
    thread_.join();
    ::close(listener_);
}

void TcpProxy::run() {
    std::mt19937 random(seed_);
    std::list<Connection> connections;
    std::array<char, 16384> buffer{};

    const auto accept_one = [&] {
        Connection connection;
        connection.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        connection.broker = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(target_port_);
        if (connection.client < 0 ||
            ::connect(connection.broker, reinterpret_cast<const sockaddr*>(&address),
                      sizeof address) != 0) {
            end(connection);
            return;
        }
        const int yes = 1;
        ::setsockopt(connection.client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        ::setsockopt(connection.broker, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        connections.push_back(connection);
    };

    const auto pass = [&](Connection& connection, int from, int to) {
        const std::size_t bytes_max = bytes_max_;
        if (bytes_max == 0) {
            connection.bytes_left.reset();
        } else if (!connection.bytes_left) {
            connection.bytes_left =
                std::uniform_int_distribution<std::size_t>(1, bytes_max)(random);
        }
        const ssize_t received = ::recv(from, buffer.data(), buffer.size(), 0);
        if (received <= 0) return end(connection);
        auto size = static_cast<std::size_t>(received);
        const bool cut = connection.bytes_left && *connection.bytes_left <= size;
        if (connection.bytes_left) {
            size = std::min(size, *connection.bytes_left);
            *connection.bytes_left -= size;
        }
        if (!send_all(to, buffer.data(), size)) return end(connection);
        if (cut) {
            ++cuts_;
            end(connection);
        }
    };

    while (!stopping_) {
        std::vector<pollfd> sockets{{.fd = listener_, .events = POLLIN, .revents = 0}};
        std::vector<Connection*> owners;
        for (Connection& connection : connections) {
            sockets.push_back({.fd = connection.client, .events = POLLIN, .revents = 0});
            sockets.push_back({.fd = connection.broker, .events = POLLIN, .revents = 0});
            owners.push_back(&connection);
        }
        ::poll(sockets.data(), sockets.size(), 20);
        for (std::size_t i = 0; i < owners.size(); ++i) {
            Connection& connection = *owners[i];
            if (sockets[1 + 2 * i].revents != 0) {
                pass(connection, connection.client, connection.broker);
            }
            if (!connection.ended && sockets[2 + 2 * i].revents != 0) {
                pass(connection, connection.broker, connection.client);
            }
        }
        if (sockets.front().revents != 0) accept_one();
        connections.remove_if([](const Connection& connection) { return connection.ended; });
    }
    for (Connection& connection : connections) end(connection);
}

}  // namespace mamba::compat
