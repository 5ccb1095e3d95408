// The program itself: what it speaks, what it is made of, and what has been changed through it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "admin-ui/api/paging.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/asking.h"
#include "admin-ui/components.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "protocol/messages/api_versions.h"

namespace mamba::admin {
namespace {

constexpr std::string_view speaks = "Apache Kafka 4.3";

std::expected<protocol::ApiVersionsResponse, ApiError> api_versions_of(Console& console, const Request& request) {
    protocol::ApiVersionsRequest question;
    question.client_software_name = "mambamq-console";
    question.client_software_version = "1";
    return ask<protocol::ApiVersionsResponse>(console, request, question);
}

Response api_versions(Console& console, const Request& request, Captures) {
    const auto answer = api_versions_of(console, request);
    if (!answer) return refuse(request, answer.error());
    json::array data;
    for (const auto& api : answer->api_keys) {
        data.push_back({{"api_key", api.api_key},
                        {"api", api_name(api.api_key)},
                        {"min", api.min_version},
                        {"max", api.max_version}});
    }
    return ok({{"data", std::move(data)}, {"next", nullptr}});
}

Response features(Console& console, const Request& request, Captures) {
    const auto answer = api_versions_of(console, request);
    if (!answer) return refuse(request, answer.error());
    json::array data;
    for (const auto& feature : answer->supported_features) {
        const auto finalized =
            std::ranges::find_if(answer->finalized_features, [&](const auto& one) { return one.name == feature.name; });
        const bool is_finalized = finalized != answer->finalized_features.end();
        data.push_back({{"name", feature.name},
                        {"level", is_finalized ? json::value(finalized->max_version_level) : json::value()},
                        {"min", feature.min_version},
                        {"max", feature.max_version}});
    }
    return ok({{"version", console.identity().version},
               {"speaks", speaks},
               {"data", std::move(data)},
               {"next", nullptr}});
}

// Newest first; with `q` those whose action, target, path, principal or address holds it.
Response audit(Console& console, const Request& request, Captures) {
    std::vector<json::object> entries = console.audit().newest(Audit::entries_max);
    if (const std::string wanted = request.parameter("q").value_or(""); !wanted.empty()) {
        std::erase_if(entries, [&](const json::object& entry) {
            return std::ranges::none_of(
                std::array{"action", "target", "path", "principal", "remote"}, [&](std::string_view name) {
                    const json::value* field = entry.if_contains(name);
                    return field != nullptr && field->is_string() &&
                           std::string_view(field->get_string()).find(wanted) != std::string_view::npos;
                });
        });
    }
    const auto page = read_page(request, entries.size());
    if (!page) return refuse(request, page.error());
    json::array data;
    for (std::size_t i = page->begin; i < page->end; ++i) data.emplace_back(std::move(entries[i]));
    return ok(list_of(std::move(data), *page));
}

Response about(Console& console, const Request&, Captures) {
    json::array parts;
    for (const Component& part : components())
        parts.push_back({{"name", part.name}, {"licence", part.licence}, {"used_for", part.used_for}});
    return ok({{"product", "MambaMQ"},
               {"version", console.identity().version},
               {"licence", "Apache-2.0"},
               {"compiler", fmt::format("Clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__)},
               {"cluster_id", console.broker().metadata->image()->cluster_id()},
               {"broker_id", console.broker_id().value},
               {"started_ms", console.started().value},
               {"speaks", speaks},
               {"components", std::move(parts)},
               {"links", json::array{"/openapi.json", "/metrics", "/healthz", "/readyz"}}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/api-versions", api_versions, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/features", features, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/audit", audit, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/about", about, false, "DESCRIBE cluster"},
};

}  // namespace

std::span<const Route> system_routes() {
    return routes;
}

}  // namespace mamba::admin
