// What AlterConfigs and IncrementalAlterConfigs have in common: resources are sorted into those
// that are stored in the cluster's metadata and those of this process, and the answers are put
// together again in the order of the request.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/handlers/config_handlers.h"

namespace mamba::broker {

struct ConfigAlterations {
    struct Resource {
        std::int8_t type = 0;  // as on the wire, perhaps a number that we do not know
        std::string name;
        std::vector<ChangeConfigs::Edit> edits;
        std::optional<Refusal> refusal;  // set when the request itself is wrong about it
    };
    std::vector<Resource> resources;
    bool replaces_all = false;  // AlterConfigs
    bool validate_only = false;
};

// Calls `done` once, with one answer for each resource, in their order.
void alter_configs(
    ConfigServices services, ConfigAlterations alterations,
    std::move_only_function<void(std::vector<ConfigAlterations::Resource>, std::vector<Refusal>)>
        done);

}  // namespace mamba::broker
