#include "admin-ui/http.h"

#include <algorithm>

namespace mamba::admin {
namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// False on a malformed percent code or a zero byte. In a query '+' stands for a blank.
bool decode(std::string_view text, bool is_query, std::string& into) {
    into.clear();
    into.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size()) return false;
            const int high = digit_of(text[i + 1]);
            const int low = digit_of(text[i + 2]);
            if (high < 0 || low < 0) return false;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        if (c == '\0') return false;
        into += c;
    }
    return true;
}

bool parse_query(std::string_view text, Request& into) {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        std::string name;
        std::string value;
        if (!decode(pair.substr(0, equals), true, name)) return false;
        if (equals != std::string_view::npos && !decode(pair.substr(equals + 1), true, value)) return false;
        into.query.emplace(std::move(name), std::move(value));
    }
    return true;
}

}  // namespace

std::string_view name_of(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
        case Method::other:
            break;
    }
    return "?";
}

std::string_view Request::header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::string> Request::parameter(std::string_view name) const {
    const auto found = query.find(name);
    if (found == query.end()) return std::nullopt;
    return found->second;
}

std::string_view Request::host() const { return forwarded_host.empty() ? header("host") : forwarded_host; }

bool parse_target(std::string_view target, Request& into) {
    if (!target.starts_with('/')) return false;
    target = target.substr(0, target.find('#'));
    const std::size_t mark = target.find('?');
    if (mark != std::string_view::npos && !parse_query(target.substr(mark + 1), into)) return false;
    std::string_view path = target.substr(0, mark);
    into.path = path;
    path.remove_prefix(1);
    for (;;) {
        const std::size_t slash = path.find('/');
        if (!decode(path.substr(0, slash), false, into.segments.emplace_back())) return false;
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

void strip_prefix(Request& request, std::string_view prefix) {
    const bool is_there = request.path.starts_with(prefix) &&
                          (request.path.size() == prefix.size() || request.path[prefix.size()] == '/');
    if (prefix.empty() || !is_there) return;
    request.path.erase(0, prefix.size());
    request.segments.erase(request.segments.begin(), request.segments.begin() + std::ranges::count(prefix, '/'));
    if (!request.path.empty()) return;
    request.path = "/";
    request.segments.emplace_back();
}

std::string_view find_cookie(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        std::string_view pair = header.substr(0, header.find(';'));
        header.remove_prefix(std::min(header.size(), pair.size() + 1));
        while (pair.starts_with(' ')) pair.remove_prefix(1);
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    }
    return {};
}

}  // namespace mamba::admin
