#include "admin-ui/guard.h"

#include <algorithm>
#include <array>

namespace mamba::admin {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

// "[::1]:9080" is "[::1]", "localhost:9080" is "localhost".
std::string without_port(std::string_view host) {
    const std::size_t colon = host.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
    return lower(has_port ? host.substr(0, colon) : host);
}

bool is_same_site(const Request& request) {
    const std::string_view site = request.header("sec-fetch-site");
    if (!site.empty()) return site == "same-origin" || site == "none";
    const std::string_view origin = request.header("origin");
    if (origin.empty()) return true;
    const std::size_t slashes = origin.find("://");
    return slashes != std::string_view::npos && lower(origin.substr(slashes + 3)) == lower(request.host());
}

bool is_browser(const Request& request) {
    return !request.header("origin").empty() || !request.header("sec-fetch-site").empty() ||
           !find_cookie(request.header("cookie"), "sid").empty();
}

}  // namespace

std::optional<ApiError> check_host(const Request& request, const GuardRules& rules) {
    constexpr std::array<std::string_view, 3> of_this_machine{"127.0.0.1", "localhost", "[::1]"};
    // A proxy may pass on a header that the visitor made up, so neither stands for the other.
    for (const std::string_view asked : {request.header("host"), request.host()}) {
        const std::string host = without_port(asked);
        if (std::ranges::find(of_this_machine, host) != of_this_machine.end()) continue;
        if (std::ranges::find(rules.allowed_hosts, host) != rules.allowed_hosts.end()) continue;
        return ApiError{.status = 421,
                        .message = "this console does not go by the name of '" + host +
                                   "'; console.allowed.hosts lists those that it does"};
    }
    return std::nullopt;
}

std::optional<ApiError> check_change(const Request& request, const Route& route,
                                     const std::optional<Session>& session, const GuardRules& rules) {
    if (route.method == Method::get) return std::nullopt;
    if (route.changes && rules.read_only) {
        return ApiError{.status = 403, .message = "this console is read-only (console.read.only)"};
    }
    if (!is_same_site(request)) return ApiError{.status = 403, .message = "a request from another site is not served"};
    if (!request.body.empty() || request.method != Method::del) {
        std::string_view type = request.header("content-type");
        type = type.substr(0, type.find(';'));
        while (type.ends_with(' ')) type.remove_suffix(1);
        if (lower(type) != "application/json") {
            return ApiError{.status = 415, .message = "the body has to be application/json"};
        }
    }
    if (!is_browser(request)) return std::nullopt;
    if (!session || !equal_secrets(session->csrf_token, request.header("x-csrf-token"))) {
        return ApiError{.status = 403, .message = "the session's token is missing or wrong; load the page again"};
    }
    return std::nullopt;
}

}  // namespace mamba::admin
