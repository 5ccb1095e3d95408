// Whether bytes are UTF-8: RFC 3629, so no surrogates, no overlong forms, nothing above U+10FFFF.
#pragma once

#include <string>
#include <string_view>

namespace mamba::broker {

bool is_utf8(std::string_view text) noexcept;

// Appends `code_point`; a surrogate or a number that is none becomes U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

// How many of the first `bytes_max` bytes of valid UTF-8 are whole characters.
std::size_t utf8_prefix(std::string_view text, std::size_t bytes_max) noexcept;

}  // namespace mamba::broker
