// Bytes in tests: from hexadecimal, from text, and changed at random from a seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "protocol/types.h"

namespace mamba {

// `hex` holds pairs of lower-case hexadecimal digits.
inline Bytes from_hex(std::string_view hex) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
    }
    return bytes;
}

inline Bytes to_bytes(std::string_view text) {
    const BytesView view = as_bytes(text);
    return {view.begin(), view.end()};
}

// `size` bytes that no codec can shrink.
inline Bytes noise(std::size_t size, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Bytes bytes(size);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    return bytes;
}

// One to four changes: a byte set, a bit flipped, a piece cut out or doubled.
inline Bytes mutated(Bytes bytes, std::mt19937_64& random) {
    const auto below = [&](std::size_t bound) {
        return static_cast<std::size_t>(random() % bound);
    };
    for (std::size_t change = below(4) + 1; change > 0 && !bytes.empty(); --change) {
        const std::size_t at = below(bytes.size());
        const auto where = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const auto piece =
            static_cast<std::ptrdiff_t>(below(std::min<std::size_t>(8, bytes.size() - at)) + 1);
        switch (below(4)) {
            case 0:
                *where = static_cast<std::byte>(random());
                break;
            case 1:
                *where ^= static_cast<std::byte>(1U << below(8));
                break;
            case 2:
                bytes.erase(where, where + piece);
                break;
            default: {
                const Bytes copy(where, where + piece);
                bytes.insert(where, copy.begin(), copy.end());
            }
        }
    }
    return bytes;
}

}  // namespace mamba
