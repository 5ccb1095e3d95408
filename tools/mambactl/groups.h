// mambactl groups ...
#pragma once

#include <vector>

#include "tools/mambactl/session.h"

namespace mamba::ctl {

// Where reset-offsets moves a group to, in every partition of a topic.
struct ResetTarget {
    enum class Kind : std::uint8_t { earliest, latest, offset, timestamp, shift };

    Kind kind = Kind::latest;
    std::int64_t value = 0;  // the offset, the time in ms, or how far; unused by the others
};

Outcome list_groups(Session& session);
// Committed offsets, lag and owners, partition by partition.
Outcome describe_group(Session& session, const std::string& group);
// The group has no members. `dry_run`: only shows what would become of it.
Outcome reset_offsets(Session& session, const std::string& group, const std::string& topic,
                      const ResetTarget& target, bool dry_run);
Outcome delete_groups(Session& session, const std::vector<std::string>& groups);

}  // namespace mamba::ctl
