#include "broker/metadata/controller.h"

#include <gtest/gtest.h>

#include "tests/broker/metadata/metadata_fixture.h"

namespace mamba::broker {
namespace {

class ControllerTest : public testing::Test {
protected:
    // Decides, and takes the changes on.
    template <class Event>
    auto decide(const Event& event) {
        auto decision = controller.decide(*image, event);
        image = image->apply(decision.changes);
        return decision.answer;
    }
    Refusal create(CreateTopics::Topic topic) {
        return decide(CreateTopics{{std::move(topic)}, false}).at(0).refusal;
    }
    Refusal extend(CreatePartitions::Topic topic) {
        return decide(CreatePartitions{{std::move(topic)}, false}).at(0).refusal;
    }
    Refusal change(ChangeConfigs::Resource resource) {
        return decide(ChangeConfigs{{std::move(resource)}, false}).at(0);
    }
    static CreateTopics::Topic by_hand(std::string name,
                                       std::vector<PartitionAssignment> assignments) {
        CreateTopics::Topic topic{.name = std::move(name)};
        topic.assignments = std::move(assignments);
        return topic;
    }

    ClusterImagePtr image = test_image();
    Controller controller = test_controller();
};

#define EXPECT_REFUSED(refusal, expected_code, expected_message) \
    EXPECT_EQ((refusal), (Refusal{ErrorCode::expected_code, expected_message}))

TEST_F(ControllerTest, CreatesATopicWithDefaults) {
    const auto created = decide(CreateTopics{{{.name = "t"}}, false});
    ASSERT_EQ(created.size(), 1U);
    EXPECT_FALSE(created[0].refusal);
    const TopicState* topic = image->find_topic("t");
    ASSERT_NE(topic, nullptr);
    EXPECT_EQ(topic->id, created[0].topic->id);
    EXPECT_EQ(image->find_topic(topic->id), topic);
    ASSERT_EQ(topic->partition_count(), 1);
    EXPECT_EQ(topic->partitions[0].leader, BrokerId(1));
    EXPECT_EQ(topic->partitions[0].isr, std::vector<BrokerId>{BrokerId(1)});
    EXPECT_EQ(topic->partitions[0].leader_epoch, LeaderEpoch(0));
}

TEST_F(ControllerTest, TopicKeepsTheTimeThatItWasCreatedAt) {
    decide(CreateTopics{{{.name = "t"}}, false, Timestamp(1'000)});
    EXPECT_FALSE(extend({.name = "t", .count = 3}));
    EXPECT_EQ(image->find_topic("t")->partition_count(), 3);
    EXPECT_EQ(image->find_topic("t")->created, Timestamp(1'000));
}

TEST_F(ControllerTest, ValidationAloneCreatesNothing) {
    const auto created = decide(CreateTopics{{{.name = "t", .partition_count = 3}}, true});
    EXPECT_FALSE(created.at(0).refusal);
    EXPECT_EQ(created.at(0).topic->partition_count(), 3);
    EXPECT_EQ(image->find_topic("t"), nullptr);
}

TEST_F(ControllerTest, ExistingTopicIsRefused) {
    EXPECT_FALSE(create({.name = "t"}));
    EXPECT_REFUSED(create({.name = "t"}), topic_already_exists, "Topic 't' already exists.");
}

TEST_F(ControllerTest, NameAskedTwiceIsAnsweredOnceAndNotCreated) {
    const auto created = decide(CreateTopics{{{.name = "a"}, {.name = "b"}, {.name = "a"}}, false});
    ASSERT_EQ(created.size(), 2U);
    EXPECT_REFUSED(created[0].refusal, invalid_request, "Duplicate topic name.");
    EXPECT_FALSE(created[1].refusal);
    EXPECT_EQ(image->topic_count(), 1U);
}

TEST_F(ControllerTest, NamesFollowKafkasRules) {
    EXPECT_REFUSED(create({.name = ""}), invalid_topic_exception,
                   "Topic name is invalid: the empty string is not allowed");
    EXPECT_REFUSED(create({.name = ".."}), invalid_topic_exception,
                   "Topic name is invalid: '..' is not allowed");
    EXPECT_REFUSED(create({.name = "a b"}), invalid_topic_exception,
                   "Topic name is invalid: 'a b' contains one or more characters other than ASCII "
                   "alphanumerics, '.', '_' and '-'");
    EXPECT_EQ(create({.name = std::string(250, 'a')}).code, ErrorCode::invalid_topic_exception);
    EXPECT_FALSE(create({.name = std::string(249, 'a')}));
    EXPECT_EQ(create({.name = "__cluster_metadata"}).code, ErrorCode::invalid_request);
}

TEST_F(ControllerTest, NamesThatCollideInMetricsAreRefused) {
    EXPECT_FALSE(create({.name = "co.l"}));
    EXPECT_REFUSED(create({.name = "co_l"}), invalid_topic_exception,
                   "Topic 'co_l' collides with existing topic: co.l");
    EXPECT_FALSE(create({.name = "co-l"}));
}

TEST_F(ControllerTest, ImpossibleNumbersAreRefused) {
    EXPECT_REFUSED(create({.name = "t", .partition_count = 0}), invalid_partitions,
                   "Number of partitions was set to an invalid non-positive value.");
    EXPECT_EQ(create({.name = "t", .partition_count = -2}).code, ErrorCode::invalid_partitions);
    EXPECT_REFUSED(create({.name = "t", .replication_factor = 0}), invalid_replication_factor,
                   "Replication factor must be larger than 0, or -1 to use the default value.");
    EXPECT_EQ(create({.name = "t", .replication_factor = 2}).code,
              ErrorCode::invalid_replication_factor);
}

TEST_F(ControllerTest, TooManyPartitionsAreRefusedForTheWholeRequest) {
    EXPECT_EQ(create({.name = "t", .partition_count = 1 << 30}).code, ErrorCode::policy_violation);
    const auto created = decide(CreateTopics{
        {{.name = "a", .partition_count = 6'000}, {.name = "b", .partition_count = 6'000}}, false});
    EXPECT_EQ(created.at(0).refusal.code, ErrorCode::policy_violation);
    EXPECT_EQ(created.at(1).refusal.code, ErrorCode::policy_violation);
    EXPECT_FALSE(create({.name = "c", .partition_count = 10'000}));
}

TEST_F(ControllerTest, ReplicasAreSpreadRoundRobin) {
    image = test_image(3);
    EXPECT_FALSE(create({.name = "t", .partition_count = 4, .replication_factor = 2}));
    const TopicState& topic = *image->find_topic("t");
    const auto replicas = [&](std::size_t i) { return topic.partitions[i].replicas; };
    EXPECT_EQ(replicas(0), (std::vector{BrokerId(1), BrokerId(2)}));
    EXPECT_EQ(replicas(2), (std::vector{BrokerId(3), BrokerId(1)}));
    EXPECT_EQ(replicas(3), replicas(0));
}

TEST_F(ControllerTest, AssignmentByHandIsChecked) {
    image = test_image(2);
    const std::vector<BrokerId> one{BrokerId(1)};
    const auto code = [&](std::vector<PartitionAssignment> assignments) {
        return create(by_hand("t", std::move(assignments))).code;
    };
    EXPECT_EQ(code({{PartitionIndex(0), {BrokerId(7)}}}), ErrorCode::invalid_replica_assignment);
    EXPECT_EQ(code({{PartitionIndex(0), {BrokerId(1), BrokerId(1)}}}),
              ErrorCode::invalid_replica_assignment);
    EXPECT_EQ(code({{PartitionIndex(0), {}}}), ErrorCode::invalid_replica_assignment);
    EXPECT_EQ(code({{PartitionIndex(0), one}, {PartitionIndex(2), one}}),
              ErrorCode::invalid_replica_assignment);
    EXPECT_EQ(code({{PartitionIndex(0), one}, {PartitionIndex(0), one}}),
              ErrorCode::invalid_replica_assignment);
    EXPECT_EQ(code({{PartitionIndex(-1), one}}), ErrorCode::invalid_replica_assignment);
    EXPECT_EQ(code({{PartitionIndex(0), one}, {PartitionIndex(1), {BrokerId(1), BrokerId(2)}}}),
              ErrorCode::invalid_replica_assignment);
    CreateTopics::Topic both = by_hand("t", {{PartitionIndex(0), one}});
    both.partition_count = 1;
    EXPECT_EQ(create(both).code, ErrorCode::invalid_request);
    EXPECT_EQ(code({{PartitionIndex(1), one}, {PartitionIndex(0), {BrokerId(2)}}}),
              ErrorCode::none);
    EXPECT_EQ(image->find_partition("t", PartitionIndex(0))->leader, BrokerId(2));
}

TEST_F(ControllerTest, SettingsOfANewTopicAreCheckedAndKept) {
    EXPECT_REFUSED(create({.name = "t", .configs = {{"no.such", "1"}}}), invalid_config,
                   "Unknown topic config name: no.such");
    EXPECT_REFUSED(create({.name = "t", .configs = {{"retention.ms", std::nullopt}}}),
                   invalid_config, "Null value not supported for topic configs: retention.ms");
    EXPECT_REFUSED(
        create({.name = "t", .configs = {{"retention.ms", std::nullopt}, {"x", std::nullopt}}}),
        invalid_config, "Null value not supported for topic configs: retention.ms,x");
    // Before its partitions are looked at.
    EXPECT_REFUSED(create({.name = "t", .partition_count = 0, .configs = {{"no.such", "1"}}}),
                   invalid_config, "Unknown topic config name: no.such");
    EXPECT_FALSE(create({.name = "t", .configs = {{"retention.ms", "5"}}}));
    EXPECT_EQ(image->configs(ConfigResourceType::topic, "t"), (ConfigMap{{"retention.ms", "5"}}));
}

TEST_F(ControllerTest, DeletionTakesTheSettingsAlong) {
    create({.name = "t", .configs = {{"retention.ms", "5"}}});
    const Uuid id = image->find_topic("t")->id;
    const auto deleted = decide(DeleteTopics{{{std::nullopt, id}}});
    ASSERT_EQ(deleted.size(), 1U);
    EXPECT_FALSE(deleted[0].refusal);
    EXPECT_EQ(deleted[0].name, "t");
    EXPECT_EQ(image->topic_count(), 0U);
    EXPECT_EQ(image->partition_count(), 0U);
    EXPECT_TRUE(image->configs(ConfigResourceType::topic, "t").empty());
}

TEST_F(ControllerTest, DeletionRefusesWhatIsUnclear) {
    create({.name = "t"});
    create({.name = "u"});
    const Uuid id = image->find_topic("t")->id;
    const Uuid unknown{{std::byte{9}}};
    const auto deleted = decide(DeleteTopics{{{"none", {}},
                                              {std::nullopt, unknown},
                                              {std::nullopt, {}},
                                              {"u", id},
                                              {"u", {}},
                                              {"u", {}}}});
    ASSERT_EQ(deleted.size(), 5U);
    EXPECT_EQ(deleted[0].refusal.code, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(deleted[1].refusal.code, ErrorCode::unknown_topic_id);
    EXPECT_REFUSED(deleted[2].refusal, invalid_request,
                   "Neither topic name nor id were specified.");
    EXPECT_REFUSED(deleted[3].refusal, invalid_request,
                   "You may not specify both topic name and topic id.");
    EXPECT_REFUSED(deleted[4].refusal, invalid_request, "Duplicate topic name.");
    const auto twice = decide(DeleteTopics{{{std::nullopt, id}, {std::nullopt, id}}});
    ASSERT_EQ(twice.size(), 1U);
    EXPECT_REFUSED(twice[0].refusal, invalid_request, "Duplicate topic id.");
    const auto both = decide(DeleteTopics{{{std::nullopt, id}, {"t", {}}}});
    ASSERT_EQ(both.size(), 1U);
    EXPECT_REFUSED(both[0].refusal, invalid_request,
                   "The provided topic name maps to an ID that was already supplied.");
    EXPECT_EQ(image->topic_count(), 2U);
}

TEST_F(ControllerTest, DeletionCanBeSwitchedOff) {
    create({.name = "t"});
    controller = test_controller({.delete_topic_enable = false});
    EXPECT_EQ(decide(DeleteTopics{{{"t", {}}}}).at(0).refusal.code,
              ErrorCode::topic_deletion_disabled);
}

TEST_F(ControllerTest, PartitionsAreAddedBehindTheOldOnes) {
    create({.name = "t", .partition_count = 2});
    const Uuid id = image->find_topic("t")->id;
    EXPECT_FALSE(extend({.name = "t", .count = 5}));
    EXPECT_EQ(image->find_topic(id)->partition_count(), 5);
    EXPECT_EQ(image->partition_count(), 5U);
    EXPECT_REFUSED(extend({.name = "t", .count = 5}), invalid_partitions,
                   "Topic already has 5 partition(s).");
    EXPECT_REFUSED(extend({.name = "t", .count = 2}), invalid_partitions,
                   "The topic t currently has 5 partition(s); 2 would not be an increase.");
    EXPECT_EQ(extend({.name = "none", .count = 2}).code, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(extend({.name = "t", .count = 1 << 30}).code, ErrorCode::policy_violation);
}

TEST_F(ControllerTest, AddedPartitionsCanBePlacedByHand) {
    create({.name = "t"});
    using Assignments = std::vector<std::vector<BrokerId>>;
    EXPECT_REFUSED(extend({"t", 4, Assignments{{BrokerId(1)}}}), invalid_replica_assignment,
                   "Attempted to add 3 additional partition(s), but only 1 assignment(s) were "
                   "specified.");
    EXPECT_EQ(extend({"t", 2, Assignments{{BrokerId(9)}}}).code,
              ErrorCode::invalid_replica_assignment);
    EXPECT_EQ(extend({"t", 2, Assignments{{}}}).code, ErrorCode::invalid_replica_assignment);
    EXPECT_FALSE(extend({"t", 2, Assignments{{BrokerId(1)}}}));
}

TEST_F(ControllerTest, SettingsAreEditedOneByOne) {
    create({.name = "t"});
    const ConfigResource t{ConfigResourceType::topic, "t"};
    using Op = ChangeConfigs::Operation;
    EXPECT_FALSE(change({t, false, {{"retention.ms", Op::set, "5"}}}));
    EXPECT_FALSE(change({t, false, {{"cleanup.policy", Op::append, "compact"}}}));
    EXPECT_EQ(image->configs(t.type, t.name),
              (ConfigMap{{"cleanup.policy", "delete,compact"}, {"retention.ms", "5"}}));
    EXPECT_FALSE(change({t, false, {{"cleanup.policy", Op::subtract, "delete"}}}));
    EXPECT_FALSE(change({t, false, {{"retention.ms", Op::remove, std::nullopt}}}));
    EXPECT_EQ(image->configs(t.type, t.name), (ConfigMap{{"cleanup.policy", "compact"}}));
    EXPECT_EQ(change({t, false, {{"retention.ms", Op::append, "5"}}}).code,
              ErrorCode::invalid_config);
    EXPECT_FALSE(change({t, true, {{"retention.ms", Op::set, "7"}}}));
    EXPECT_EQ(image->configs(t.type, t.name), (ConfigMap{{"retention.ms", "7"}}));
    EXPECT_EQ(change({{ConfigResourceType::topic, "none"}, false, {}}).code,
              ErrorCode::unknown_topic_or_partition);
}

TEST_F(ControllerTest, ProducerIdBlocksDoNotOverlap) {
    const auto first = decide(AllocateProducerIds{});
    const auto second = decide(AllocateProducerIds{});
    EXPECT_EQ(first.first, ProducerId(0));
    EXPECT_EQ(second.first, ProducerId(first.count));
}

TEST_F(ControllerTest, FoldersOfALogDirBecomeTopics) {
    const Uuid id{{std::byte{5}}};
    EXPECT_FALSE(decide(AdoptTopics{{{"t", id, {PartitionIndex(2), PartitionIndex(0)}}}}).at(0));
    EXPECT_EQ(image->find_topic(id)->partition_count(), 3);
    EXPECT_FALSE(decide(AdoptTopics{{{"t", id, {PartitionIndex(4)}}}}).at(0));
    EXPECT_EQ(image->find_topic(id)->partition_count(), 5);
    const Uuid other{{std::byte{6}}};
    EXPECT_EQ(decide(AdoptTopics{{{"t", other, {PartitionIndex(0)}}}}).at(0).code,
              ErrorCode::inconsistent_topic_id);
    EXPECT_EQ(decide(AdoptTopics{{{"u", id, {PartitionIndex(0)}}}}).at(0).code,
              ErrorCode::inconsistent_topic_id);
}

TEST_F(ControllerTest, WithoutABrokerNothingIsAdopted) {
    image = ClusterImage().apply({});
    EXPECT_EQ(decide(AdoptTopics{{{"t", Uuid{{std::byte{5}}}, {PartitionIndex(0)}}}}).at(0).code,
              ErrorCode::broker_not_available);
}

TEST_F(ControllerTest, FirstClusterIdStays) {
    image = ClusterImage().apply({});
    EXPECT_EQ(decide(SetClusterId{"one"}).cluster_id, "one");
    EXPECT_EQ(decide(SetClusterId{"two"}).cluster_id, "one");
    EXPECT_EQ(image->cluster_id(), "one");
}

}  // namespace
}  // namespace mamba::broker
