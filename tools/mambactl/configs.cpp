#include "tools/mambactl/configs.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "protocol/messages/describe_configs.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "tools/mambactl/table.h"

namespace mamba::ctl {
namespace {

struct ResourceType {
    std::string_view name;
    std::int8_t number = 0;
    bool belongs_to_broker = false;  // that broker alone answers for it
};
// Source of the numbers here and below: KIP-133, KIP-226, KIP-1043.
constexpr std::array resource_types = {
    ResourceType{"topic", 2, false},
    ResourceType{"broker", 4, true},
    ResourceType{"broker-logger", 8, true},
    ResourceType{"group", 32, false},
};
constexpr std::array<std::string_view, 9> source_names = {
    "unknown", "topic",         "broker",         "all brokers", "server.properties",
    "default", "broker logger", "client metrics", "group"};
constexpr std::int8_t source_properties = 4;
constexpr std::int8_t source_default = 5;

enum class Operation : std::int8_t { set = 0, remove = 1 };

struct Change {
    std::string_view key;
    std::optional<std::string_view> value;
};

std::string source_name(std::int8_t source) {
    const auto index = static_cast<std::size_t>(std::max<std::int8_t>(source, 0));
    return std::string(source_names[index < source_names.size() ? index : 0]);
}

std::expected<ResourceType, Error> type_of(const Resource& resource) {
    for (const ResourceType& type : resource_types) {
        if (type.name == resource.type) return type;
    }
    return usage(fmt::format("'{}' is none of topic, broker, broker-logger, group", resource.type));
}

std::expected<client::Connection*, Error> responsible_for(Session& session,
                                                          const ResourceType& type,
                                                          const Resource& resource) {
    if (!type.belongs_to_broker || resource.name.empty()) return session.cluster.controller();
    std::int32_t id = 0;
    const char* const end = resource.name.data() + resource.name.size();
    const auto parsed = std::from_chars(resource.name.data(), end, id);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        return usage(fmt::format("'{}' is no broker id", resource.name));
    }
    return session.cluster.broker(BrokerId(id));
}

Outcome alter(Session& session, const Resource& resource, Operation operation,
              const std::vector<Change>& changes) {
    const auto type = type_of(resource);
    if (!type) return std::unexpected(type.error());
    protocol::IncrementalAlterConfigsRequest request;
    auto& wanted = request.resources.emplace_back();
    wanted.resource_type = type->number;
    wanted.resource_name = resource.name;
    for (const Change& change : changes) {
        auto& config = wanted.configs.emplace_back();
        config.name = change.key;
        config.config_operation = static_cast<std::int8_t>(operation);
        config.value = change.value;
    }
    const auto connection = responsible_for(session, *type, resource);
    if (!connection) return std::unexpected(connection.error());
    const auto answer = (*connection)->call<protocol::IncrementalAlterConfigsResponse>(request);
    if (!answer) return std::unexpected(answer.error());
    for (const auto& result : answer->responses) {
        const Outcome checked = check(fmt::format("configs of {} {}", resource.type, resource.name),
                                      result.error_code, result.error_message);
        if (!checked) return checked;
    }
    return {};
}

}  // namespace

Outcome describe_configs(Session& session, const Resource& resource, bool all) {
    const auto type = type_of(resource);
    if (!type) return std::unexpected(type.error());
    protocol::DescribeConfigsRequest request;
    auto& wanted = request.resources.emplace_back();
    wanted.resource_type = type->number;
    wanted.resource_name = resource.name;
    wanted.configuration_keys.reset();
    const auto connection = responsible_for(session, *type, resource);
    if (!connection) return std::unexpected(connection.error());
    auto answer = (*connection)->call<protocol::DescribeConfigsResponse>(request);
    if (!answer) return std::unexpected(answer.error());
    Table table({"key", "value", "source", "read_only"});
    for (auto& result : answer->results) {
        const Outcome checked = check(fmt::format("configs of {} {}", resource.type, resource.name),
                                      result.error_code, result.error_message);
        if (!checked) return checked;
        std::ranges::sort(result.configs, {}, [](const auto& config) { return config.name; });
        for (const auto& config : result.configs) {
            const bool is_inherited =
                config.config_source == source_default ||
                (!type->belongs_to_broker && config.config_source == source_properties);
            if (is_inherited && !all) continue;
            Cell value = config.value ? Cell(*config.value) : Cell(Nothing());
            if (config.is_sensitive) value = std::string("(hidden)");
            table.add({config.name, value, source_name(config.config_source), config.read_only});
        }
    }
    fmt::print("{}", table.show(session.as_json));
    return {};
}

Outcome set_configs(Session& session, const Resource& resource,
                    const std::vector<std::string>& settings) {
    std::vector<Change> changes;
    for (const std::string& text : settings) {
        const auto setting = parse_setting(text);
        if (!setting) return std::unexpected(setting.error());
        changes.push_back({setting->first, setting->second});
    }
    return alter(session, resource, Operation::set, changes);
}

Outcome delete_configs(Session& session, const Resource& resource,
                       const std::vector<std::string>& keys) {
    std::vector<Change> changes;
    for (const std::string& key : keys) changes.push_back({key, std::nullopt});
    return alter(session, resource, Operation::remove, changes);
}

}  // namespace mamba::ctl
