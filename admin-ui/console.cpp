#include "admin-ui/console.h"

#include <atomic>
#include <boost/json/parse.hpp>
#include <filesystem>

#include "admin-ui/api/routes.h"
#include "admin-ui/assets.h"
#include "admin-ui/guard.h"
#include "broker/logging.h"

namespace mamba::admin {
namespace {

const broker::Logger console_log = broker::logger("mamba.console");

std::vector<Route> all_routes() {
    std::vector<Route> all;
    for (const auto routes_of : {session_routes,
                                 broker_routes,
                                 client_routes,
                                 cluster_routes,
                                 prometheus_routes,
                                 request_routes,
                                 series_routes,
                                 storage_routes,
                                 stream_routes,
                                 group_reset_routes,
                                 group_routes,
                                 record_routes,
                                 search_routes,
                                 segment_routes,
                                 system_routes,
                                 topic_routes,
                                 topic_config_routes,
                                 topic_detail_routes,
                                 topic_group_routes}) {
        const std::span<const Route> some = routes_of();
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

std::string audit_path(broker::Broker& broker) {
    const std::filesystem::path dir = broker.partitions->dirs().front()->dir->path();
    return (dir / "console-audit.log").string();
}

json::value parse_or_null(const std::string& text) {
    boost::system::error_code failed;
    json::value value = text.empty() ? json::value() : json::parse(text, failed);
    return failed ? json::value() : masked(value);
}

std::string message_of(const Response& response) {
    if (response.status < 400) return {};
    boost::system::error_code failed;
    const json::value body = json::parse(response.body, failed);
    const json::value* message = failed ? nullptr : body.find_pointer("/error/message", failed);
    return message != nullptr && message->is_string() ? std::string(message->get_string()) : std::string();
}

broker::ScanCursors::Key secret_key() {
    broker::ScanCursors::Key key{};
    fill_with_secret(key);
    return key;
}

}  // namespace

Timestamp wall_clock() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

Console::Console(broker::Broker& broker, broker::Activity& activity, Identity identity)
    : broker_(broker),
      activity_(activity),
      identity_(std::move(identity)),
      started_(wall_clock() - std::chrono::duration_cast<std::chrono::milliseconds>(
                                  std::chrono::steady_clock::now() - identity_.started).count()),
      config_(broker.configs->broker()->console),
      broker_id_(broker.configs->broker()->node_id),
      router_(all_routes()),
      audit_(audit_path(broker)),
      connections_(activity),
      runtime_(activity),
      sampler_(broker, activity, static_cast<std::size_t>(config_.metrics_memory_bytes)),
      produce_lane_(broker),
      scan_cursors_(secret_key()) {}

Response Console::handle(Request& request) {
    static std::atomic<std::uint64_t> next_id{1};
    request.id = "r-" + std::to_string(next_id.fetch_add(1, std::memory_order_relaxed));
    const GuardRules rules{config_.allowed_hosts, config_.read_only};
    if (const auto error = check_host(request, rules)) return refuse(request, *error);
    Response response = route(request);
    console_log.debug("{} {} {} from {}: {}", request.id, name_of(request.method), broker::escape(request.path),
                      request.remote, response.status);
    return response;
}

Response Console::route(Request& request) {
    const Router::Match match = router_.find(request);
    if (match.route == nullptr) {
        const bool is_page = match.allowed.empty() && request.segments.front() != "api" &&
                             request.segments.front() != "v3" && request.segments.front() != "kafka" &&
                             (request.method == Method::get || request.method == Method::head);
        if (is_page) return serve_asset(request);
        ApiError error{.status = match.allowed.empty() ? 404 : 405};
        error.message = match.allowed.empty() ? "there is nothing at this address"
                                              : "this address takes " + match.allowed + " only";
        Response response = refuse(request, error);
        if (!match.allowed.empty()) response.headers.emplace_back("Allow", match.allowed);
        return response;
    }
    const std::optional<Session> session =
        sessions_.find(find_cookie(request.header("cookie"), "sid"), wall_clock());
    request.principal = session ? session->principal : "User:ANONYMOUS";
    const GuardRules rules{config_.allowed_hosts, config_.read_only};
    const std::optional<ApiError> error = check_change(request, *match.route, session, rules);
    Response response = error ? refuse(request, *error) : match.route->handle(*this, request, match.captures);
    if (match.route->changes) {
        audit_.add({.at = wall_clock(),
                    .principal = request.principal,
                    .remote = request.remote,
                    .action = std::string(name_of(request.method)) + " " + std::string(match.route->pattern),
                    .target = request.path,
                    .status = response.status,
                    .message = message_of(response),
                    .request = parse_or_null(request.body),
                    .before = parse_or_null(response.before),
                    .request_id = request.id});
    }
    return response;
}

}  // namespace mamba::admin
