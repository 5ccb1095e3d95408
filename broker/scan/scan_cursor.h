// A ScanCursor as a text that a browser keeps and gives back, which nobody else can make: signed with a key of
// this process, so that it is good across reconnects, not across restarts.
//
//     text := base64url, without padding, of
//         version     uint8    1
//         topic id    16 bytes
//         filter      16 bytes   the first of the SHA-256 of the filter, so that it cannot be changed on the way
//         order, isolation  uint8, uint8
//         ranges      varint count, each: varint partition, varint low, varint high - low (0: no end, else + 1)
//         signature   32 bytes   HMAC-SHA-256 of all before it
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "broker/scan/record_scan.h"

namespace mamba::broker {

class ScanCursors {
public:
    using Key = std::array<std::byte, 32>;
    static constexpr std::size_t text_bytes_max = 1024 * 1024;

    // `key` is random and lives as long as the process.
    explicit ScanCursors(const Key& key) : key_(key) {}

    std::string seal(const ScanCursor& cursor, const Uuid& topic_id, const FilterSpec& filter) const;

    // Total for any text. Errors: a sentence, for the one who asks: it is none of ours, or it is of another topic
    // or filter.
    std::expected<ScanCursor, std::string> open(std::string_view text, const Uuid& topic_id,
                                                const FilterSpec& filter) const;

private:
    Key key_;
};

}  // namespace mamba::broker
