// Settings of a topic, a broker or a group, shown and changed; what is the same for all of them.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/config/dynamic_config.h"

namespace mamba::admin {

std::string_view name_of(broker::ConfigSource source);  // "DYNAMIC_TOPIC_CONFIG", ...

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

// Changes them all, or none.
std::expected<void, ApiError> alter_configs(Console& console, const Request& request,
                                            const broker::ConfigResource& resource, const ConfigEdits& edits);

}  // namespace mamba::admin
