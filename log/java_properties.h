// Java's .properties texts, as java.util.Properties reads and writes them: `key=value`, `key:
// value` or `key value`; comments by # or !; a backslash escapes, or at the end of a line continues
// it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "log/error.h"

namespace mamba::log {

using JavaProperties = std::vector<std::pair<std::string, std::string>>;

// Keys in the order of the text, repeated ones too (for Java the last one counts).
// Errors: corrupt, for a \u that four hexadecimal digits do not follow.
std::expected<JavaProperties, Error> parse_java_properties(std::string_view text);

// One line, with what would be read otherwise escaped.
std::string format_java_property(std::string_view key, std::string_view value);

// The last value of `key`; null when there is none.
const std::string* find_property(const JavaProperties& properties, std::string_view key);

}  // namespace mamba::log
