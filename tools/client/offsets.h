// The offsets of a topic's partitions at a point in time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/client/cluster.h"

namespace mamba::client {

// What ListOffsets takes besides milliseconds since 1970.
namespace offset_time {
inline constexpr std::int64_t latest = -1;
inline constexpr std::int64_t earliest = -2;
}  // namespace offset_time

using PartitionOffsets = std::map<PartitionIndex, Offset>;

// Offsets of all partitions of `topic`: the first record at or after `time`, or one of the above.
// -1 for a partition that has no record so late. Asks every leader once.
std::expected<PartitionOffsets, Error> list_offsets(Cluster& cluster, const std::string& topic,
                                                    std::int64_t time);

}  // namespace mamba::client
