#include "broker/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/config/config_keys.h"

namespace mamba::broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Values = std::map<std::string, std::string, std::less<>>;
constexpr Machine machine{.cores = 4, .memory_bytes = std::int64_t{8} << 30};

std::vector<std::string> errors_of(const Values& values) {
    const auto config = BrokerConfig::from(values, machine);
    return config ? std::vector<std::string>() : config.error();
}

TEST(BrokerConfig, WithoutSettingsListensOnLoopbackAndBoundsMemory) {
    const BrokerConfig config = BrokerConfig::from({}, machine).value();
    EXPECT_EQ(config.node_id, BrokerId{1});
    EXPECT_THAT(config.network.listeners,
                ElementsAre(Listener{"PLAINTEXT", "127.0.0.1", 9092, {}}));
    EXPECT_EQ(config.network.advertised_listeners, config.network.listeners);
    EXPECT_EQ(config.network.inter_broker_listener_name, "PLAINTEXT");
    EXPECT_EQ(config.network.network_threads, 4);
    EXPECT_EQ(config.network.queued_request_bytes_max, std::int64_t{2} << 30);
    EXPECT_THAT(config.storage.log_dirs, ElementsAre("mambamq-data"));
}

// The defaults in the structs are for tests of other parts; they must not drift from the table.
TEST(BrokerConfig, DefaultsInTheStructsAreThoseOfTheTable) {
    const BrokerConfig config = BrokerConfig::from({}, machine).value();
    EXPECT_EQ(config.fetch, FetchConfig{});
    EXPECT_EQ(config.topics, TopicsConfig{});
    EXPECT_EQ(config.groups, GroupsConfig{});
    EXPECT_EQ(config.offsets, OffsetsConfig{});
    EXPECT_EQ(config.transactions, TransactionsConfig{});
    StorageConfig storage;
    storage.log_dirs = {"mambamq-data"};
    EXPECT_EQ(config.storage, storage);
}

TEST(BrokerConfig, LogDirsWinOverLogDir) {
    EXPECT_THAT(BrokerConfig::from({{"log.dir", "/a"}}, machine)->storage.log_dirs,
                ElementsAre("/a"));
    EXPECT_THAT(
        BrokerConfig::from({{"log.dir", "/a"}, {"log.dirs", "/b,/c"}}, machine)->storage.log_dirs,
        ElementsAre("/b", "/c"));
}

TEST(BrokerConfig, ReadsAKafkaFileWithItsController) {
    const BrokerConfig config =
        BrokerConfig::from({{"process.roles", "broker,controller"},
                            {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093,IN://[::1]:9094"},
                            {"controller.listener.names", "CONTROLLER"},
                            {"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,IN:PLAINTEXT"},
                            {"advertised.listeners", "PLAINTEXT://example.org:19092,IN://h:1"},
                            {"inter.broker.listener.name", "IN"}},
                           machine)
            .value();
    EXPECT_THAT(config.network.listeners,
                ElementsAre(Listener{"PLAINTEXT", "", 9092, {}}, Listener{"IN", "::1", 9094, {}}));
    EXPECT_EQ(config.network.advertised_listeners[0].host, "example.org");
    EXPECT_EQ(config.network.inter_broker_listener_name, "IN");
}

TEST(BrokerConfig, TheConsolesBasePathIsNamesBehindSlashes) {
    for (const auto* path : {"", "/a", "/a/b-c_d.e"})
        EXPECT_THAT(errors_of({{"console.base.path", path}}), ElementsAre());
    for (const auto* path : {"a", "/", "/a/", "//a", "/a/..", "/a b", "/\"><script>"}) {
        EXPECT_THAT(errors_of({{"console.base.path", path}}), ElementsAre(HasSubstr("console.base.path"))) << path;
    }
}

TEST(BrokerConfig, TheConsolesTrustedProxiesAreAddresses) {
    EXPECT_THAT(errors_of({{"console.trusted.proxies", "127.0.0.1, 10.0.0.0/8,2001:db8::/32"}}), ElementsAre());
    for (const auto* proxy : {"proxy.example", "10.0.0.1/8", "*"}) {
        EXPECT_THAT(errors_of({{"console.trusted.proxies", proxy}}), ElementsAre(HasSubstr("console.trusted.proxies")))
            << proxy;
    }
}

TEST(BrokerConfig, TellsWhatIsWrongWithAListener) {
    EXPECT_THAT(errors_of({{"listeners", "PLAINTEXT:9092"}}),
                ElementsAre("listeners: PLAINTEXT:9092 is not NAME://host:port"));
    EXPECT_THAT(errors_of({{"listeners", "PLAINTEXT://h:99999"}}), ElementsAre(HasSubstr("65535")));
    EXPECT_THAT(errors_of({{"listeners", "FOO://h:1"}}),
                ElementsAre(HasSubstr("no security protocol for listener FOO")));
    EXPECT_THAT(errors_of({{"listeners", ""}}),
                ElementsAre("listeners: there must be at least one"));
    EXPECT_THAT(errors_of({{"listeners", "PLAINTEXT://h:1,PLAINTEXT://h:2"}}),
                ElementsAre(HasSubstr("PLAINTEXT comes twice")));
    EXPECT_THAT(errors_of({{"advertised.listeners", "PLAINTEXT://0.0.0.0:1"}}),
                ElementsAre(HasSubstr("no client can connect to 0.0.0.0")));
    EXPECT_THAT(errors_of({{"advertised.listeners", "SSL://h:1"}}),
                ElementsAre("advertised.listeners: SSL is not in listeners"));
}

TEST(BrokerConfig, SettingsMustGoTogether) {
    EXPECT_THAT(
        errors_of({{"group.min.session.timeout.ms", "2"}, {"group.max.session.timeout.ms", "1"}}),
        ElementsAre(HasSubstr("is above")));
    EXPECT_THAT(errors_of({{"group.coordinator.rebalance.protocols", "consumer"}}),
                ElementsAre(HasSubstr("classic")));
    EXPECT_THAT(errors_of({{"max.connections.per.ip.overrides", "h"}}),
                ElementsAre(HasSubstr("not host:number")));
}

TEST(BrokerConfig, LimitsPerAddress) {
    const auto config =
        BrokerConfig::from({{"max.connections.per.ip.overrides", "127.0.0.1:5,h:0"}}, machine);
    EXPECT_THAT(config->network.connections_per_ip_overrides,
                ElementsAre(testing::Pair("127.0.0.1", 5), testing::Pair("h", 0)));
}

TEST(BrokerConfig, LimitsOfAListener) {
    const auto config = BrokerConfig::from({{"listeners", "IN://:1,OUT://:2"},
                                            {"listener.security.protocol.map", "IN:PLAINTEXT,OUT:PLAINTEXT"},
                                            {"listener.name.out.max.connections", "7"},
                                            {"listener.name.out.max.connection.creation.rate", "8"},
                                            {"listener.name.nobody.max.connections", "9"}},
                                           machine);
    EXPECT_THAT(config->network.listener_limits,
                ElementsAre(testing::Pair(
                    "OUT", ListenerLimits{.connections_max = 7, .connection_creation_rate_max = 8})));
}

}  // namespace
}  // namespace mamba::broker
