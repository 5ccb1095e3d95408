// Which brokers hold a new partition: checks of an assignment by hand, and the cluster's own choice.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "broker/metadata/cluster_image.h"
#include "broker/metadata/controller.h"

namespace mamba::broker {

std::vector<BrokerId> ids_of(const std::map<BrokerId, BrokerRegistration>& brokers);

// Replicas for `count` partitions from index `first` on, round robin over `brokers`, so that leaders
// are spread evenly. `replication_factor` is at most the number of brokers.
std::vector<std::vector<BrokerId>> place_replicas(std::span<const BrokerId> brokers, std::int32_t first,
                                                  std::int32_t count,
                                                  std::int16_t replication_factor);

// Why `replicas` cannot hold a partition. `replication_factor`: what it has to be; 0: any.
Refusal check_replicas(const ClusterImage& image, std::span<const BrokerId> replicas,
                       std::size_t replication_factor);

// A partition as it begins: led by its preferred leader, everyone in sync.
PartitionState new_partition(std::span<const BrokerId> replicas);

}  // namespace mamba::broker
