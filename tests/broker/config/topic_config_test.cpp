#include "broker/config/topic_config.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

// A setting that is missing here would be checked with its default, whatever the topic says.
TEST(TopicConfig, EverySettingOfABatchReachesTheRules) {
    TopicConfig config;
    config.max_message_bytes = 1;
    config.message_timestamp_type = protocol::TimestampType::log_append_time;
    config.segment_bytes = 2;
    config.message_timestamp_before_max_ms = 3;
    config.message_timestamp_after_max_ms = 4;
    config.compression_type = protocol::CompressionType::lz4;
    config.cleanup_compact = true;
    const log::BatchRules rules = config.batch_rules();
    EXPECT_EQ(rules.message_bytes_max, 1);
    EXPECT_EQ(rules.timestamp_type, protocol::TimestampType::log_append_time);
    EXPECT_EQ(rules.segment_bytes, 2);
    EXPECT_EQ(rules.timestamp_before_ms_max, 3);
    EXPECT_EQ(rules.timestamp_after_ms_max, 4);
    EXPECT_EQ(rules.compression, protocol::CompressionType::lz4);
    EXPECT_TRUE(rules.compacted);
}

}  // namespace
}  // namespace mamba::broker
