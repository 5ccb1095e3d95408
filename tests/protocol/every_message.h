// Every message of protocol/schema by its name, for tests that treat them all alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/wire.h"

namespace mamba::protocol::testing {

// What came of decoding some bytes as a message and encoding the result.
struct RoundTrip {
    DecodeError error = DecodeError::none;
    std::size_t left_over = 0;  // bytes after the message
    Bytes again;                // the message encoded again; empty after an error
    std::string dropped_field;  // what the encoder could not carry; empty when it carried all
};

struct EveryMessage {
    std::string_view name;
    MessageVersion version_min = 0;
    MessageVersion version_max = 0;
    std::optional<std::int16_t> api_key;
    DecodeError (*decode)(Reader& in, MessageVersion version) = nullptr;
    RoundTrip (*round_trip)(BytesView input, MessageVersion version) = nullptr;
};

std::span<const EveryMessage> every_message();
const EveryMessage* find_message(std::string_view name);

}  // namespace mamba::protocol::testing
