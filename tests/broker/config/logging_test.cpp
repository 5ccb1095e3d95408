#include "broker/logging.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

TEST(Logging, EscapesWhatAClientCouldForge) {
    EXPECT_EQ(escape("topic-1"), "topic-1");
    EXPECT_EQ(escape("a\nb\r\t\\\x1b\x7f\xff"), "a\\nb\\r\\t\\\\\\x1b\\x7f\\xff");
    EXPECT_EQ(escape(std::string(1000, 'x')), std::string(256, 'x') + "...");
    EXPECT_EQ(escape("abc", 2), "ab...");
}

TEST(Logging, LevelsAreInheritedByName) {
    const Logger net = logger("mamba.net");
    EXPECT_TRUE(net.enabled(LogLevel::info));
    EXPECT_FALSE(net.enabled(LogLevel::debug));

    ASSERT_TRUE(set_log_level("mamba", LogLevel::error));
    EXPECT_FALSE(net.enabled(LogLevel::warn));
    ASSERT_TRUE(set_log_level("mamba.net", LogLevel::debug));
    EXPECT_TRUE(net.enabled(LogLevel::debug));
    EXPECT_EQ(log_levels().at("mamba.log"), LogLevel::error);

    ASSERT_TRUE(reset_log_level("mamba.net"));
    EXPECT_FALSE(net.enabled(LogLevel::warn));
    ASSERT_TRUE(reset_log_level("mamba"));
    EXPECT_TRUE(net.enabled(LogLevel::info));
}

TEST(Logging, RootKeepsALevel) {
    EXPECT_FALSE(reset_log_level("root"));
    EXPECT_FALSE(set_log_level("nosuch", LogLevel::info));
    EXPECT_TRUE(is_logger("mamba.group"));
}

TEST(Logging, LevelNamesAreKafkas) {
    EXPECT_EQ(name_of(LogLevel::fatal), "FATAL");
    EXPECT_EQ(log_level_of("warn"), LogLevel::warn);
    EXPECT_EQ(log_level_of("loud"), std::nullopt);
}

TEST(RateLimited, CountsWhatItSuppressed) {
    const Instant start{};
    RateLimited limit(2, std::chrono::seconds(1));
    EXPECT_EQ(limit.take(start), 0u);
    EXPECT_EQ(limit.take(start), 0u);
    EXPECT_EQ(limit.take(start), std::nullopt);
    EXPECT_EQ(limit.take(start), std::nullopt);
    EXPECT_EQ(limit.take(start + std::chrono::seconds(1)), 2u);
    EXPECT_EQ(limit.take(start + std::chrono::seconds(1)), 0u);
}

}  // namespace
}  // namespace mamba::broker
