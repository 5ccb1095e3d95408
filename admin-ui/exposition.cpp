#include "admin-ui/exposition.h"

#include <fmt/format.h>

#include <cmath>

namespace mamba::admin {
namespace {

// Backslashes, quotes and line feeds are the format's own; the rest is taken as it is.
void append_escaped(std::string& to, std::string_view text) {
    for (const char c : text) {
        if (c == '\\' || c == '"') to += '\\';
        if (c == '\n') {
            to += "\\n";
        } else {
            to += c;
        }
    }
}

}  // namespace

std::string Exposition::number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void Exposition::part(std::string_view suffix, Labels labels, std::string_view le, std::string_view value) {
    text_ += name_;
    text_ += suffix;
    char separator = '{';
    const auto label = [&](std::string_view name, std::string_view text) {
        text_ += separator;
        separator = ',';
        text_ += name;
        text_ += "=\"";
        append_escaped(text_, text);
        text_ += '"';
    };
    for (const auto& [name, text] : labels) label(name, text);
    if (!le.empty()) label("le", le);
    if (separator == ',') text_ += '}';
    text_ += ' ';
    text_ += value;
    text_ += '\n';
}

void Exposition::sample(Labels labels, double value) { part("", labels, "", number(value)); }
void Exposition::sample(Labels labels, std::uint64_t value) { part("", labels, "", std::to_string(value)); }
void Exposition::sample(Labels labels, std::int64_t value) { part("", labels, "", std::to_string(value)); }

}  // namespace mamba::admin
