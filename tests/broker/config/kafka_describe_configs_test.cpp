// What we describe against what a real Apache Kafka 4.3 describes, setting by setting.
//
// testdata/kafka_4.3_describe_configs.tsv was read with Kafka's AdminClient from a fresh broker of
// one node with the settings below, and a topic: resource, name, value (\N: null), source, rw or
// ro, "sens" when sensitive, type, synonyms as name=value@source. Settings that hold addresses and
// folders are left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "broker/config/dynamic_config.h"

namespace mamba::broker {
namespace {

std::string_view name_of(ConfigSource source) {
    switch (source) {
        case ConfigSource::dynamic_topic:
            return "DYNAMIC_TOPIC_CONFIG";
        case ConfigSource::dynamic_broker:
            return "DYNAMIC_BROKER_CONFIG";
        case ConfigSource::dynamic_default_broker:
            return "DYNAMIC_DEFAULT_BROKER_CONFIG";
        case ConfigSource::static_broker:
            return "STATIC_BROKER_CONFIG";
        case ConfigSource::defaults:
            return "DEFAULT_CONFIG";
        case ConfigSource::group:
            return "DYNAMIC_GROUP_CONFIG";
        default:
            return "other";
    }
}

std::string line_of(const ConfigDescription& one) {
    std::ostringstream line;
    line << one.value.value.value_or("\\N") << '\t' << name_of(one.value.source) << '\t'
         << (one.read_only ? "ro" : "rw") << '\t' << (one.is_sensitive ? "sens" : "") << '\t'
         << name_of(one.type) << '\t';
    for (const ConfigValue& synonym : one.synonyms)
        line << synonym.name << '=' << synonym.value.value_or("\\N") << '@'
             << name_of(synonym.source) << ';';
    return line.str();
}

using Lines = std::map<std::string, std::string>;  // by "resource name"

Lines kafkas_lines() {
    std::ifstream file(MAMBA_CONFIG_TESTDATA "/kafka_4.3_describe_configs.tsv");
    Lines lines;
    for (std::string line; std::getline(file, line);) {
        const std::size_t first = line.find('\t');
        const std::size_t second = line.find('\t', first + 1);
        lines[line.substr(0, first) + ' ' + line.substr(first + 1, second - first - 1)] =
            line.substr(second + 1);
    }
    return lines;
}

Lines our_lines() {
    const DynamicConfig rules({{"broker.id", "1"},
                               {"node.id", "1"},
                               {"process.roles", "broker,controller"},
                               {"controller.listener.names", "CONTROLLER"},
                               {"offsets.topic.replication.factor", "1"},
                               {"share.coordinator.state.topic.min.isr", "1"},
                               {"share.coordinator.state.topic.replication.factor", "1"},
                               {"transaction.state.log.min.isr", "1"},
                               {"transaction.state.log.replication.factor", "1"}},
                              {.cores = 3, .memory_bytes = 0}, BrokerId{1});
    auto topic = std::make_shared<TopicState>();
    topic->name = "t";
    // Kafka's own cluster sets this one when it is formatted.
    const std::vector<Change> changes = {
        TopicSet{topic},
        ConfigsSet{{ConfigResourceType::broker, ""}, {{"min.insync.replicas", "1"}}}};
    const ClusterImagePtr image = ClusterImage().apply(changes);

    const std::vector<std::pair<std::string, ConfigResource>> resources = {
        {"topic", {ConfigResourceType::topic, "t"}},
        {"broker", {ConfigResourceType::broker, "1"}},
        {"brokers", {ConfigResourceType::broker, ""}},
        {"group", {ConfigResourceType::group, "g"}}};
    Lines lines;
    for (const auto& [kind, resource] : resources) {
        const auto described = rules.describe(*image, resource, std::nullopt);
        for (const ConfigDescription& one : described.value())
            lines[kind + ' ' + one.value.name] = line_of(one);
    }
    return lines;
}

TEST(KafkaDescribeConfigs, EverySettingIsDescribedAsKafkaDescribesIt) {
    const Lines theirs = kafkas_lines();
    const Lines ours = our_lines();
    ASSERT_GT(theirs.size(), 380u);
    std::vector<std::string> different;
    for (const auto& [name, line] : theirs) {
        const auto found = ours.find(name);
        if (found != ours.end() && found->second == line) continue;
        different.push_back(name);
        SCOPED_TRACE(name + "\n  Kafka " + line + "\n  ours  " +
                     (found == ours.end() ? std::string("nothing") : found->second));
        // Our defaults are of our own here; see different_defaults().
        EXPECT_THAT(name, testing::AnyOf("broker log.dir", "broker node.id"));
    }
    EXPECT_THAT(different, testing::SizeIs(2));
}

TEST(KafkaDescribeConfigs, WhatKafkaLacksIsOurs) {
    const Lines theirs = kafkas_lines();
    std::vector<std::string> ours_alone;
    for (const auto& [name, line] : our_lines()) {
        if (!theirs.contains(name) && !name.starts_with("broker console.")) ours_alone.push_back(name);
    }
    EXPECT_THAT(ours_alone, testing::ElementsAre(
                                "broker advertised.listeners", "broker controller.quorum.voters",
                                "broker listeners", "broker log.dirs",
                                "broker log.flush.on.acks.all", "topic flush.on.acks.all"));
}

}  // namespace
}  // namespace mamba::broker
