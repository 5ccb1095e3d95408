#include "log/java_properties.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace mamba::log {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\f';
}
bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0 | (code_point >> 6));
        put(0x80 | (code_point & 0x3F));
    } else {
        put(0xE0 | (code_point >> 12));
        put(0x80 | ((code_point >> 6) & 0x3F));
        put(0x80 | (code_point & 0x3F));
    }
}

class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    bool failed() const { return failed_; }
    char peek() const { return rest_.front(); }
    void skip() { rest_.remove_prefix(1); }

    void skip_line() {
        while (!at_end() && !is_line_end(peek())) skip();
    }
    // Blanks, and the ends of lines that a backslash continues.
    void skip_blanks() {
        while (!at_end()) {
            if (is_blank(peek())) {
                skip();
            } else if (!skip_continuation()) {
                return;
            }
        }
    }
    bool at_line_end() const { return at_end() || is_line_end(peek()); }

    // Up to the end of the line, or to what parts a key from its value.
    std::string take(bool is_key) {
        std::string out;
        while (!at_line_end() && !failed_) {
            const char c = peek();
            if (is_key && (c == '=' || c == ':' || is_blank(c))) break;
            if (c != '\\') {
                out += c;
                skip();
            } else if (skip_continuation()) {
                while (!at_end() && is_blank(peek())) skip();
            } else {
                skip();
                take_escape(out);
            }
        }
        return out;
    }

private:
    bool skip_continuation() {
        if (rest_.size() < 2 || rest_[0] != '\\' || !is_line_end(rest_[1])) return false;
        rest_.remove_prefix(rest_.starts_with("\\\r\n") ? 3 : 2);
        return true;
    }

    void take_escape(std::string& out) {
        if (at_end()) return;
        const char c = peek();
        skip();
        switch (c) {
            case 't':
                out += '\t';
                return;
            case 'n':
                out += '\n';
                return;
            case 'r':
                out += '\r';
                return;
            case 'f':
                out += '\f';
                return;
            case 'u':
                take_code_point(out);
                return;
            default:
                out += c;
        }
    }

    void take_code_point(std::string& out) {
        const std::string_view digits = rest_.substr(0, 4);
        std::uint32_t code_point = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code_point, 16);
        failed_ = error != std::errc{} || end != digits.data() + 4;
        if (failed_) return;
        rest_.remove_prefix(4);
        append_utf8(out, code_point);
    }

    std::string_view rest_;
    bool failed_ = false;
};

void append_escaped(std::string& out, std::string_view text, bool is_key) {
    bool leading = true;
    for (const char c : text) {
        switch (c) {
            case '\t':
                out += "\\t";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\f':
                out += "\\f";
                break;
            case ' ':
                out += is_key || leading ? "\\ " : " ";
                break;
            case '\\':
            case '=':
            case ':':
            case '#':
            case '!':
                out += '\\';
                out += c;
                break;
            default:
                out += c;
        }
        leading = false;
    }
}

}  // namespace

std::expected<JavaProperties, Error> parse_java_properties(std::string_view text) {
    JavaProperties properties;
    Reader reader(text);
    while (!reader.at_end()) {
        if (is_blank(reader.peek()) || is_line_end(reader.peek())) {
            reader.skip();
            continue;
        }
        if (reader.peek() == '#' || reader.peek() == '!') {
            reader.skip_line();
            continue;
        }
        std::string key = reader.take(true);
        reader.skip_blanks();
        if (!reader.at_line_end() && (reader.peek() == '=' || reader.peek() == ':')) {
            reader.skip();
            reader.skip_blanks();
        }
        std::string value = reader.take(false);
        if (reader.failed()) {
            return std::unexpected(
                Error{.kind = ErrorKind::corrupt,
                      .message = "properties: \\u without four hexadecimal digits"});
        }
        properties.emplace_back(std::move(key), std::move(value));
    }
    return properties;
}

std::string format_java_property(std::string_view key, std::string_view value) {
    std::string line;
    append_escaped(line, key, true);
    line += '=';
    append_escaped(line, value, false);
    line += '\n';
    return line;
}

const std::string* find_property(const JavaProperties& properties, std::string_view key) {
    const auto found = std::find_if(properties.rbegin(), properties.rend(),
                                    [&](const auto& property) { return property.first == key; });
    return found == properties.rend() ? nullptr : &found->second;
}

}  // namespace mamba::log
