#include "broker/scan/json_scan.h"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <cstring>

#include "broker/scan/utf8.h"

namespace mamba::broker {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The four hexadecimal digits at `at`, or -1.
int hex4(const char* at, const char* end) {
    if (end - at < 4) return -1;
    int value = 0;
    for (int i = 0; i < 4; ++i) {
        const int digit = hex_digit(at[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

// Checks a text token by token. Every function takes what it names, or is false.
class Checker {
public:
    explicit Checker(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

    bool whole() {
        for (;;) {
            skip_space();
            if (at_ == end_) return false;
            if (*at_ == '{' || *at_ == '[') {
                const bool is_object = *at_++ == '{';
                if (depth_ == json_depth_max) return false;
                objects_[depth_++] = is_object;
                skip_space();
                if (at_ < end_ && *at_ == (is_object ? '}' : ']')) {
                    ++at_;
                    --depth_;
                } else {
                    if (is_object && !name()) return false;
                    continue;
                }
            } else if (!scalar()) {
                return false;
            }
            if (!leave_containers()) return false;
            if (depth_ == 0) return at_ == end_;
        }
    }

private:
    // Behind a value: takes closing brackets, and a comma when there is more.
    bool leave_containers() {
        for (;;) {
            skip_space();
            if (depth_ == 0) return true;
            if (at_ == end_) return false;
            const bool is_object = objects_[depth_ - 1];
            const char c = *at_++;
            if (c == ',') {
                skip_space();
                return !is_object || name();
            }
            if (c != (is_object ? '}' : ']')) return false;
            --depth_;
        }
    }

    bool name() {
        if (!string()) return false;
        skip_space();
        return at_ < end_ && *at_++ == ':';
    }

    bool scalar() {
        switch (*at_) {
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }

    bool word(std::string_view expected) {
        if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(expected)) return false;
        at_ += expected.size();
        return true;
    }

    bool digits() {
        const char* from = at_;
        while (at_ < end_ && is_digit(*at_)) ++at_;
        return at_ > from;
    }

    bool number() {
        if (*at_ == '-') ++at_;
        if (at_ < end_ && *at_ == '0') {
            ++at_;
        } else if (!digits()) {
            return false;
        }
        if (at_ < end_ && *at_ == '.') {
            ++at_;
            if (!digits()) return false;
        }
        if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
            ++at_;
            if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
            if (!digits()) return false;
        }
        return true;
    }

    bool string() {
        if (at_ == end_ || *at_ != '"') return false;
        for (++at_; at_ < end_; ++at_) {
            if (*at_ == '"') {
                ++at_;
                return true;
            }
            if (static_cast<unsigned char>(*at_) < 0x20) return false;
            if (*at_ != '\\') continue;
            if (++at_ == end_) return false;
            if (*at_ == 'u') {
                if (hex4(at_ + 1, end_) < 0) return false;
                at_ += 4;
            } else if (std::strchr("\"\\/bfnrt", *at_) == nullptr || *at_ == '\0') {
                return false;
            }
        }
        return false;
    }

    void skip_space() {
        while (at_ < end_ && is_space(*at_)) ++at_;
    }

    const char* at_;
    const char* end_;
    std::size_t depth_ = 0;
    std::bitset<json_depth_max> objects_;  // of the containers that are open, which are objects
};

// Below, texts have been checked.

std::string_view trim_front(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && is_space(text[at])) ++at;
    return text.substr(at);
}

// Bytes of the string that `text` starts with.
std::size_t string_size(std::string_view text) {
    std::size_t at = 1;
    for (;;) {
        at = text.find('"', at);
        std::size_t backslashes = 0;
        while (text[at - 1 - backslashes] == '\\') ++backslashes;
        ++at;
        if (backslashes % 2 == 0) return at;
    }
}

std::size_t container_size(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t at = 0;; ++at) {
        switch (text[at]) {
            case '"':
                at += string_size(text.substr(at)) - 1;
                break;
            case '{':
            case '[':
                ++depth;
                break;
            case '}':
            case ']':
                if (--depth == 0) return at + 1;
                break;
            default:
                break;
        }
    }
}

// The value that `text` starts with.
JsonValue value_at(std::string_view text) {
    const auto ends = [](char c) { return c == ',' || c == '}' || c == ']' || is_space(c); };
    switch (text.front()) {
        case '"':
            return {JsonKind::string, text.substr(0, string_size(text))};
        case '{':
            return {JsonKind::object, text.substr(0, container_size(text))};
        case '[':
            return {JsonKind::array, text.substr(0, container_size(text))};
        case 't':
            return {JsonKind::boolean, text.substr(0, 4)};
        case 'f':
            return {JsonKind::boolean, text.substr(0, 5)};
        case 'n':
            return {JsonKind::null, text.substr(0, 4)};
        default: {
            const auto end = std::find_if(text.begin(), text.end(), ends);
            return {JsonKind::number, text.substr(0, static_cast<std::size_t>(end - text.begin()))};
        }
    }
}

// A number as sign, significant digits and the power of ten that the first of them stands for.
struct Decimal {
    explicit Decimal(std::string_view text) {
        if (text.front() == '-') {
            negative = true;
            text.remove_prefix(1);
        }
        const std::size_t e = text.find_first_of("eE");
        std::int64_t exponent = 0;
        if (e != text.npos) exponent = exponent_of(text.substr(e + 1));
        text = text.substr(0, e);
        const std::size_t point = std::min(text.find('.'), text.size());
        whole = text.substr(0, point);
        if (point < text.size()) fraction = text.substr(point + 1);
        // Digits are numbered through whole and fraction; zeros at both ends do not count.
        while (first < size() && digit(first) == '0') ++first;
        last = size();
        while (last > first && digit(last - 1) == '0') --last;
        magnitude = exponent + static_cast<std::int64_t>(whole.size()) - static_cast<std::int64_t>(first);
        if (is_zero()) negative = false;
    }

    bool is_zero() const { return first == last; }
    std::size_t size() const { return whole.size() + fraction.size(); }
    char digit(std::size_t index) const {
        return index < whole.size() ? whole[index] : fraction[index - whole.size()];
    }

    static std::int64_t exponent_of(std::string_view text) {
        constexpr std::int64_t bound = 1'000'000'000'000'000;
        const bool minus = text.front() == '-';
        if (minus || text.front() == '+') text.remove_prefix(1);
        std::int64_t value = 0;
        for (const char c : text) value = std::min(bound, value * 10 + (c - '0'));
        return minus ? -value : value;
    }

    bool negative = false;
    std::string_view whole;
    std::string_view fraction;
    std::size_t first = 0;
    std::size_t last = 0;
    std::int64_t magnitude = 0;
};

int compare_magnitudes(const Decimal& a, const Decimal& b) {
    if (a.is_zero() || b.is_zero()) return static_cast<int>(b.is_zero()) - static_cast<int>(a.is_zero());
    if (a.magnitude != b.magnitude) return a.magnitude < b.magnitude ? -1 : 1;
    const std::size_t digits = std::max(a.last - a.first, b.last - b.first);
    for (std::size_t i = 0; i < digits; ++i) {
        const char left = a.first + i < a.last ? a.digit(a.first + i) : '0';
        const char right = b.first + i < b.last ? b.digit(b.first + i) : '0';
        if (left != right) return left < right ? -1 : 1;
    }
    return 0;
}

}  // namespace

std::optional<JsonValue> read_json(std::string_view text) noexcept {
    text = trim_front(text);
    if (text.empty() || !Checker(text).whole() || !is_utf8(text)) return std::nullopt;
    return value_at(text);
}

std::string_view decode_json_string(JsonValue string, std::string& storage) {
    const std::string_view inner = string.text.substr(1, string.text.size() - 2);
    if (inner.find('\\') == inner.npos) return inner;
    storage.clear();
    const char* at = inner.data();
    const char* end = at + inner.size();
    while (at < end) {
        if (*at != '\\') {
            storage.push_back(*at++);
            continue;
        }
        const char escape = at[1];
        at += 2;
        switch (escape) {
            case 'b':
                storage.push_back('\b');
                break;
            case 'f':
                storage.push_back('\f');
                break;
            case 'n':
                storage.push_back('\n');
                break;
            case 'r':
                storage.push_back('\r');
                break;
            case 't':
                storage.push_back('\t');
                break;
            case 'u': {
                auto unit = static_cast<char32_t>(hex4(at, end));
                at += 4;
                if (unit >= 0xD800 && unit < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
                    const int low = hex4(at + 2, end);
                    if (low >= 0xDC00 && low < 0xE000) {
                        unit = 0x10000 + ((unit - 0xD800) << 10) + (static_cast<char32_t>(low) - 0xDC00);
                        at += 6;
                    }
                }
                append_utf8(storage, unit);
                break;
            }
            default:
                storage.push_back(escape);
        }
    }
    return storage;
}

JsonChildren::JsonChildren(JsonValue container) noexcept : is_object_(container.kind == JsonKind::object) {
    if (is_object_ || container.kind == JsonKind::array) rest_ = trim_front(container.text.substr(1));
}

std::optional<JsonChildren::Child> JsonChildren::next() noexcept {
    if (rest_.empty() || rest_.front() == '}' || rest_.front() == ']') return std::nullopt;
    Child child;
    if (is_object_) {
        child.name = value_at(rest_);
        rest_ = trim_front(rest_.substr(child.name.text.size()));
        rest_ = trim_front(rest_.substr(1));  // the colon
    }
    child.value = value_at(rest_);
    rest_ = trim_front(rest_.substr(child.value.text.size()));
    if (rest_.front() == ',') rest_ = trim_front(rest_.substr(1));
    return child;
}

std::optional<JsonValue> find_json_member(JsonValue object, std::string_view name) {
    std::optional<JsonValue> found;
    if (object.kind != JsonKind::object) return found;
    std::string storage;
    for (JsonChildren members(object); const auto member = members.next();) {
        if (decode_json_string(member->name, storage) == name) found = member->value;
    }
    return found;
}

std::optional<JsonValue> find_json_element(JsonValue array, std::size_t index) noexcept {
    if (array.kind != JsonKind::array) return std::nullopt;
    JsonChildren elements(array);
    auto element = elements.next();
    for (; element && index > 0; --index) element = elements.next();
    if (!element) return std::nullopt;
    return element->value;
}

int compare_decimals(std::string_view a, std::string_view b) noexcept {
    const Decimal left(a);
    const Decimal right(b);
    if (left.negative != right.negative) return left.negative ? -1 : 1;
    const int order = compare_magnitudes(left, right);
    return left.negative ? -order : order;
}

std::optional<std::int64_t> json_int64(std::string_view number) noexcept {
    std::int64_t value = 0;
    const char* end = number.data() + number.size();
    const auto [stopped, error] = std::from_chars(number.data(), end, value);
    if (error != std::errc() || stopped != end) return std::nullopt;
    return value;
}

}  // namespace mamba::broker
