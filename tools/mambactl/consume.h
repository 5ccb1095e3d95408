// mambactl consume: prints the records of a topic, partition by partition as they come.
#pragma once

#include <vector>

#include "tools/mambactl/session.h"

namespace mamba::ctl {

struct ConsumeOptions {
    std::string topic;
    std::vector<std::int32_t> partitions;  // empty: all
    // "beginning", "end", an offset, or "@" and a time in ms since 1970.
    std::string from = "end";
    // Goes on where this group has committed, and commits what was printed. The group has no
    // members: this program reads all the partitions itself.
    std::optional<std::string> group;
    std::optional<std::uint64_t> max_messages;
    bool exit_at_end = false;
    bool shows_keys = false;
    std::string key_separator = "\t";
};

// With as_json one object a line, with everything that a record holds.
Outcome consume(Session& session, const ConsumeOptions& options);

}  // namespace mamba::ctl
