// What the fuzz targets of messages share: the first three bytes choose a message and a version, the rest
// is decoded; whatever is accepted must encode, decode and encode again to the same bytes.
#pragma once

#include <cstdlib>

#include "tests/protocol/every_message.h"

namespace mamba::protocol::testing {

inline void require(bool condition) {
    if (!condition) std::abort();
}

// input := message uint16, version uint8, bytes; numbers are taken modulo what there is.
inline void fuzz_message(BytesView input, std::span<const EveryMessage> messages) {
    if (input.size() < 3 || messages.empty()) return;
    Reader choice(input.first(3));
    const EveryMessage& message = messages[choice.uint16() % messages.size()];
    const int versions = message.version_max - message.version_min + 1;
    const int version = message.version_min + static_cast<std::uint8_t>(choice.int8()) % versions;
    const auto at = static_cast<MessageVersion>(version);

    const RoundTrip first = message.round_trip(input.subspan(3), at);
    if (first.error != DecodeError::none) return;
    const RoundTrip second = message.round_trip(first.again, at);
    // The input's size, bytes that nobody reads included, pays for the elements: what is shorter affords fewer.
    const bool affords_less = first.again.size() < input.size() - 3;
    if (second.error == DecodeError::too_many_elements && affords_less) return;
    require(second.error == DecodeError::none);
    require(second.left_over == 0);
    require(second.again == first.again);
}

// The messages whose names end in `suffix`, and those that are neither request nor response, in the
// order of every_message().
inline std::vector<EveryMessage> messages_ending_in(std::string_view suffix, bool others) {
    std::vector<EveryMessage> chosen;
    for (const EveryMessage& message : every_message()) {
        const bool is_other = !message.name.ends_with("Request") && !message.name.ends_with("Response");
        if (message.name.ends_with(suffix) || (others && is_other)) chosen.push_back(message);
    }
    return chosen;
}

}  // namespace mamba::protocol::testing
