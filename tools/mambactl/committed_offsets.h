// What a group has committed, and committing for a group without members.
#pragma once

#include <map>

#include "tools/mambactl/session.h"

namespace mamba::ctl {

using Committed = std::map<TopicPartition, Offset>;

std::expected<Committed, Error> committed_offsets(client::Connection& coordinator,
                                                  const std::string& group);
// Refused while the group has members.
Outcome commit_offsets(client::Connection& coordinator, const std::string& group,
                       const Committed& offsets);

}  // namespace mamba::ctl
