#include "protocol/record.h"

#include <cassert>
#include <limits>

namespace mamba::protocol {
namespace {

// Takes bytes from the front of `rest`; every function is false, or empty, when they do not
// suffice. On failure `rest` is of no further use.

bool take_varlong(BytesView& rest, std::int64_t& out) noexcept {
    std::uint64_t bits = 0;
    std::size_t i = 0;
    for (int shift = 0; shift < 64; shift += 7, ++i) {
        if (i == rest.size()) return false;
        const auto byte = std::to_integer<std::uint64_t>(rest[i]);
        bits |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            // The tenth byte has room for one bit.
            if (shift == 63 && byte > 1) return false;
            rest = rest.subspan(i + 1);
            out = static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
            return true;
        }
    }
    return false;
}

bool take_varint(BytesView& rest, std::int32_t& out) noexcept {
    // Most lengths and deltas take one byte.
    if (!rest.empty() && rest[0] < std::byte{0x80}) {
        const auto bits = std::to_integer<std::int32_t>(rest[0]);
        rest = rest.subspan(1);
        out = (bits >> 1) ^ -(bits & 1);
        return true;
    }
    std::uint32_t bits = 0;
    std::size_t i = 0;
    for (int shift = 0; shift < 32; shift += 7, ++i) {
        if (i == rest.size()) return false;
        const auto byte = std::to_integer<std::uint32_t>(rest[i]);
        bits |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            // The fifth byte has room for four bits.
            if (shift == 28 && byte > 0x0f) return false;
            rest = rest.subspan(i + 1);
            out = static_cast<std::int32_t>(bits >> 1) ^ -static_cast<std::int32_t>(bits & 1);
            return true;
        }
    }
    return false;
}

bool take_bytes(BytesView& rest, std::int32_t length, BytesView& out) noexcept {
    if (length < 0 || static_cast<std::size_t>(length) > rest.size()) return false;
    out = rest.first(static_cast<std::size_t>(length));
    rest = rest.subspan(static_cast<std::size_t>(length));
    return true;
}

bool take_nullable_bytes(BytesView& rest, std::optional<BytesView>& out) noexcept {
    std::int32_t length = 0;
    if (!take_varint(rest, length)) return false;
    if (length < 0) return true;  // any negative length means null, as in Kafka's own reader
    BytesView bytes;
    if (!take_bytes(rest, length, bytes)) return false;
    out = bytes;
    return true;
}

bool take_header(BytesView& rest, RecordHeader& out) noexcept {
    std::int32_t key_length = 0;
    BytesView key;
    if (!take_varint(rest, key_length) || !take_bytes(rest, key_length, key)) return false;
    out.key = as_text(key);
    out.value.reset();
    return take_nullable_bytes(rest, out.value);
}

// `body` is one record behind its length field, to be used up.
bool parse_body(BytesView body, Record& out) noexcept {
    if (body.empty()) return false;
    BytesView rest = body.subspan(1);  // attributes: unused, and not checked by Kafka either
    std::int32_t header_count = 0;
    if (!take_varlong(rest, out.timestamp_delta) || !take_varint(rest, out.offset_delta) ||
        !take_nullable_bytes(rest, out.key) || !take_nullable_bytes(rest, out.value) ||
        !take_varint(rest, header_count) || header_count < 0) {
        return false;
    }
    out.headers = RecordHeaders(rest, header_count);
    RecordHeader header;
    for (std::int32_t i = 0; i < header_count; ++i) {
        if (!take_header(rest, header)) return false;
    }
    return rest.empty();
}

void put_varlong(Bytes& out, std::int64_t value) {
    std::uint64_t bits =
        (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    while (bits >= 0x80) {
        out.push_back(static_cast<std::byte>(bits | 0x80));
        bits >>= 7;
    }
    out.push_back(static_cast<std::byte>(bits));
}

// A varint is the varlong of the same number.
void put_varint(Bytes& out, std::size_t value) {
    assert(value <= std::size_t{std::numeric_limits<std::int32_t>::max()});
    put_varlong(out, static_cast<std::int64_t>(value));
}

std::size_t varlong_size(std::int64_t value) {
    std::uint64_t bits =
        (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    std::size_t size = 1;
    for (; bits >= 0x80; bits >>= 7) ++size;
    return size;
}

void put_bytes(Bytes& out, BytesView bytes) {
    put_varint(out, bytes.size());
    out.insert(out.end(), bytes.begin(), bytes.end());
}

void put_nullable_bytes(Bytes& out, std::optional<BytesView> bytes) {
    if (bytes) {
        put_bytes(out, *bytes);
    } else {
        put_varlong(out, -1);
    }
}

std::size_t bytes_size(BytesView bytes) {
    return varlong_size(static_cast<std::int64_t>(bytes.size())) + bytes.size();
}

std::size_t nullable_bytes_size(std::optional<BytesView> bytes) {
    return bytes ? bytes_size(*bytes) : varlong_size(-1);
}

}  // namespace

RecordHeader RecordHeaders::Iterator::operator*() const noexcept {
    BytesView rest = rest_;
    RecordHeader header;
    [[maybe_unused]] const bool well_formed = take_header(rest, header);
    assert(well_formed && "RecordReader checks every header before it gives the record");
    return header;
}

RecordHeaders::Iterator& RecordHeaders::Iterator::operator++() noexcept {
    RecordHeader header;
    [[maybe_unused]] const bool well_formed = take_header(rest_, header);
    assert(well_formed && "RecordReader checks every header before it gives the record");
    --left_;
    return *this;
}

std::expected<Record, RecordError> RecordReader::next() noexcept {
    if (left_ <= 0) {
        return std::unexpected(rest_.empty() ? RecordError::end : RecordError::bytes_left);
    }
    if (rest_.empty()) return std::unexpected(RecordError::records_left);
    BytesView rest = rest_;
    std::int32_t length = 0;
    BytesView body;
    std::expected<Record, RecordError> record;
    if (!take_varint(rest, length) || !take_bytes(rest, length, body) ||
        !parse_body(body, *record)) {
        return std::unexpected(RecordError::malformed);
    }
    record->size = rest_.size() - rest.size();
    rest_ = rest;
    --left_;
    return record;
}

void append_record(Bytes& out, std::int64_t timestamp_delta, std::int32_t offset_delta,
                   std::optional<BytesView> key, std::optional<BytesView> value,
                   std::span<const RecordHeader> headers) {
    std::size_t size = 1 + varlong_size(timestamp_delta) + varlong_size(offset_delta) +
                       nullable_bytes_size(key) + nullable_bytes_size(value) +
                       varlong_size(static_cast<std::int64_t>(headers.size()));
    for (const RecordHeader& header : headers) {
        size += bytes_size(as_bytes(header.key)) + nullable_bytes_size(header.value);
    }
    put_varint(out, size);
    out.push_back(std::byte{0});  // attributes
    put_varlong(out, timestamp_delta);
    put_varlong(out, offset_delta);
    put_nullable_bytes(out, key);
    put_nullable_bytes(out, value);
    put_varint(out, headers.size());
    for (const RecordHeader& header : headers) {
        put_bytes(out, as_bytes(header.key));
        put_nullable_bytes(out, header.value);
    }
}

}  // namespace mamba::protocol
