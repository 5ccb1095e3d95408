// Reads values out of a JSON text where they lie: no tree is built, and nothing is copied but strings
// that have escapes. Numbers stay the text that they are, so none loses a digit.
//
// The grammar is RFC 8259's, as JSON.parse has it: of members with one name the last counts. A text that
// nests deeper than json_depth_max is taken for none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mamba::broker {

inline constexpr std::size_t json_depth_max = 512;

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

// A value within a text that read_json() has checked. `text` is just the value, a string's quotes included.
struct JsonValue {
    JsonKind kind = JsonKind::null;
    std::string_view text;
};

// The value that all of `text` is, whitespace around it left out; empty when it is not JSON in UTF-8. O(size).
std::optional<JsonValue> read_json(std::string_view text) noexcept;

// What a string means. `storage` is used only when it has escapes. A lone surrogate becomes U+FFFD.
std::string_view decode_json_string(JsonValue string, std::string& storage);

// Steps through the members of an object or the elements of an array; through nothing for other kinds.
//
//     for (JsonChildren children(array); const auto child = children.next();) use(child->value);
class JsonChildren {
public:
    struct Child {
        JsonValue name;  // an object's member: its name, a string
        JsonValue value;
    };

    explicit JsonChildren(JsonValue container) noexcept;
    std::optional<Child> next() noexcept;

private:
    std::string_view rest_;  // empty: nothing more
    bool is_object_ = false;
};

std::optional<JsonValue> find_json_member(JsonValue object, std::string_view name);
std::optional<JsonValue> find_json_element(JsonValue array, std::size_t index) noexcept;

// Orders two numbers of JSON's grammar exactly, whatever their length: < 0, 0 or > 0. Exponents beyond
// +-10^15 count as that.
int compare_decimals(std::string_view a, std::string_view b) noexcept;

// The number, when it is written as an integer (no point, no exponent) that fits.
std::optional<std::int64_t> json_int64(std::string_view number) noexcept;

}  // namespace mamba::broker
