// Settings of brokers as they are for all of them: what a broker goes by that has no value of its own.
#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <map>

#include "admin-ui/api/config_entries.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"

namespace mamba::admin {
namespace {

using broker::ConfigDescription;
using broker::ConfigResource;
using broker::ConfigResourceType;
using broker::ConfigScope;
using broker::ConfigSource;
using broker::ConfigValue;

struct ClusterSettings {
    std::vector<ConfigDescription> all;
    std::map<std::string, ConfigValue, std::less<>> own;  // what this broker has instead, by name
};

// A value of the broker's own comes before that of all brokers; what its file says comes after.
std::expected<ClusterSettings, ApiError> cluster_settings(Console& console) {
    const ConfigResource self{ConfigResourceType::broker, std::to_string(console.broker_id().value)};
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    auto described = console.broker().configs->rules().describe(*image, self, std::nullopt);
    if (!described) return std::unexpected(kafka_error(described.error().code, described.error().message));
    ClusterSettings settings;
    for (ConfigDescription& one : *described) {
        const auto* key = broker::find_config_key(ConfigScope::broker, one.value.name);
        one.read_only = key == nullptr || key->update != broker::ConfigUpdate::cluster_wide;
        if (!one.synonyms.empty() && one.synonyms.front().source == ConfigSource::dynamic_broker) {
            settings.own.emplace(one.value.name, one.value);
            std::erase_if(one.synonyms, [](const ConfigValue& synonym) {
                return synonym.source == ConfigSource::dynamic_broker;
            });
            const bool has_other = !one.synonyms.empty();
            one.value.value = has_other ? one.synonyms.front().value : std::nullopt;
            one.value.source = has_other ? one.synonyms.front().source : ConfigSource::defaults;
        }
    }
    settings.all = std::move(*described);
    return settings;
}

json::value why_read_only(const ConfigDescription& setting) {
    if (!setting.read_only) return nullptr;
    const auto* key = broker::find_config_key(ConfigScope::broker, setting.value.name);
    if (key != nullptr && key->update == broker::ConfigUpdate::per_broker)
        return "It is set for each broker apart.";
    return "It is read at start only: set it in the properties file and restart.";
}

Response list(Console& console, const Request& request, Captures) {
    const auto settings = cluster_settings(console);
    if (!settings) return refuse(request, settings.error());
    json::array data;
    for (const ConfigDescription& one : settings->all) {
        json::object entry = config_entry(one, ConfigResourceType::broker);
        const auto own = settings->own.find(one.value.name);
        json::array overrides;
        if (own != settings->own.end()) {
            overrides.push_back(
                {{"broker_id", console.broker_id().value},
                 {"value", own->second.value ? json::value(text_of(*own->second.value)) : json::value()}});
        }
        entry["read_only_reason"] = why_read_only(one);
        entry["overrides"] = std::move(overrides);
        data.push_back(std::move(entry));
    }
    return ok({{"data", std::move(data)}, {"next", nullptr}});
}

Response alter(Console& console, const Request& request, Captures) {
    const auto edits = read_config_edits(request);
    if (!edits) return refuse(request, edits.error());
    const auto settings = cluster_settings(console);
    if (!settings) return refuse(request, settings.error());
    const ConfigResource all_brokers{ConfigResourceType::broker, ""};
    if (const auto done = alter_configs(console, request, all_brokers, *edits); !done)
        return refuse(request, done.error());
    json::array changes =
        config_changes(settings->all, ConfigScope::broker, ConfigSource::dynamic_default_broker, *edits);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (!settings->own.contains(edits->edits[i].name)) continue;
        changes[i].as_object()["warning"] =
            fmt::format("Broker {} has a value of its own, and keeps it.", console.broker_id().value);
    }
    return changed(std::move(changes));
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/cluster/configs", list, false, "DESCRIBE_CONFIGS cluster"},
    {Method::post, "/api/v1/cluster/configs:alter", alter, true, "ALTER_CONFIGS cluster"},
};

}  // namespace

std::span<const Route> cluster_config_routes() { return routes; }

}  // namespace mamba::admin
