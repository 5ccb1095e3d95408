// Settings of a topic, a broker or a group, shown and changed; what is the same for all of them.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/config/dynamic_config.h"

namespace mamba::admin {

inline constexpr std::string_view no_effect = "This setting is accepted, but nothing here goes by it.";

std::string_view name_of(broker::ConfigSource source);  // "DYNAMIC_TOPIC_CONFIG", ...

// One setting with what the page needs to edit it.
json::object config_entry(const broker::ConfigDescription& description, broker::ConfigResourceType type);
// Every setting of the resource with what the page needs to edit it.
std::expected<json::array, ApiError> describe_configs(Console& console, const broker::ConfigResource& resource);

struct ConfigEdit {
    using Operation = broker::ChangeConfigs::Operation;

    std::string name;
    Operation operation = Operation::set;
    std::string value;
};
// {"data": [{"name", "value", "operation": "SET" | "DELETE" | "APPEND" | "SUBTRACT"}], "validate_only": bool};
// of brokers also "scope": "broker" | "default".
struct ConfigEdits {
    std::vector<ConfigEdit> edits;
    bool validate_only = false;
};
std::expected<ConfigEdits, ApiError> read_config_edits(const Request& request, std::string* scope = nullptr);

// What each edit changes: {"name", "before", "after", "effect", "warning"}. `described` is as the settings
// were before; `own` is where values come from that were set for the resource itself.
json::array config_changes(const std::vector<broker::ConfigDescription>& described, broker::ConfigScope scope,
                           broker::ConfigSource own, const ConfigEdits& edits);

// The answer that tells of such changes, with the names and old values for the audit.
Response changed(json::array changes);

// Changes them all, or none.
std::expected<void, ApiError> alter_configs(Console& console, const Request& request,
                                            const broker::ConfigResource& resource, const ConfigEdits& edits);

}  // namespace mamba::admin
