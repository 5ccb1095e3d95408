#include "admin-ui/console.h"

#include <atomic>
#include <boost/json/parse.hpp>
#include <filesystem>

#include "admin-ui/api/routes.h"
#include "admin-ui/api/v3.h"
#include "admin-ui/assets.h"
#include "admin-ui/audit_target.h"
#include "admin-ui/forwarded.h"
#include "admin-ui/guard.h"
#include "broker/logging.h"

namespace mamba::admin {
namespace {

const broker::Logger console_log = broker::logger("mamba.console");

std::vector<Route> all_routes() {
    std::vector<Route> all;
    for (const auto routes_of : {openapi_routes,
                                 session_routes,
                                 broker_routes,
                                 client_routes,
                                 cluster_config_routes,
                                 cluster_routes,
                                 producer_routes,
                                 prometheus_routes,
                                 request_routes,
                                 series_routes,
                                 storage_routes,
                                 stream_routes,
                                 group_config_routes,
                                 group_reset_routes,
                                 quorum_routes,
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
    for (const std::vector<Route>& some :
         {v3_cluster_routes(), v3_config_routes(), v3_group_routes(), v3_record_routes(), v3_topic_routes()}) {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

// In the words of the API that was asked.
Response refuse_in_kind(const Request& request, const ApiError& error) {
    return is_v3(request) ? v3_refuse(error) : refuse(request, error);
}

std::string audit_path(broker::Broker& broker) {
    const std::filesystem::path dir = broker.partitions->dirs().front()->dir->path();
    return (dir / "console-audit.log").string();
}

std::string message_of(const Response& response) {
    if (response.status < 400) return {};
    boost::system::error_code failed;
    const json::value body = json::parse(response.body, failed);
    for (const std::string_view pointer : {"/error/message", "/message"}) {  // v3's is the second
        const json::value* message = failed ? nullptr : body.find_pointer(pointer, failed);
        if (message != nullptr && message->is_string()) return std::string(message->get_string());
        failed.clear();
    }
    return {};
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
      scan_rate_(config_.scan_bytes_per_second),
      scan_cursors_(secret_key()) {}

Response Console::handle(Request& request) {
    static std::atomic<std::uint64_t> next_id{1};
    request.id = "r-" + std::to_string(next_id.fetch_add(1, std::memory_order_relaxed));
    read_forwarded(request, config_);
    const GuardRules rules{config_.allowed_hosts, config_.read_only};
    if (const auto error = check_host(request, rules)) return refuse_in_kind(request, *error);
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
        Response response = refuse_in_kind(request, error);
        if (!match.allowed.empty()) response.headers.emplace_back("Allow", match.allowed);
        return response;
    }
    const std::optional<Session> session =
        sessions_.find(find_cookie(request.header("cookie"), "sid"), wall_clock());
    request.principal = session ? session->principal : "User:ANONYMOUS";
    const GuardRules rules{config_.allowed_hosts, config_.read_only};
    if (const std::optional<ApiError> error = check_change(request, *match.route, session, rules)) {
        Response response = refuse_in_kind(request, *error);
        const bool is_told = match.route->changes && refusals_audited_.take(std::chrono::steady_clock::now());
        if (is_told) audit_change(request, *match.route, match.captures, response);
        return response;
    }
    if (match.route->changes) return change(request, *match.route, match.captures);
    return match.route->handle(*this, request, match.captures);
}

// Once for each Idempotency-Key, and not too many at once.
Response Console::change(Request& request, const Route& route, Captures captures) {
    if (!changes_.take(std::chrono::steady_clock::now())) {
        Response response =
            refuse_in_kind(request, {.status = 429, .message = "too many changes at once; try again in a second"});
        response.headers.emplace_back("Retry-After", "1");
        return response;
    }
    const bool is_post = request.method == Method::post;
    if (is_post) {
        if (auto known = idempotency_.begin(request, wall_clock())) return std::move(*known);
    }
    Response response = route.handle(*this, request, captures);
    shared_answers_.forget();
    if (is_post) idempotency_.finish(request, response);
    audit_change(request, route, captures, response);
    return response;
}

// What was asked for, as far as the audit may know it: no secrets, and nothing of what people produce.
json::value Console::audited_request(const Request& request, const Route& route) {
    const bool has_records = is_v3(request) && route.pattern.ends_with("/records");
    const bool is_secret = route.pattern.ends_with("/configs/{name}") && is_sensitive(request.segments.back());
    if (has_records || is_secret) return {{"bytes", request.body.size()}};
    return audited(request.body);
}

void Console::audit_change(const Request& request, const Route& route, Captures captures, const Response& response) {
    audit_.add({.at = wall_clock(),
                .principal = request.principal,
                .remote = request.remote,
                .action = std::string(name_of(request.method)) + " " + std::string(route.pattern),
                .target = audit_target_of(route, captures, request),
                .path = request.path,
                .status = response.status,
                .message = message_of(response),
                .request = audited_request(request, route),
                .before = audited(response.before),
                .request_id = request.id});
}

}  // namespace mamba::admin
