// mambactl topics ...
#pragma once

#include <vector>

#include "tools/mambactl/session.h"

namespace mamba::ctl {

struct NewTopic {
    std::string name;
    std::int32_t partitions = -1;  // -1: as the broker is configured
    std::int16_t replication_factor = -1;
    std::vector<std::string> configs;  // key=value
    bool if_not_exists = false;
    bool validate_only = false;
};

Outcome list_topics(Session& session, bool with_internal);
Outcome describe_topics(Session& session, const std::vector<std::string>& names);
Outcome create_topic(Session& session, const NewTopic& topic);
Outcome delete_topics(Session& session, const std::vector<std::string>& names);
// `partitions` is the new number of them, which only rises.
Outcome alter_topic(Session& session, const std::string& name, std::int32_t partitions);

}  // namespace mamba::ctl
