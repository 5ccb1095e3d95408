#include "broker/config/dynamic_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "broker/config/config_service.h"

namespace mamba::broker {
namespace {

using testing::ElementsAre;
using Values = std::map<std::string, std::string, std::less<>>;

constexpr Machine machine{.cores = 3, .memory_bytes = 0};
const ConfigResource topic_t{ConfigResourceType::topic, "t"};
const ConfigResource broker_1{ConfigResourceType::broker, "1"};
const ConfigResource brokers{ConfigResourceType::broker, ""};
const ConfigResource group_g{ConfigResourceType::group, "g"};

DynamicConfig rules_with(Values settings = {}) {
    return DynamicConfig(std::move(settings), machine, BrokerId{1});
}

ClusterImagePtr image_with(std::vector<ConfigsSet> sets) {
    auto topic = std::make_shared<TopicState>();
    topic->name = "t";
    std::vector<Change> changes = {TopicSet{topic}};
    for (ConfigsSet& set : sets) changes.emplace_back(std::move(set));
    return ClusterImage().apply(changes);
}

ConfigDescription described(const DynamicConfig& rules, const ClusterImage& image,
                            const ConfigResource& resource, const std::string& name) {
    auto all = rules.describe(image, resource, std::vector<std::string>{name});
    return all && all->size() == 1 ? all->front() : ConfigDescription{};
}

Refusal check(const ConfigResource& resource, const ConfigMap& values, Values settings = {}) {
    return rules_with(std::move(settings)).check(resource, {}, values);
}

// The topic's own value wins over the broker's, that over the default of all brokers, that over the
// file, and the file's smaller units over its larger ones.
TEST(DynamicConfig, TopicSettingIsLookedUpFromTheNearestOut) {
    const DynamicConfig rules = rules_with({{"log.retention.hours", "1"}});
    std::vector<ConfigsSet> sets;
    EXPECT_EQ(rules.topic(*image_with(sets), "t").retention_ms, 3'600'000);
    EXPECT_EQ(rules_with({{"log.retention.hours", "1"}, {"log.retention.minutes", "2"}})
                  .topic(*image_with(sets), "t")
                  .retention_ms,
              120'000);
    sets.push_back({brokers, {{"log.retention.ms", "3"}}});
    EXPECT_EQ(rules.topic(*image_with(sets), "t").retention_ms, 3);
    sets.push_back({broker_1, {{"log.retention.ms", "4"}}});
    EXPECT_EQ(rules.topic(*image_with(sets), "t").retention_ms, 4);
    sets.push_back({topic_t, {{"retention.ms", " 5 "}}});
    EXPECT_EQ(rules.topic(*image_with(sets), "t").retention_ms, 5);
    EXPECT_EQ(rules.topic(*image_with(sets), "another").retention_ms, 4);
}

TEST(DynamicConfig, DefaultsInTheTopicStructAreThoseOfTheTable) {
    EXPECT_EQ(rules_with().topic(ClusterImage(), "t"), TopicConfig{});
}

TEST(DynamicConfig, NoRetentionInHoursIsNoLimit) {
    EXPECT_EQ(rules_with({{"log.retention.hours", "-1"}}).topic(ClusterImage(), "t").retention_ms,
              -1);
}

TEST(DynamicConfig, TopicSettingsReachTheBatchRules) {
    const auto image = image_with({{topic_t,
                                    {{"compression.type", "zstd"},
                                     {"compression.zstd.level", "7"},
                                     {"cleanup.policy", "compact,delete"},
                                     {"message.timestamp.type", "LogAppendTime"},
                                     {"preallocate", "TRUE"}}}});
    const TopicConfig config = rules_with().topic(*image, "t");
    EXPECT_TRUE(config.preallocate);
    EXPECT_TRUE(config.cleanup_delete);
    const log::BatchRules rules = config.batch_rules();
    EXPECT_EQ(rules.compression, protocol::CompressionType::zstd);
    EXPECT_EQ(rules.levels.zstd, 7);
    EXPECT_TRUE(rules.compacted);
    EXPECT_EQ(rules.timestamp_type, protocol::TimestampType::log_append_time);
}

// A value that another version stored must not stop this one.
TEST(DynamicConfig, StoredValueThatFailsItsCheckIsPassedOver) {
    const auto image = image_with({{topic_t, {{"retention.ms", "soon"}}},
                                   {broker_1, {{"log.segment.bytes", "big"}, {"node.id", "7"}}}});
    const DynamicConfig rules = rules_with();
    EXPECT_EQ(rules.topic(*image, "t"), TopicConfig{});
    EXPECT_EQ(rules.broker(*image)->node_id, BrokerId{1});
}

TEST(DynamicConfig, TopicIsRefusedInKafkasWords) {
    EXPECT_EQ(check(topic_t, {{"nosuch", "1"}}),
              (Refusal{ErrorCode::invalid_config, "Unknown topic config name: nosuch"}));
    EXPECT_EQ(
        check(topic_t, {{"retention.ms", "-2"}}),
        (Refusal{ErrorCode::invalid_config,
                 "Invalid value -2 for configuration retention.ms: Value must be at least -1"}));
    EXPECT_EQ(check(topic_t, {{"min.compaction.lag.ms", "10"}, {"max.compaction.lag.ms", "5"}}),
              (Refusal{ErrorCode::invalid_config,
                       "conflict topic config setting min.compaction.lag.ms (10) > "
                       "max.compaction.lag.ms (5)"}));
    EXPECT_EQ(check(topic_t, {{"remote.storage.enable", "true"}}),
              (Refusal{ErrorCode::invalid_config,
                       "Tiered Storage functionality is disabled in the broker. Topic cannot be "
                       "configured with remote log storage."}));
    EXPECT_EQ(check(topic_t, {{"retention.ms", "5"}, {"cleanup.policy", "compact"}}), Refusal{});
}

TEST(DynamicConfig, BrokerIsRefusedInKafkasWords) {
    const auto invalid = [](std::string message) {
        return Refusal{ErrorCode::invalid_request, std::move(message)};
    };
    EXPECT_EQ(check(broker_1, {{"log.retention.hours", "5"}}),
              invalid("Cannot update these configs dynamically: [log.retention.hours]"));
    EXPECT_EQ(
        check(broker_1, {{"log.retention.ms", "abc"}}),
        invalid("Invalid value abc for configuration log.retention.ms: Not a number of type LONG"));
    EXPECT_EQ(
        check(brokers, {{"ssl.keystore.password", "foo"}}),
        invalid("These security configs can be dynamically updated only per-listener using the "
                "listener prefix: [ssl.keystore.password]"));
    EXPECT_EQ(check(brokers, {{"listeners", "PLAINTEXT://:1"}}),
              invalid("Cannot update these configs at default cluster level, broker id must be "
                      "specified: [listeners]"));
    EXPECT_EQ(check(broker_1, {{"num.io.threads", "100"}}),
              invalid("Dynamic thread count update validation failed for num.io.threads=100, value "
                      "should not be greater than double the current value 8"));
    EXPECT_EQ(check(broker_1, {{"num.io.threads", "16"}}), Refusal{});
    EXPECT_EQ(check(broker_1, {{"max.connections", "0"}}), invalid("Invalid max.connections 0"));
    EXPECT_EQ(check(broker_1, {{"nosuch.key", "1"}, {"log.retention.ms", "5000"}}), Refusal{});
    EXPECT_EQ(check(brokers, {{"log.flush.on.acks.all", "false"}}), Refusal{});
}

TEST(DynamicConfig, BrokerIsNotLedIntoAStateThatItCannotServe) {
    const auto code = [](const std::string& name, const std::string& value) {
        return check(broker_1, {{name, value}}).code;
    };
    EXPECT_EQ(code("log.cleaner.threads", "3"), ErrorCode::invalid_request);  // more than doubled
    EXPECT_EQ(code("log.cleaner.threads", "2"), ErrorCode::none);
    EXPECT_EQ(code("remote.log.reader.threads", "1"), ErrorCode::invalid_request);
    EXPECT_EQ(code("log.retention.ms", "0"), ErrorCode::invalid_request);
    EXPECT_EQ(code("principal.builder.class", "x"), ErrorCode::invalid_request);
    EXPECT_EQ(code("principal.builder.class", ""), ErrorCode::invalid_request);
    EXPECT_EQ(code("metric.reporters", "x"), ErrorCode::invalid_request);
    EXPECT_EQ(code("metric.reporters", ""), ErrorCode::none);
    EXPECT_EQ(code("ssl.protocol", "TLSv1.3"), ErrorCode::none);
    EXPECT_EQ(code("ssl.key.password", "x"), ErrorCode::invalid_request);
}

TEST(DynamicConfig, ListenersOfOneBrokerAreNotSetForAll) {
    const ConfigMap values{{"listener.name.plaintext.ssl.keystore.location", "/nowhere"}};
    EXPECT_EQ(check(broker_1, values), Refusal{});
    EXPECT_EQ(check(brokers, values).code, ErrorCode::invalid_request);
}

TEST(DynamicConfig, ClientMetricsAreRefusedInKafkasWords) {
    const ConfigResource metrics{ConfigResourceType::client_metrics, "m"};
    EXPECT_EQ(check(metrics, {{"nosuch", "1"}}),
              (Refusal{ErrorCode::invalid_request, "Unknown client metrics configuration: nosuch"}));
    EXPECT_EQ(check(metrics, {{"interval.ms", "99"}}),
              (Refusal{ErrorCode::invalid_request,
                       "Invalid value 99 for interval.ms, interval must be between 100 and 3600000 "
                       "(1 hour)"}));
    EXPECT_EQ(check(metrics, {{"interval.ms", "x"}}).code, ErrorCode::invalid_config);
    for (const std::string match : {"client_id", "who=x", "client_id=a=b", "client_id="}) {
        EXPECT_EQ(check(metrics, {{"match", match}}),
                  (Refusal{ErrorCode::invalid_config, "Illegal client matching pattern: " + match}));
    }
    EXPECT_EQ(check(metrics, {{"match", "client_id=x.*, client_software_name =a"},
                              {"interval.ms", "100"},
                              {"metrics", "a,b"}}),
              Refusal{});
}

TEST(DynamicConfig, GroupStaysWithinTheBrokersLimits) {
    EXPECT_EQ(check(group_g, {{"streams.num.standby.replicas", "99"}}).code,
              ErrorCode::invalid_config);
    EXPECT_EQ(check(group_g, {{"consumer.session.timeout.ms", "50000"}}), Refusal{});
    EXPECT_EQ(check(group_g, {{"consumer.session.timeout.ms", "5"}}).message,
              "consumer.session.timeout.ms must be greater than or equal to "
              "group.consumer.min.session.timeout.ms");
    EXPECT_EQ(check(group_g, {{"consumer.session.timeout.ms", "70000"}}).message,
              "consumer.session.timeout.ms must be less than or equal to "
              "group.consumer.max.session.timeout.ms");
    EXPECT_EQ(check(group_g, {{"consumer.session.timeout.ms", "70000"}},
                    {{"group.consumer.max.session.timeout.ms", "80000"}}),
              Refusal{});
    EXPECT_EQ(check(group_g, {{"nosuch", "1"}}).message, "Unknown group config name: nosuch");
}

TEST(DynamicConfig, ListsAreKnownAndStartFromTheirDefault) {
    const DynamicConfig rules = rules_with({{"log.cleanup.policy", "compact"}});
    EXPECT_TRUE(rules.is_list(ConfigResourceType::topic, "cleanup.policy"));
    EXPECT_FALSE(rules.is_list(ConfigResourceType::topic, "retention.ms"));
    EXPECT_FALSE(rules.is_list(ConfigResourceType::topic, "nosuch"));
    EXPECT_EQ(rules.default_value(ConfigResourceType::topic, "cleanup.policy"), "compact");
    EXPECT_EQ(rules.default_value(ConfigResourceType::broker, "log.cleanup.policy"), "compact");
    EXPECT_EQ(rules.default_value(ConfigResourceType::topic, "nosuch"), std::nullopt);
}

TEST(DynamicConfig, DescribesWhereAValueComesFrom) {
    const DynamicConfig rules = rules_with({{"log.retention.ms", "2"}});
    const auto image = image_with({{topic_t, {{"retention.ms", "5"}}},
                                   {broker_1, {{"log.retention.ms", "4"}}},
                                   {brokers, {{"log.retention.ms", "3"}}}});
    using enum ConfigSource;
    EXPECT_THAT(described(rules, *image, topic_t, "retention.ms").synonyms,
                ElementsAre(ConfigValue{"retention.ms", "5", dynamic_topic},
                            ConfigValue{"log.retention.ms", "4", dynamic_broker},
                            ConfigValue{"log.retention.ms", "3", dynamic_default_broker},
                            ConfigValue{"log.retention.ms", "2", static_broker},
                            ConfigValue{"log.retention.hours", "168", defaults}));
    EXPECT_EQ(described(rules, *image, broker_1, "log.retention.ms").value,
              (ConfigValue{"log.retention.ms", "4", dynamic_broker}));
    EXPECT_EQ(described(rules, *image, brokers, "log.retention.ms").value,
              (ConfigValue{"log.retention.ms", "3", dynamic_default_broker}));
}

TEST(DynamicConfig, NeverShowsASecret) {
    const DynamicConfig rules = rules_with(
        {{"ssl.keystore.password", "canary"}, {"listener.name.in.ssl.key.password", "canary"}});
    const auto image = image_with(
        {{broker_1, {{"unknown.password", "canary"}}}, {brokers, {{"other.password", "canary"}}}});
    for (const ConfigResource& resource : {broker_1, brokers}) {
        const auto all = rules.describe(*image, resource, std::nullopt);
        for (const ConfigDescription& one : all.value()) {
            EXPECT_NE(one.value.value, "canary") << one.value.name;
            for (const ConfigValue& synonym : one.synonyms) EXPECT_NE(synonym.value, "canary");
        }
    }
    EXPECT_TRUE(described(rules, *image, broker_1, "ssl.keystore.password").is_sensitive);
}

TEST(DynamicConfig, SettingsOfAListenerHaveTheTypeOfTheirBase) {
    const std::string password = "listener.name.plaintext.ssl.keystore.password";
    const std::string location = "listener.name.plaintext.ssl.keystore.location";
    const auto image = image_with({{broker_1, {{password, "canary"}, {location, "/store"}}}});
    const ConfigDescription hidden = described(rules_with(), *image, broker_1, password);
    EXPECT_EQ(hidden.type, ConfigType::password);
    EXPECT_EQ(hidden.value.value, std::nullopt);
    const ConfigDescription open = described(rules_with(), *image, broker_1, location);
    EXPECT_EQ(open.type, ConfigType::string);
    EXPECT_EQ(open.value.value, "/store");
}

TEST(DynamicConfig, LimitsOfAListenerHoldAtOnceAndCanBeTakenBack) {
    const std::string limit = "listener.name.plaintext.max.connections";
    const auto image = image_with({{broker_1, {{limit, "7"}}}});
    EXPECT_EQ(rules_with().broker(*image)->network.listener_limits.at("PLAINTEXT").connections_max, 7);
    EXPECT_TRUE(rules_with().broker(ClusterImage())->network.listener_limits.empty());
    EXPECT_EQ(check(broker_1, {{limit, "0"}}).code, ErrorCode::invalid_request);
    EXPECT_EQ(check(broker_1, {{limit, "x"}}).code, ErrorCode::invalid_request);
    EXPECT_EQ(described(rules_with(), *image, broker_1, limit).synonyms.back().name, "max.connections");
}

// A number in one of Java's forms must not stop the broker that reads it.
TEST(DynamicConfig, TopicNumberWithASignIsRead) {
    const auto image = image_with({{topic_t, {{"retention.ms", "+5"}}}});
    EXPECT_EQ(check(topic_t, {{"retention.ms", "+5"}}), Refusal{});
    EXPECT_EQ(rules_with().topic(*image, "t").retention_ms, 5);
}

TEST(DynamicConfig, RefusesToDescribeWhatItIsNot) {
    const DynamicConfig rules = rules_with();
    const auto refusal = [&](ConfigResourceType type, std::string name) {
        return rules.describe(ClusterImage(), {type, std::move(name)}, std::nullopt).error();
    };
    EXPECT_EQ(refusal(ConfigResourceType::topic, "t").code, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(refusal(ConfigResourceType::broker, "7").message,
              "Unexpected broker id, expected 1 or empty string, but received 7");
    EXPECT_EQ(refusal(ConfigResourceType::broker, "x").message,
              "Broker id must be an integer, but it is: x");
    EXPECT_EQ(refusal(ConfigResourceType::unknown, "x").code, ErrorCode::invalid_request);
}

TEST(ConfigService, TellsWhatChanged) {
    ConfigService service(rules_with());
    std::vector<ConfigResource> heard;
    service.on_config_change(
        [&](const ConfigResource& resource, const ClusterImage&) { heard.push_back(resource); });
    const ClusterImagePtr before = image_with({});
    const ConfigResource other_broker{ConfigResourceType::broker, "2"};
    const ClusterImagePtr after =
        image_with({{topic_t, {{"retention.ms", "5"}}},
                    {brokers, {{"message.max.bytes", "7"}, {"max.connections", "9"}}},
                    {other_broker, {{"max.connections", "3"}}}});
    service.on_metadata(*after, ClusterDelta::between(*before, *after));
    EXPECT_THAT(heard, testing::UnorderedElementsAre(topic_t, brokers));
    EXPECT_EQ(service.broker()->network.connections_max, 9);
    EXPECT_EQ(service.topic(*after, "t").retention_ms, 5);
    EXPECT_EQ(service.topic(*after, "t").max_message_bytes, 7);
}

}  // namespace
}  // namespace mamba::broker
