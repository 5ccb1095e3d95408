// Who is here and what they may do; health for load balancers.
#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"

namespace mamba::admin {
namespace {

std::string cookie_of(std::string_view id, const Request& request) {
    const std::string cookie = "sid=" + std::string(id) + "; Path=/; HttpOnly; SameSite=Strict";
    return request.scheme == "https" ? cookie + "; Secure" : cookie;
}

Response session(Console& console, const Request& request, Captures) {
    const Timestamp now = wall_clock();
    const std::string id(find_cookie(request.header("cookie"), "sid"));
    std::optional<Session> known = console.sessions().find(id, now);
    std::string cookie;
    if (!known) {
        Sessions::Opened opened = console.sessions().open("User:ANONYMOUS", now);
        cookie = cookie_of(opened.id, request);
        known = std::move(opened.session);
    }
    const broker::ConsoleConfig& config = console.config();
    json::array features{"topics", "groups", "clients", "performance", "audit", "segments"};
    if (config.records_view) features.push_back("records");
    Response response =
        ok({{"principal", known->principal},
            {"auth", "none"},
            {"read_only", config.read_only},
            {"insecure", config.allow_insecure},
            {"csrf_token", known->csrf_token},
            {"expires_ms", known->expires.value},
            {"cluster_id", console.broker().metadata->image()->cluster_id()},
            {"cluster_label", config.cluster_label},
            {"cluster_colour", config.cluster_colour},
            {"broker_id", console.broker_id().value},
            {"version", console.identity().version},
            {"features", std::move(features)},
            {"cluster_operations", json::array{"DESCRIBE", "DESCRIBE_CONFIGS", "ALTER", "ALTER_CONFIGS", "CREATE"}}});
    if (!cookie.empty()) response.headers.emplace_back("Set-Cookie", cookie);
    return response;
}

Response logout(Console& console, const Request& request, Captures) {
    console.sessions().close(find_cookie(request.header("cookie"), "sid"));
    Response response = no_content();
    response.headers.emplace_back("Set-Cookie", "sid=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    return response;
}

Response text(int status, std::string body) {
    Response response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

Response healthz(Console&, const Request&, Captures) { return text(200, "ok\n"); }

// Ready to serve every partition: no log dir has failed.
Response readyz(Console& console, const Request&, Captures) {
    for (const auto& dir : console.broker().partitions->dirs()) {
        if (dir->dir->offline()) return text(503, "log dir " + dir->dir->path() + " is offline\n");
    }
    return text(200, "ready\n");
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/session", session},
    {Method::post, "/api/v1/logout", logout},
    {Method::get, "/healthz", healthz},
    {Method::get, "/readyz", readyz},
};

}  // namespace

std::span<const Route> session_routes() { return routes; }

}  // namespace mamba::admin
