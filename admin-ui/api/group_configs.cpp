// Settings of a group: shown and changed. As in Kafka, they may be there before the group is, and after it.
#include "admin-ui/api/config_entries.h"
#include "admin-ui/api/group_json.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"

namespace mamba::admin {
namespace {

using broker::ConfigResource;
using broker::ConfigResourceType;

// Nothing when neither the group is there nor a setting of it.
std::expected<ConfigResource, ApiError> find_settings(Console& console, const Request& request, Captures captures) {
    const ConfigResource resource{ConfigResourceType::group, group_id_of(request, captures)};
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    if (!image->configs(resource.type, resource.name).empty()) return resource;
    const auto group = find_group(console, resource.name);
    if (!group) return std::unexpected(group.error());
    return resource;
}

Response list(Console& console, const Request& request, Captures captures) {
    const auto resource = find_settings(console, request, captures);
    if (!resource) return refuse(request, resource.error());
    auto entries = describe_configs(console, *resource);
    if (!entries) return refuse(request, entries.error());
    return ok({{"data", std::move(*entries)}, {"next", nullptr}});
}

Response alter(Console& console, const Request& request, Captures captures) {
    const auto resource = find_settings(console, request, captures);
    if (!resource) return refuse(request, resource.error());
    const auto edits = read_config_edits(request);
    if (!edits) return refuse(request, edits.error());
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const auto described = console.broker().configs->rules().describe(*image, *resource, std::nullopt);
    if (!described) return refuse(request, kafka_error(described.error().code, described.error().message));
    if (const auto done = alter_configs(console, request, *resource, *edits); !done)
        return refuse(request, done.error());
    return changed(config_changes(*described, broker::ConfigScope::group, broker::ConfigSource::group, *edits));
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/groups/{group}/configs", list, false, "DESCRIBE_CONFIGS group"},
    {Method::post, "/api/v1/groups/{group}/configs:alter", alter, true, "ALTER_CONFIGS group"},
};

}  // namespace

std::span<const Route> group_config_routes() { return routes; }

}  // namespace mamba::admin
