// The records inside a batch of format 2, read where they lie and written one behind the other.
//
//     record := length            varint     bytes after this field
//               attributes        int8       unused, 0
//               timestamp_delta   varlong    from the batch's base_timestamp
//               offset_delta      varint     from the batch's base_offset
//               key               varint length (-1: null), bytes
//               value             varint length (-1: null), bytes
//               headers           varint count, each: varint length, key; varint length (-1), value
//
// varint and varlong are zigzag, seven bits a byte, the low ones first. Source: KIP-98, KIP-82.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/types.h"

namespace mamba::protocol {

struct RecordHeader {
    std::string_view key;
    std::optional<BytesView> value;  // none: null
};

// The headers of one record, in the bytes that RecordReader has checked already.
class RecordHeaders {
public:
    class Iterator {
    public:
        using value_type = RecordHeader;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        Iterator(BytesView rest, std::int32_t left) : rest_(rest), left_(left) {}
        RecordHeader operator*() const noexcept;
        Iterator& operator++() noexcept;
        Iterator operator++(int) noexcept {
            Iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.left_ == b.left_; }

    private:
        BytesView rest_;
        std::int32_t left_ = 0;
    };

    RecordHeaders() = default;
    // `bytes` starts at the first header; `count` headers follow, known to be well formed.
    RecordHeaders(BytesView bytes, std::int32_t count) : bytes_(bytes), count_(count) {}

    std::int32_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    Iterator begin() const noexcept { return {bytes_, count_}; }
    Iterator end() const noexcept { return {{}, 0}; }
    // The headers as they lie, without the count.
    BytesView bytes() const noexcept { return bytes_; }

private:
    BytesView bytes_;
    std::int32_t count_ = 0;
};

// A view into the batch's bytes.
struct Record {
    std::int64_t timestamp_delta = 0;
    std::int32_t offset_delta = 0;
    std::optional<BytesView> key;    // none: null
    std::optional<BytesView> value;  // none: null
    RecordHeaders headers;
    std::size_t size = 0;  // bytes in the batch, the length field included
};

enum class RecordError : std::uint8_t {
    end,          // all records are read and the bytes used up: not a fault
    malformed,    // a length or number that does not fit the bytes
    bytes_left,   // all records that the batch counts are read, but bytes remain
    records_left  // the bytes are used up, but the batch counts more records
};

// Reads `count` records from `records`, the uncompressed part of a batch behind its header.
class RecordReader {
public:
    RecordReader(BytesView records, std::int32_t count) : rest_(records), left_(count) {}

    // The next record, or why there is none; the same answer again after that. Allocates nothing.
    std::expected<Record, RecordError> next() noexcept;

private:
    BytesView rest_;
    std::int32_t left_;
};

// Appends one record to `out`.
void append_record(Bytes& out, std::int64_t timestamp_delta, std::int32_t offset_delta,
                   std::optional<BytesView> key, std::optional<BytesView> value,
                   std::span<const RecordHeader> headers);

}  // namespace mamba::protocol
