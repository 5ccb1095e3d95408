#include "broker/config/server_properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(ServerProperties, FlagWinsOverEnvironmentOverFile) {
    const SettingSources sources{
        .file = "log.retention.ms=1\nnum.partitions=2\nmessage.max.bytes : 3",
        .file_name = "server.properties",
        .environment = {{"MAMBAMQ_LOG_RETENTION_MS", "10"},
                        {"MAMBAMQ_NUM_PARTITIONS", "20"},
                        {"HOME", "x"}},
        .overrides = {"log.retention.ms=50", "log.retention.ms=100"},
    };
    const StaticSettings settings = read_settings(sources);
    EXPECT_THAT(settings.errors, IsEmpty());
    EXPECT_THAT(settings.warnings, IsEmpty());
    EXPECT_THAT(settings.values,
                ElementsAre(Pair("log.retention.ms", "100"), Pair("message.max.bytes", "3"),
                            Pair("num.partitions", "20")));
}

TEST(ServerProperties, UnknownNameIsAWarningWithTheNearestKnownOne) {
    const StaticSettings settings = read_settings({.file = "log.retension.ms=1"});
    EXPECT_THAT(settings.errors, IsEmpty());
    EXPECT_THAT(settings.values, IsEmpty());
    EXPECT_THAT(settings.warnings,
                ElementsAre("server.properties: unknown setting log.retension.ms is "
                            "ignored; did you mean log.retention.ms?"));
}

TEST(ServerProperties, WrongValueNamesSettingValueAndWhatIsAllowed) {
    const StaticSettings settings =
        read_settings({.overrides = {"num.partitions=none", "nonsense"}});
    EXPECT_THAT(
        settings.errors,
        ElementsAre("--override: Invalid value none for configuration num.partitions: Not a "
                    "number of type INT (a INT, allowed: [1,...])",
                    "--override nonsense: expected key=value"));
}

TEST(ServerProperties, ASettingOfAListenerIsCheckedAsTheBrokersOwn) {
    const StaticSettings settings = read_settings({.file = "listener.name.in.max.connections=x"});
    EXPECT_THAT(settings.errors,
                ElementsAre(HasSubstr("listener.name.in.max.connections: Invalid value x for configuration "
                                      "max.connections")));
    EXPECT_THAT(read_settings({.file = "listener.name.in.max.connections= +7"}).values,
                ElementsAre(Pair("listener.name.in.max.connections", "7")));
}

TEST(ServerProperties, SettingWithoutEffectIsNoted) {
    const StaticSettings settings = read_settings({.file = "controller.quorum.voters=1@h:9093"});
    EXPECT_EQ(settings.values.at("controller.quorum.voters"), "1@h:9093");
    EXPECT_THAT(settings.notes, ElementsAre(HasSubstr("controller.quorum.voters has no effect")));
}

TEST(ServerProperties, NodeIdAndBrokerIdAreOne) {
    EXPECT_EQ(read_settings({.file = "broker.id=4"}).values.at("node.id"), "4");
    EXPECT_EQ(read_settings({.file = "node.id=4"}).values.at("broker.id"), "4");
    EXPECT_THAT(read_settings({.file = "node.id=4\nbroker.id=5"}).errors,
                ElementsAre(HasSubstr("differ")));
}

TEST(ServerProperties, ControlCharactersDoNotReachMessages) {
    const StaticSettings settings = read_settings({.overrides = {"num.partitions=\x1b[31m"}});
    ASSERT_EQ(settings.errors.size(), 1u);
    EXPECT_THAT(settings.errors[0], HasSubstr("\\x1b[31m"));
}

TEST(ServerProperties, EnvironmentNameIsUpperCaseWithUnderscores) {
    EXPECT_EQ(environment_name("log.retention.ms"), "MAMBAMQ_LOG_RETENTION_MS");
}

}  // namespace
}  // namespace mamba::broker
