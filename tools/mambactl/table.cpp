#include "tools/mambactl/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <cctype>

namespace mamba::ctl {
namespace {

struct AsText {
    std::string operator()(Nothing) const { return "-"; }
    std::string operator()(bool value) const { return value ? "yes" : "no"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const std::vector<std::int64_t>& values) const {
        return fmt::format("{}", fmt::join(values, ","));
    }
};

struct AsJson {
    std::string operator()(Nothing) const { return "null"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(const std::string& value) const { return json_string(value); }
    std::string operator()(const std::vector<std::int64_t>& values) const {
        return fmt::format("[{}]", fmt::join(values, ","));
    }
};

// Length of the UTF-8 sequence at the start of `text`, which is not empty; 0 when there is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto follows = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
    if (byte(0) < 0x80) return 1;
    if (byte(0) >= 0xC2 && byte(0) <= 0xDF && follows(1)) return 2;
    if (byte(0) >= 0xE0 && byte(0) <= 0xEF && follows(1) && follows(2)) {
        const bool is_overlong = byte(0) == 0xE0 && byte(1) < 0xA0;
        const bool is_surrogate = byte(0) == 0xED && byte(1) >= 0xA0;
        return is_overlong || is_surrogate ? 0 : 3;
    }
    if (byte(0) >= 0xF0 && byte(0) <= 0xF4 && follows(1) && follows(2) && follows(3)) {
        const bool is_overlong = byte(0) == 0xF0 && byte(1) < 0x90;
        const bool is_too_large = byte(0) == 0xF4 && byte(1) >= 0x90;
        return is_overlong || is_too_large ? 0 : 4;
    }
    return 0;
}

}  // namespace

std::string json_string(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const char c = text[0];
        if (length == 0) {
            out += "\\ufffd";
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out + '"';
}

void Table::add(std::vector<Cell> row) {
    assert(row.size() == columns_.size());
    rows_.push_back(std::move(row));
}

std::string Table::to_text() const {
    std::vector<std::vector<std::string>> lines;
    std::vector<std::size_t> widths;
    auto& head = lines.emplace_back();
    for (const std::string& column : columns_) {
        std::string name = column;
        for (char& c : name) {
            c = c == '_' ? '-' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        }
        widths.push_back(name.size());
        head.push_back(std::move(name));
    }
    std::vector<bool> is_number(columns_.size(), true);
    for (const auto& row : rows_) {
        auto& line = lines.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i) {
            line.push_back(std::visit(AsText(), row[i]));
            widths[i] = std::max(widths[i], line[i].size());
            if (!std::holds_alternative<std::int64_t>(row[i]) &&
                !std::holds_alternative<Nothing>(row[i])) {
                is_number[i] = false;
            }
        }
    }
    std::string text;
    for (const auto& line : lines) {
        std::string shown;
        for (std::size_t i = 0; i < line.size(); ++i) {
            shown += is_number[i] ? fmt::format("{:>{}}  ", line[i], widths[i])
                                  : fmt::format("{:<{}}  ", line[i], widths[i]);
        }
        shown.erase(shown.find_last_not_of(' ') + 1);
        text += shown + '\n';
    }
    return text;
}

std::string Table::to_json() const {
    std::string json = "[";
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        json += r == 0 ? "\n {" : ",\n {";
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            json += fmt::format("{}{}: {}", i == 0 ? "" : ", ", json_string(columns_[i]),
                                std::visit(AsJson(), rows_[r][i]));
        }
        json += '}';
    }
    return json + (rows_.empty() ? "]\n" : "\n]\n");
}

}  // namespace mamba::ctl
