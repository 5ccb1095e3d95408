#include "protocol/partitioner.h"

#include <gtest/gtest.h>

namespace mamba::protocol {
namespace {

// Values of org.apache.kafka.common.utils.Utils.murmur2, Apache Kafka 4.3.
TEST(Partitioner, HashIsJavas) {
    const auto hash = [](std::string_view text) {
        return static_cast<std::int32_t>(murmur2(as_bytes(text)));
    };
    EXPECT_EQ(hash("21"), -973932308);
    EXPECT_EQ(hash("foobar"), -790332482);
    EXPECT_EQ(hash("a-little-bit-long-string"), -985981536);
    EXPECT_EQ(hash("a-little-bit-longer-string"), -1486304829);
    EXPECT_EQ(hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
}

TEST(Partitioner, PartitionIsWithinTheTopic) {
    for (const char* key : {"", "a", "ab", "abc", "abcd", "abcde"}) {
        const PartitionIndex partition = partition_of(as_bytes(key), 7);
        EXPECT_GE(partition.value, 0);
        EXPECT_LT(partition.value, 7);
    }
}

}  // namespace
}  // namespace mamba::protocol
