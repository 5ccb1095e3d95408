#include "admin-ui/router.h"

#include <algorithm>
#include <tuple>

namespace mamba::admin {
namespace {

std::string_view next_segment(std::string_view& path) {
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
    return segment;
}

// Segments as they were sent, since a ':' inside an encoded name is not a verb's.
bool matches(std::string_view pattern, const Request& request, std::vector<std::string>& captures) {
    captures.clear();
    pattern.remove_prefix(1);
    std::string_view raw = std::string_view(request.path).substr(1);
    for (std::size_t i = 0;; ++i) {
        const bool pattern_goes_on = pattern.find('/') != std::string_view::npos;
        const bool path_goes_on = raw.find('/') != std::string_view::npos;
        std::string_view wanted = next_segment(pattern);
        const std::string_view given = next_segment(raw);
        if (wanted.starts_with('{')) {
            const std::string_view behind = wanted.substr(wanted.find('}') + 1);
            if (!given.ends_with(behind) || (given.size() == behind.size() && !behind.empty())) return false;
            captures.push_back(request.segments[i].substr(0, request.segments[i].size() - behind.size()));
        } else if (request.segments[i] != wanted) {
            return false;
        }
        if (pattern_goes_on != path_goes_on) return false;
        if (!pattern_goes_on) return true;
    }
}

std::size_t braces_of(const Route& route) {
    return static_cast<std::size_t>(std::ranges::count(route.pattern, '{'));
}
// "{topic}:clone" comes before "{topic}".
bool is_more_definite(const Route& a, const Route& b) {
    if (braces_of(a) != braces_of(b)) return braces_of(a) < braces_of(b);
    if (a.pattern.size() != b.pattern.size()) return a.pattern.size() > b.pattern.size();
    return std::tie(a.pattern, a.method) < std::tie(b.pattern, b.method);
}

}  // namespace

Router::Router(std::span<const Route> routes) : routes_(routes.begin(), routes.end()) {
    std::ranges::sort(routes_, is_more_definite);
}

Router::Match Router::find(const Request& request) const {
    Match match;
    const Method method = request.method == Method::head ? Method::get : request.method;
    std::string_view pattern;  // that the address belongs to
    for (const Route& route : routes_) {
        if (!pattern.empty() && route.pattern != pattern) continue;
        if (!matches(route.pattern, request, match.captures)) continue;
        pattern = route.pattern;
        if (route.method == method) {
            match.route = &route;
            return match;
        }
        if (!match.allowed.empty()) match.allowed += ", ";
        match.allowed += name_of(route.method);
    }
    match.captures.clear();
    return match;
}

}  // namespace mamba::admin
