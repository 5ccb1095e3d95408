// One connection to one broker: sends a request at the newest version that both sides know and
// waits for its answer.
//
//     auto connection = Connection::connect({"127.0.0.1", 9092}, {});
//     auto answer = connection->call<protocol::MetadataResponse>(protocol::MetadataRequest{});
#pragma once

#include <expected>
#include <limits>
#include <map>
#include <string>

#include "protocol/wire.h"
#include "tools/client/error.h"
#include "tools/client/socket.h"

namespace mamba::client {

struct ConnectionOptions {
    std::string client_id = "mamba";
    std::chrono::milliseconds timeout{10'000};  // for connecting and for every answer
};

class Connection {
public:
    // Connects and learns the versions that the broker serves.
    static std::expected<Connection, Error> connect(const Address& address,
                                                    ConnectionOptions options);

    // The newest common version, `at_most` at the highest; the broker is asked nothing.
    std::expected<protocol::MessageVersion, Error> version_of(
        std::int16_t api_key, protocol::MessageVersion at_most =
                                  std::numeric_limits<protocol::MessageVersion>::max()) const;
    bool serves(std::int16_t api_key) const { return version_of(api_key).has_value(); }

    template <class Response, class Request>
    std::expected<Response, Error> call(
        const Request& request,
        protocol::MessageVersion at_most = std::numeric_limits<protocol::MessageVersion>::max()) {
        const auto version = version_of(Request::api_key, at_most);
        if (!version) return std::unexpected(version.error());
        protocol::Writer body;
        request.encode(body, *version);
        const auto answer = exchange(Request::api_key, *version, body.view());
        if (!answer) return std::unexpected(answer.error());
        Response response;
        protocol::Reader reader(*answer);
        response.decode(reader, *version);
        if (!reader.ok()) return std::unexpected(cannot_decode(Request::api_key, reader.error()));
        return response;
    }

    // Extra time that one answer may take, as for a long poll; zero after the next call.
    void allow_longer(std::chrono::milliseconds extra) { extra_ = extra; }

    const Address& address() const { return address_; }
    Socket& socket() { return socket_; }

private:
    struct Range {
        protocol::MessageVersion min = 0;
        protocol::MessageVersion max = 0;
    };

    Connection(Socket socket, Address address, ConnectionOptions options)
        : socket_(std::move(socket)), address_(std::move(address)), options_(std::move(options)) {}

    std::expected<void, Error> learn_versions();
    // Sends one request and gives the answer's body, behind its header.
    std::expected<Bytes, Error> exchange(std::int16_t api_key, protocol::MessageVersion version,
                                         BytesView body);
    Error cannot_decode(std::int16_t api_key, protocol::DecodeError error) const;

    Socket socket_;
    Address address_;
    ConnectionOptions options_;
    std::map<std::int16_t, Range> served_;
    std::int32_t correlation_id_ = 0;
    std::chrono::milliseconds extra_{0};
};

// A whole frame, length prefix included: header, then `body` as encoded at `version`.
Bytes request_frame(std::int16_t api_key, protocol::MessageVersion version,
                    std::int32_t correlation_id, std::string_view client_id, BytesView body);

}  // namespace mamba::client
