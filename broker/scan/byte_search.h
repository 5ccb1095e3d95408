// Looks for bytes among bytes, at the speed of the C library's memmem (some GB/s; std::search does a tenth).
#pragma once

#include <string.h>

#include <string_view>

namespace mamba::broker {

// Where `needle` first occurs at or behind `from`; npos when it does not.
inline std::size_t find_bytes(std::string_view bytes, std::string_view needle, std::size_t from = 0) noexcept {
    if (from > bytes.size()) return std::string_view::npos;
    const void* found = ::memmem(bytes.data() + from, bytes.size() - from, needle.data(), needle.size());
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
}

inline bool contains_bytes(std::string_view bytes, std::string_view needle) noexcept {
    return find_bytes(bytes, needle) != std::string_view::npos;
}

}  // namespace mamba::broker
