#include "broker/metadata/replica_placement.h"

#include <cassert>
#include <set>

namespace mamba::broker {

std::vector<BrokerId> ids_of(const std::map<BrokerId, BrokerRegistration>& brokers) {
    std::vector<BrokerId> ids;
    ids.reserve(brokers.size());
    for (const auto& [id, broker] : brokers) ids.push_back(id);
    return ids;
}

std::vector<std::vector<BrokerId>> place_replicas(std::span<const BrokerId> brokers,
                                                  std::int32_t first, std::int32_t count,
                                                  std::int16_t replication_factor) {
    assert(static_cast<std::size_t>(replication_factor) <= brokers.size());
    std::vector<std::vector<BrokerId>> placed(static_cast<std::size_t>(count));
    std::size_t leader = static_cast<std::size_t>(first);
    for (auto& replicas : placed) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(replication_factor); ++i) {
            replicas.push_back(brokers[(leader + i) % brokers.size()]);
        }
        ++leader;
    }
    return placed;
}

Refusal check_replicas(const ClusterImage& image, std::span<const BrokerId> replicas,
                       std::size_t replication_factor) {
    const auto refuse = [](std::string message) {
        return Refusal{ErrorCode::invalid_replica_assignment, std::move(message)};
    };
    if (replicas.empty()) {
        return refuse("The manual partition assignment includes an empty replica list.");
    }
    std::set<BrokerId> seen;
    for (const BrokerId id : replicas) {
        const std::string number = std::to_string(id.value);
        if (image.find_broker(id) == nullptr) {
            return refuse("The manual partition assignment includes broker " + number +
                          ", but no such broker is registered.");
        }
        if (!seen.insert(id).second) {
            return refuse("The manual partition assignment includes the broker " + number +
                          " more than once.");
        }
    }
    if (replication_factor != 0 && replicas.size() != replication_factor) {
        return refuse(
            "The manual partition assignment includes a partition with " +
            std::to_string(replicas.size()) +
            " replica(s), but this is not consistent with previous partitions, which have " +
            std::to_string(replication_factor) + " replica(s).");
    }
    return {};
}

PartitionState new_partition(std::span<const BrokerId> replicas) {
    PartitionState partition;
    partition.replicas.assign(replicas.begin(), replicas.end());
    partition.isr = partition.replicas;
    if (!partition.replicas.empty()) partition.leader = partition.replicas.front();
    return partition;
}

}  // namespace mamba::broker
