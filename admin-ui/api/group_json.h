// What the list, the page of one group and its reset share.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "admin-ui/console.h"
#include "admin-ui/group_lag.h"
#include "admin-ui/json.h"
#include "broker/group/group_snapshot.h"

namespace mamba::admin {

// The group that a path names: "-" stands for the parameter `id`, since browsers take ".", ".." and an
// empty name out of a path.
std::string group_id_of(const Request& request, Captures captures);
std::expected<broker::GroupSnapshot, ApiError> find_group(Console& console, const std::string& id);

// Which partitions a member has, as its assignor said; empty where that is none of the consumer protocol.
std::map<std::string, std::vector<std::int32_t>> assignment_of(const broker::GroupSnapshot::Member& member);

struct GroupLag {
    std::optional<std::int64_t> records;  // nothing: it has committed no offset of a partition that is here
    std::optional<std::int64_t> ms;       // of the partition that is furthest behind
};
GroupLag lag_of(const broker::GroupSnapshot& group, LagLookup& lookup, Timestamp now);

json::value ms_or_null(std::optional<std::int64_t> ms);
// Since the newest commit.
std::optional<std::int64_t> commit_age_of(const broker::GroupSnapshot& group, Timestamp now);

}  // namespace mamba::admin
