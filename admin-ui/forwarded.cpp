#include "admin-ui/forwarded.h"

#include <algorithm>

namespace mamba::admin {
namespace {

bool is_trusted(const Request& request, const broker::ConsoleConfig& config) {
    return std::ranges::any_of(config.trusted_proxies,
                               [&](const broker::AddressRange& range) { return range.contains(request.remote); });
}

bool is_host(std::string_view text) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
    return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

}  // namespace

void read_forwarded(Request& request, const broker::ConsoleConfig& config) {
    request.base_path = config.base_path;
    if (is_trusted(request, config)) {
        const std::string_view scheme = request.header("x-forwarded-proto");
        if (scheme == "http" || scheme == "https") request.scheme = scheme;
        const std::string_view host = request.header("x-forwarded-host");
        if (is_host(host)) request.forwarded_host = host;
        std::string_view prefix = request.header("x-forwarded-prefix");
        const bool is_given = !prefix.empty();
        if (prefix.ends_with('/')) prefix.remove_suffix(1);
        if (is_given && broker::is_base_path(prefix)) request.base_path = prefix;
    }
    strip_prefix(request, request.base_path);
}

}  // namespace mamba::admin
