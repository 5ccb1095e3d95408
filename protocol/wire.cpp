#include "protocol/wire.h"

#include <limits>

namespace mamba::protocol {

std::string_view describe(DecodeError error) {
    switch (error) {
        case DecodeError::none:
            return "no error";
        case DecodeError::truncated:
            return "a value reaches past the end of the message";
        case DecodeError::negative_length:
            return "a length is negative or null where it must not be";
        case DecodeError::malformed_varint:
            return "a variable-length integer is too long";
        case DecodeError::too_many_elements:
            return "a count is larger than the message can hold";
        case DecodeError::bad_presence:
            return "a nullable structure is neither present nor absent";
        case DecodeError::tag_left_over:
            return "a tagged field is longer than its value";
    }
    return "unknown error";
}

Uuid Reader::uuid() {
    Uuid id;
    const BytesView view = raw(id.bytes.size());
    if (ok()) std::ranges::copy(view, id.bytes.begin());
    return id;
}

std::uint32_t Reader::unsigned_varint() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        if (!need(1)) return 0;
        const auto byte = std::to_integer<std::uint32_t>(*at_++);
        if (shift == 28 && byte > 0x0f) break;  // more than 32 bits
        value |= (byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) return value;
    }
    fail(DecodeError::malformed_varint);
    return 0;
}

std::optional<std::string_view> Reader::nullable_string(bool flexible) {
    std::size_t size = 0;
    if (flexible) {
        const std::uint32_t coded = unsigned_varint();
        if (coded == 0) return std::nullopt;
        size = coded - 1;
        // A string's length is 16 bits in the classic form, and Kafka holds the compact one to it.
        if (size > std::numeric_limits<std::int16_t>::max()) {
            fail(DecodeError::negative_length);
            return std::nullopt;
        }
    } else {
        const std::int16_t coded = int16();
        if (coded == -1) return std::nullopt;
        if (coded < 0) {
            fail(DecodeError::negative_length);
            return std::nullopt;
        }
        size = static_cast<std::size_t>(coded);
    }
    return as_text(raw(size));
}

std::string_view Reader::string(bool flexible) {
    const std::optional<std::string_view> text = nullable_string(flexible);
    if (!text && ok()) fail(DecodeError::negative_length);
    return text.value_or(std::string_view());
}

std::optional<BytesView> Reader::nullable_bytes(bool flexible) {
    std::size_t size = 0;
    if (flexible) {
        const std::uint32_t coded = unsigned_varint();
        if (coded == 0) return std::nullopt;
        size = coded - 1;
    } else {
        const std::int32_t coded = int32();
        if (coded == -1) return std::nullopt;
        if (coded < 0) {
            fail(DecodeError::negative_length);
            return std::nullopt;
        }
        size = static_cast<std::size_t>(coded);
    }
    return raw(size);
}

BytesView Reader::bytes(bool flexible) {
    const std::optional<BytesView> data = nullable_bytes(flexible);
    if (!data && ok()) fail(DecodeError::negative_length);
    return data.value_or(BytesView());
}

std::optional<std::uint32_t> Reader::nullable_count(bool flexible, std::size_t wire_size_min,
                                                    std::size_t memory_size) {
    std::uint32_t n = 0;
    if (flexible) {
        const std::uint32_t coded = unsigned_varint();
        if (coded == 0) return std::nullopt;
        n = coded - 1;
    } else {
        const std::int32_t coded = int32();
        if (coded == -1) return std::nullopt;
        if (coded < 0) {
            fail(DecodeError::negative_length);
            return std::nullopt;
        }
        n = static_cast<std::uint32_t>(coded);
    }
    if (n > remaining() / std::max<std::size_t>(wire_size_min, 1)) {
        fail(DecodeError::too_many_elements);
        return 0;
    }
    if (!pay(n * memory_size)) return 0;
    return n;
}

std::uint32_t Reader::count(bool flexible, std::size_t wire_size_min, std::size_t memory_size) {
    const std::optional<std::uint32_t> n = nullable_count(flexible, wire_size_min, memory_size);
    if (!n && ok()) fail(DecodeError::negative_length);
    return n.value_or(0);
}

bool Reader::present() {
    const std::int8_t mark = int8();
    if (mark != 1 && mark != -1) fail(DecodeError::bad_presence);
    return ok() && mark == 1;
}

void Writer::grow(std::size_t size) {
    constexpr std::size_t first_size = 256;
    buffer_.resize(std::max({first_size, 2 * buffer_.size(), size_ + size}));
}

void Writer::unsigned_varint(std::uint32_t v) {
    while (v >= 0x80) {
        *room(1) = static_cast<std::byte>(v | 0x80);
        v >>= 7;
    }
    *room(1) = static_cast<std::byte>(v);
}

void Writer::string(std::string_view text, bool flexible) {
    assert(text.size() <= std::numeric_limits<std::int16_t>::max());
    if (flexible) {
        unsigned_varint(static_cast<std::uint32_t>(text.size()) + 1);
    } else {
        int16(static_cast<std::int16_t>(text.size()));
    }
    raw(as_bytes(text));
}

void Writer::null_string(bool flexible) {
    if (flexible) {
        unsigned_varint(0);
    } else {
        int16(-1);
    }
}

void Writer::bytes(BytesView data, bool flexible) {
    count(data.size(), flexible);
    raw(data);
}

void Writer::null_bytes(bool flexible) { null_count(flexible); }

void Writer::records(const Records& records, bool flexible) {
    if (records.is_null) return null_bytes(flexible);
    if (records.spliced == 0) return bytes(records.bytes, flexible);
    count(records.spliced, flexible);
    splices_.push_back({size_, records.spliced, records.source});
}

void Writer::count(std::size_t n, bool flexible) {
    assert(n < std::numeric_limits<std::int32_t>::max());
    if (flexible) {
        unsigned_varint(static_cast<std::uint32_t>(n) + 1);
    } else {
        int32(static_cast<std::int32_t>(n));
    }
}

void Writer::null_count(bool flexible) {
    if (flexible) {
        unsigned_varint(0);
    } else {
        int32(-1);
    }
}

void Writer::tagged(std::uint32_t tag, const Writer& content) {
    assert(content.splices_.empty());
    unsigned_varint(tag);
    unsigned_varint(static_cast<std::uint32_t>(content.size()));
    raw(content.view());
    if (content.cannot_carry_ != nullptr) cannot_carry(content.cannot_carry_);
}

void Writer::tagged(const UnknownTags::Tag& tag) {
    unsigned_varint(tag.tag);
    unsigned_varint(static_cast<std::uint32_t>(tag.data.size()));
    raw(tag.data);
}

std::size_t Writer::size_on_wire() const {
    std::size_t size = size_;
    for (const Splice& splice : splices_) size += splice.length;
    return size;
}

void Writer::put_int32_at(std::size_t position, std::int32_t v) {
    assert(position + 4 <= size_);
    const std::uint32_t bits = std::byteswap(static_cast<std::uint32_t>(v));
    std::memcpy(buffer_.data() + position, &bits, sizeof bits);
}

}  // namespace mamba::protocol
