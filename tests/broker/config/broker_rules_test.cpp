#include "broker/config/broker_rules.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

constexpr std::int64_t week_ms = 604'800'000;

ErrorCode check(std::map<std::string, std::string, std::less<>> values,
                std::int64_t retention_ms = week_ms) {
    return check_broker_rules(values, retention_ms).code;
}

constexpr ErrorCode fine = ErrorCode::none;
constexpr ErrorCode refused = ErrorCode::invalid_request;

TEST(BrokerRules, DefaultsKeepThem) {
    EXPECT_EQ(check({}), fine);
}

TEST(BrokerRules, SomebodyCanAlwaysConnect) {
    EXPECT_EQ(check({{"max.connections", "0"}}), refused);
    EXPECT_EQ(check({{"max.connection.creation.rate", "0"}}), refused);
    EXPECT_EQ(check({{"listeners", "IN://:1,OUT://:2"}, {"listener.name.out.max.connections", "0"}}), refused);
    EXPECT_EQ(check({{"listeners", "IN://:1"}, {"listener.name.out.max.connections", "0"}}), fine);
    EXPECT_EQ(check({{"max.connections.per.ip", "0"}}), refused);
    EXPECT_EQ(check({{"max.connections.per.ip", "0"},
                     {"max.connections.per.ip.overrides", "127.0.0.1:9"}}),
              fine);
}

TEST(BrokerRules, EachCleanerHasABuffer) {
    EXPECT_EQ(check({{"log.cleaner.threads", "0"}}), refused);
    EXPECT_EQ(check({{"log.cleaner.dedupe.buffer.size", "1048576"}}), refused);
    EXPECT_EQ(check({{"log.cleaner.dedupe.buffer.size", "1048577"}}), fine);
}

TEST(BrokerRules, LocalRetentionIsPartOfTheWhole) {
    EXPECT_EQ(check({}, 0), refused);
    EXPECT_EQ(check({{"log.local.retention.ms", "-1"}}), refused);
    EXPECT_EQ(check({{"log.local.retention.ms", "-1"}}, -1), fine);
    EXPECT_EQ(check({{"log.local.retention.ms", "604800000"}}), fine);
    EXPECT_EQ(check({{"log.local.retention.ms", "604800001"}}), refused);
    EXPECT_EQ(check({{"log.local.retention.bytes", "2"}, {"log.retention.bytes", "1"}}), refused);
}

TEST(BrokerRules, AssignmentIntervalsHaveLimits) {
    for (const std::string kind : {"consumer", "share", "streams"}) {
        const std::string name = "group." + kind + ".assignment.interval.ms";
        EXPECT_EQ(check({{name, "15001"}}), refused);
        EXPECT_EQ(check({{name, "1"}, {"group." + kind + ".min.assignment.interval.ms", "2"}}),
                  refused);
    }
}

TEST(BrokerRules, OnlyLogDirsCanBeCordoned) {
    EXPECT_EQ(check({{"cordoned.log.dirs", "/elsewhere"}, {"log.dirs", "/a,/b"}}), refused);
    EXPECT_EQ(check({{"cordoned.log.dirs", "/b"}, {"log.dirs", "/a,/b"}}), fine);
    EXPECT_EQ(check({{"cordoned.log.dirs", "*"}, {"log.dirs", "/a,/b"}}), fine);
}

}  // namespace
}  // namespace mamba::broker
