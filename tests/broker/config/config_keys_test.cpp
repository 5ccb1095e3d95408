#include "broker/config/config_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace mamba::broker {
namespace {

constexpr std::array scopes = {ConfigScope::broker, ConfigScope::topic, ConfigScope::group,
                               ConfigScope::client_quota};

std::string complaint_of(ConfigScope scope, std::string_view name, std::string_view value) {
    const ConfigKey* key = find_config_key(scope, name);
    if (key == nullptr) return "no such setting";
    return check_config_value(*key, value).value_or("");
}

std::string topic_complaint(std::string_view name, std::string_view value) {
    return complaint_of(ConfigScope::topic, name, value);
}

TEST(ConfigKeys, EveryDefaultPassesItsOwnCheckAndIsInNormalForm) {
    for (const ConfigScope scope : scopes) {
        for (const ConfigKey& key : config_keys(scope)) {
            if (!key.default_value) continue;
            EXPECT_EQ(check_config_value(key, *key.default_value).value_or(""), "") << key.name;
            EXPECT_EQ(normalized_config_value(key, *key.default_value), *key.default_value);
        }
    }
}

TEST(ConfigKeys, AreSortedDocumentedAndFound) {
    for (const ConfigScope scope : scopes) {
        EXPECT_TRUE(std::ranges::is_sorted(config_keys(scope), {}, &ConfigKey::name));
        for (const ConfigKey& key : config_keys(scope)) {
            EXPECT_EQ(find_config_key(scope, key.name), &key);
            EXPECT_FALSE(key.documentation.empty()) << key.name;
        }
    }
    EXPECT_EQ(find_config_key(ConfigScope::topic, "nosuch"), nullptr);
}

TEST(ConfigKeys, HoldAllOfKafkasAndOurs) {
    // Kafka 4.3 has 340 broker settings and three throttles that it does not describe; ours are log.flush.on.acks.all
    // and those of the console.
    EXPECT_EQ(config_keys(ConfigScope::broker).size(), 340u + 3u + 1u + 11u);
    EXPECT_EQ(config_keys(ConfigScope::topic).size(), 33u + 1u);
    EXPECT_EQ(config_keys(ConfigScope::group).size(), 17u);
    EXPECT_EQ(config_keys(ConfigScope::client_quota).size(), 4u);
}

TEST(ConfigKeys, DifferencesToKafkaNameKnownSettings) {
    for (const DifferentDefault& different : different_defaults())
        EXPECT_NE(find_config_key(ConfigScope::broker, different.name), nullptr) << different.name;
}

// The messages are Apache Kafka 4.3's own, taken from its answers.
TEST(ConfigKeys, RefuseValuesInKafkasWords) {
    EXPECT_EQ(topic_complaint("retention.ms", "abc"),
              "Invalid value abc for configuration retention.ms: Not a number of type LONG");
    EXPECT_EQ(topic_complaint("retention.ms", ""),
              "Invalid value  for configuration retention.ms: Not a number of type LONG");
    EXPECT_EQ(topic_complaint("retention.ms", "-2"),
              "Invalid value -2 for configuration retention.ms: Value must be at least -1");
    EXPECT_EQ(
        topic_complaint("segment.bytes", "99999999999"),
        "Invalid value 99999999999 for configuration segment.bytes: Not a number of type INT");
    EXPECT_EQ(topic_complaint("cleanup.policy", "foo"),
              "Invalid value foo for configuration cleanup.policy: String must be one of: compact, "
              "delete");
    EXPECT_EQ(topic_complaint("compression.type", "foo"),
              "Invalid value foo for configuration compression.type: String must be one of: "
              "uncompressed, zstd, lz4, snappy, gzip, producer");
    EXPECT_EQ(
        topic_complaint("compression.gzip.level", "0"),
        "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 "
        "or equal to -1");
    EXPECT_EQ(
        topic_complaint("preallocate", "yes"),
        "Invalid value yes for configuration preallocate: Expected value to be either true or "
        "false");
    EXPECT_EQ(topic_complaint("min.cleanable.dirty.ratio", "x"),
              "Invalid value x for configuration min.cleanable.dirty.ratio: Not a number of type "
              "DOUBLE");
    EXPECT_EQ(
        topic_complaint("min.cleanable.dirty.ratio", "2"),
        "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more "
        "than 1");
    EXPECT_EQ(
        topic_complaint("leader.replication.throttled.replicas", "a:b"),
        "Invalid value [a:b] for configuration leader.replication.throttled.replicas: "
        "leader.replication.throttled.replicas must be the literal '*' or a list of replicas in "
        "the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...");
}

TEST(ConfigKeys, AcceptWhatKafkaAccepts) {
    EXPECT_EQ(topic_complaint("compression.gzip.level", "-1"), "");
    EXPECT_EQ(topic_complaint("preallocate", "TRUE"), "");
    EXPECT_EQ(topic_complaint("retention.ms", " 77 "), "");
    EXPECT_EQ(topic_complaint("cleanup.policy", ""), "");
    EXPECT_EQ(topic_complaint("cleanup.policy", "compact, delete"), "");
    EXPECT_EQ(topic_complaint("leader.replication.throttled.replicas", "*"), "");
    EXPECT_EQ(topic_complaint("leader.replication.throttled.replicas", "0:1,1:1"), "");
    EXPECT_EQ(topic_complaint("leader.replication.throttled.replicas", ","), "");
    for (const char* reset : {"earliest", "LATEST", "by_duration:P1DT2H3M4.5S", "by_duration:PT1M"})
        EXPECT_EQ(complaint_of(ConfigScope::group, "share.auto.offset.reset", reset), "");
    for (const char* reset :
         {"", "foo", "by_duration:", "by_duration:P", "by_duration:PT", "by_duration:P1"})
        EXPECT_NE(complaint_of(ConfigScope::group, "share.auto.offset.reset", reset), "");
}

// What passes its check is what the code that reads it takes: Java's forms of numbers become ours.
TEST(ConfigKeys, NumbersAreShownAsJavaPrintsThem) {
    const auto shown = [](std::string_view name, std::string_view value) {
        const ConfigKey& key = *find_config_key(ConfigScope::topic, name);
        EXPECT_EQ(check_config_value(key, value), std::nullopt);
        return normalized_config_value(key, value);
    };
    EXPECT_EQ(shown("retention.ms", "+5"), "5");
    EXPECT_EQ(shown("retention.ms", "007"), "7");
    EXPECT_EQ(shown("retention.bytes", "-0"), "0");
    EXPECT_EQ(shown("min.cleanable.dirty.ratio", ".25"), "0.25");
    EXPECT_EQ(shown("min.cleanable.dirty.ratio", "1"), "1.0");
    EXPECT_EQ(shown("min.cleanable.dirty.ratio", "1e-4"), "1.0E-4");
    EXPECT_NE(topic_complaint("retention.ms", "+-5"), "");
    EXPECT_NE(topic_complaint("min.cleanable.dirty.ratio", "nan"), "");
    EXPECT_NE(topic_complaint("min.cleanable.dirty.ratio", "inf"), "");
}

TEST(ConfigKeys, NeverShowAPasswordInAComplaint) {
    for (const ConfigKey& key : config_keys(ConfigScope::broker)) {
        if (!key.is_sensitive()) continue;
        EXPECT_THAT(check_config_value(key, "canary").value_or(""),
                    testing::Not(testing::HasSubstr("canary")));
    }
}

TEST(ConfigKeys, SuggestTheNearestName) {
    EXPECT_EQ(nearest_config_key(ConfigScope::broker, "log.retention.m"), "log.retention.ms");
    EXPECT_EQ(nearest_config_key(ConfigScope::broker, "listener"), "listeners");
    EXPECT_EQ(nearest_config_key(ConfigScope::broker, "completely different"), "");
    EXPECT_EQ(nearest_config_key(ConfigScope::broker, std::string(100'000, 'l')), "");
}

TEST(ConfigKeys, SplitListsAtCommas) {
    using testing::ElementsAre;
    EXPECT_THAT(split_config_list("a, b ,c"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(split_config_list("  "), ElementsAre());
    EXPECT_THAT(split_config_list("a,,b,"), ElementsAre("a", "", "b", ""));
}

}  // namespace
}  // namespace mamba::broker
