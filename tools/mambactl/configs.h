// mambactl configs ...
#pragma once

#include <vector>

#include "tools/mambactl/session.h"

namespace mamba::ctl {

// Whose settings: "topic", "broker", "broker-logger" or "group", and its name.
struct Resource {
    std::string type;
    std::string name;
};

// `all`: what nobody has set, too.
Outcome describe_configs(Session& session, const Resource& resource, bool all);
// `settings` are key=value.
Outcome set_configs(Session& session, const Resource& resource,
                    const std::vector<std::string>& settings);
Outcome delete_configs(Session& session, const Resource& resource,
                       const std::vector<std::string>& keys);

}  // namespace mamba::ctl
