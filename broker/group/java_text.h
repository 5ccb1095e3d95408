// What Java says about a text: its facts depend on UTF-16, in which Kafka holds every string.
#pragma once

#include <cstdint>
#include <string_view>

namespace mamba::broker {

// Calls `unit(char16_t)` for each UTF-16 unit of UTF-8 `text`; a malformed byte counts as U+FFFD.
template <class Unit>
void for_each_utf16_unit(std::string_view text, Unit unit) {
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
        const std::uint8_t first = byte(at);
        const std::size_t length = first < 0x80                    ? 1
                                   : first >= 0xc2 && first < 0xe0 ? 2
                                   : first >= 0xe0 && first < 0xf0 ? 3
                                   : first >= 0xf0 && first < 0xf5 ? 4
                                                                   : 0;
        bool whole = length != 0 && at + length <= text.size();
        for (std::size_t i = 1; whole && i < length; ++i) whole = (byte(at + i) & 0xc0) == 0x80;
        if (!whole) {
            unit(char16_t{0xfffd});
            ++at;
            continue;
        }
        std::uint32_t code = length == 1 ? first : first & (0x7fU >> length);
        for (std::size_t i = 1; i < length; ++i) code = code << 6 | (byte(at + i) & 0x3fU);
        at += length;
        if (code >= 0x10000) {
            code -= 0x10000;
            unit(static_cast<char16_t>(0xd800 + (code >> 10)));
            unit(static_cast<char16_t>(0xdc00 + (code & 0x3ff)));
        } else {
            unit(static_cast<char16_t>(code));
        }
    }
}

// String.hashCode().
inline std::int32_t java_hash_code(std::string_view text) {
    std::uint32_t hash = 0;
    for_each_utf16_unit(text, [&](char16_t unit) { hash = hash * 31 + unit; });
    return static_cast<std::int32_t>(hash);
}

// String.length().
inline std::size_t java_length(std::string_view text) {
    std::size_t length = 0;
    for_each_utf16_unit(text, [&](char16_t) { ++length; });
    return length;
}

}  // namespace mamba::broker
