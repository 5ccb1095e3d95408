// What generated encoders and decoders share beyond the primitives.
#pragma once

#include "protocol/wire.h"

namespace mamba::protocol {

// Copies out of the frame, paid from the reader's budget; empty when that is spent.
inline Bytes to_owned(Reader& in, BytesView view) {
    if (!in.pay(view.size())) return {};
    return Bytes(view.begin(), view.end());
}
inline std::string to_owned(Reader& in, std::string_view text) {
    constexpr std::size_t held_inside = 15;  // bytes that need no heap
    if (text.size() > held_inside && !in.pay(text.size() + 1)) return {};
    return std::string(text);
}
inline Records owned_records(Reader& in, BytesView view) {
    Records records;
    records.bytes = to_owned(in, view);
    return records;
}
inline Records null_records() {
    Records records;
    records.is_null = true;
    return records;
}

// Writes unknown tags between the known ones: tags rise on the wire.
class UnknownTagsInOrder {
public:
    UnknownTagsInOrder(Writer& out, const UnknownTags& tags) : out_(out), rest_(tags.all()) {}

    void write_below(std::uint32_t tag) {
        while (!rest_.empty() && rest_.front().tag < tag) write_one();
    }
    void write_rest() {
        while (!rest_.empty()) write_one();
    }

private:
    void write_one() {
        out_.tagged(rest_.front());
        rest_ = rest_.subspan(1);
    }

    Writer& out_;
    std::span<const UnknownTags::Tag> rest_;
};

}  // namespace mamba::protocol
