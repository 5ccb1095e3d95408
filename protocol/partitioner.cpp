#include "protocol/partitioner.h"

#include <cassert>

namespace mamba::protocol {

std::uint32_t murmur2(BytesView bytes) {
    constexpr std::uint32_t seed = 0x9747b28c;
    constexpr std::uint32_t multiplier = 0x5bd1e995;
    constexpr int rotation = 24;
    std::uint32_t hash = seed ^ static_cast<std::uint32_t>(bytes.size());
    const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
    for (; bytes.size() >= 4; bytes = bytes.subspan(4)) {
        std::uint32_t word = at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24;
        word *= multiplier;
        word ^= word >> rotation;
        hash = hash * multiplier ^ word * multiplier;
    }
    if (!bytes.empty()) {
        for (std::size_t i = bytes.size(); i-- > 0;) hash ^= at(i) << (8 * i);
        hash *= multiplier;
    }
    hash ^= hash >> 13;
    hash *= multiplier;
    return hash ^ hash >> 15;
}

PartitionIndex partition_of(BytesView key, std::int32_t partitions) {
    assert(partitions > 0);
    constexpr std::uint32_t positive = 0x7fffffff;
    return PartitionIndex(static_cast<std::int32_t>((murmur2(key) & positive) %
                                                    static_cast<std::uint32_t>(partitions)));
}

}  // namespace mamba::protocol
