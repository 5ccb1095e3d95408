// Which partition a key belongs to, so that records of one key meet those of Java's producers.
#pragma once

#include <cstdint>

#include "protocol/types.h"

namespace mamba::protocol {

// Murmur2 with the seed of Java's producer.
std::uint32_t murmur2(BytesView bytes);

// As Java's producer chooses; `partitions` is not 0.
PartitionIndex partition_of(BytesView key, std::int32_t partitions);

}  // namespace mamba::protocol
