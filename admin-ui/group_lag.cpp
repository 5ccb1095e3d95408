#include "admin-ui/group_lag.h"

#include <algorithm>

namespace mamba::admin {

std::optional<PartitionLag> LagLookup::find(const TopicPartition& name, std::int64_t committed, Timestamp now) {
    const auto partition = broker_.partitions->find(name.topic, name.partition);
    if (!partition || partition->failed()) return std::nullopt;
    PartitionLag lag{.log_start = partition->known_log_start(), .end = partition->high_watermark()};
    lag.records = std::max<std::int64_t>(0, lag.end.value - committed);
    const Offset next = std::max(Offset(committed), lag.log_start);
    if (next >= lag.end) {
        lag.ms = 0;
    } else if (const auto at = appended_at(*partition, next)) {
        lag.ms = std::max<std::int64_t>(0, now - *at);
    }
    return lag;
}

std::optional<Timestamp> LagLookup::appended_at(broker::Partition& partition, Offset offset) {
    if (const auto remembered = partition.appended_at(offset)) return remembered;
    const auto known = read_.find(std::pair(partition.name(), offset));
    if (known != read_.end()) {
        known->second.round = round_;
        return known->second.at;
    }
    if (reads_left_ == 0) return std::nullopt;
    --reads_left_;
    const auto at = partition.timestamp_at(offset);
    if (!at || *at == no_timestamp) return std::nullopt;
    read_.emplace(std::pair(partition.name(), offset), Read{*at, round_});
    return at;
}

void LagLookup::end() {
    std::erase_if(read_, [&](const auto& entry) { return entry.second.round != round_; });
    ++round_;
}

}  // namespace mamba::admin
