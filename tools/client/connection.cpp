#include "tools/client/connection.h"

#include <fmt/format.h>

#include <array>
#include <cassert>

#include "protocol/api.h"
#include "protocol/byte_order.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/request_header.h"

namespace mamba::client {
namespace {

constexpr std::int32_t answer_bytes_max = 1 << 30;

const protocol::ApiInfo& api_of(std::int16_t api_key) {
    const protocol::ApiInfo* api = protocol::find_api(api_key);
    assert(api != nullptr);
    return *api;
}

}  // namespace

Bytes request_frame(std::int16_t api_key, protocol::MessageVersion version,
                    std::int32_t correlation_id, std::string_view client_id, BytesView body) {
    protocol::RequestHeader header;
    header.request_api_key = api_key;
    header.request_api_version = version;
    header.correlation_id = correlation_id;
    header.client_id = std::string(client_id);
    protocol::Writer out(64 + client_id.size() + body.size());
    out.int32(0);
    header.encode(out, protocol::request_header_version(api_of(api_key), version));
    out.raw(body);
    out.put_int32_at(0, static_cast<std::int32_t>(out.size() - sizeof(std::int32_t)));
    return out.take();
}

std::expected<Connection, Error> Connection::connect(const Address& address,
                                                     ConnectionOptions options) {
    auto socket = Socket::connect(address, Clock::now() + options.timeout);
    if (!socket) return std::unexpected(socket.error());
    Connection connection(std::move(*socket), address, std::move(options));
    if (const auto learned = connection.learn_versions(); !learned) {
        return std::unexpected(learned.error());
    }
    return connection;
}

std::expected<void, Error> Connection::learn_versions() {
    constexpr std::int16_t api_key = protocol::ApiVersionsRequest::api_key;
    // An older broker refuses our version with an answer of version 0 (KIP-511).
    for (const protocol::MessageVersion version :
         {protocol::MessageVersion{3}, protocol::MessageVersion{0}}) {
        protocol::ApiVersionsRequest request;
        request.client_software_name = "mamba";
        request.client_software_version = "0.1.0";
        protocol::Writer body;
        request.encode(body, version);
        const auto answer = exchange(api_key, version, body.view());
        if (!answer) return std::unexpected(answer.error());
        const bool is_refused =
            answer->size() >= 2 && protocol::load_be<std::int16_t>(answer->data()) ==
                                       to_wire(ErrorCode::unsupported_version);
        if (is_refused && version > 0) continue;
        protocol::Reader reader(*answer);
        protocol::ApiVersionsResponse response;
        response.decode(reader, version);
        if (!reader.ok()) return std::unexpected(cannot_decode(api_key, reader.error()));
        if (response.error_code != 0) {
            return std::unexpected(
                refusal(fmt::format("{} refuses ApiVersions", address_.to_string()),
                        static_cast<ErrorCode>(response.error_code)));
        }
        for (const auto& api : response.api_keys) {
            served_[api.api_key] = {api.min_version, api.max_version};
        }
        return {};
    }
    return std::unexpected(
        Error{Failure::unsupported, "the broker answers no ApiVersions request"});
}

std::expected<protocol::MessageVersion, Error> Connection::version_of(
    std::int16_t api_key, protocol::MessageVersion at_most) const {
    const protocol::ApiInfo& api = api_of(api_key);
    const auto served = served_.find(api_key);
    if (served == served_.end()) {
        return std::unexpected(
            Error{Failure::unsupported,
                  fmt::format("{} does not serve {}", address_.to_string(), api.name)});
    }
    const protocol::MessageVersion version =
        std::min({api.version_stable, served->second.max, at_most});
    if (version < served->second.min || version < api.version_min) {
        return std::unexpected(Error{
            Failure::unsupported,
            fmt::format("{} serves {} from version {} to {}, none of which is spoken here",
                        address_.to_string(), api.name, served->second.min, served->second.max)});
    }
    return version;
}

std::expected<Bytes, Error> Connection::exchange(std::int16_t api_key,
                                                 protocol::MessageVersion version, BytesView body) {
    const Clock::time_point deadline =
        Clock::now() + options_.timeout + std::exchange(extra_, std::chrono::milliseconds(0));
    const protocol::ApiInfo& api = api_of(api_key);
    const auto in_context = [&](Error error) {
        error.message = fmt::format("{} to {}: {}", api.name, address_.to_string(), error.message);
        return std::unexpected(std::move(error));
    };
    const Bytes frame =
        request_frame(api_key, version, ++correlation_id_, options_.client_id, body);
    if (auto sent = socket_.send(frame, deadline); !sent) return in_context(sent.error());

    std::array<std::byte, 4> prefix{};
    if (auto got = socket_.receive(prefix, deadline); !got) return in_context(got.error());
    const auto size = protocol::load_be<std::int32_t>(prefix.data());
    if (size < 4 || size > answer_bytes_max) {
        return in_context({Failure::malformed, fmt::format("an answer of {} bytes", size)});
    }
    Bytes answer(static_cast<std::size_t>(size));
    if (auto got = socket_.receive(answer, deadline); !got) return in_context(got.error());

    protocol::Reader reader(answer);
    if (reader.int32() != correlation_id_) {
        return in_context({Failure::malformed, "an answer to another request"});
    }
    if (protocol::response_header_version(api, version) >= 1) {
        protocol::UnknownTags tags;
        reader.tagged_fields(tags, [](std::uint32_t, protocol::Reader&) { return false; });
        if (!reader.ok()) return in_context(cannot_decode(api_key, reader.error()));
    }
    answer.erase(answer.begin(), answer.end() - static_cast<std::ptrdiff_t>(reader.remaining()));
    return answer;
}

Error Connection::cannot_decode(std::int16_t api_key, protocol::DecodeError error) const {
    return {Failure::malformed,
            fmt::format("{} answered {} with bytes that cannot be decoded: {}",
                        address_.to_string(), api_of(api_key).name, protocol::describe(error))};
}

}  // namespace mamba::client
