#include "tests/protocol/every_message.h"

#include <algorithm>

#include "protocol/messages/all.h"

namespace mamba::protocol::testing {
namespace {

template <class Message>
constexpr std::optional<std::int16_t> api_key_of() {
    if constexpr (requires { Message::api_key; }) return Message::api_key;
    return std::nullopt;
}

template <class Message>
DecodeError decode(Reader& in, MessageVersion version) {
    Message message;
    message.decode(in, version);
    return in.error();
}

template <class Message>
RoundTrip round_trip(BytesView input, MessageVersion version) {
    RoundTrip result;
    Reader in(input);
    Message message;
    message.decode(in, version);
    result.error = in.error();
    result.left_over = in.remaining();
    if (!in.ok()) return result;
    Writer out;
    message.encode(out, version);
    if (out.dropped_field() != nullptr) result.dropped_field = out.dropped_field();
    result.again = out.take();
    return result;
}

template <class Message>
EveryMessage row(std::string_view name) {
    return {name,
            Message::version_min,
            Message::version_max,
            api_key_of<Message>(),
            &decode<Message>,
            &round_trip<Message>};
}

const std::vector<EveryMessage> rows = {
#define MAMBA_ROW(Name) row<Name>(#Name),
    MAMBA_MESSAGES(MAMBA_ROW)
#undef MAMBA_ROW
};

}  // namespace

std::span<const EveryMessage> every_message() { return rows; }

const EveryMessage* find_message(std::string_view name) {
    const auto found = std::ranges::find(rows, name, &EveryMessage::name);
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace mamba::protocol::testing
