#include <limits>

#include "coordinator_harness.h"

namespace mamba::broker {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(GroupOffsets, SimpleConsumerCommitsWithoutAGroup) {
    CoordinatorHarness group;
    EXPECT_EQ(group.committed("g"), -1);
    EXPECT_EQ(group.commit({.offset = 7}), ErrorCode::none);
    EXPECT_EQ(group.committed("g"), 7);
    EXPECT_EQ(group.describe("g").group_state, "Empty");
    EXPECT_EQ(group.describe("g").protocol_type, "");
}

TEST(GroupOffsets, CommitOfAMemberToAnUnknownGroupIsRefused) {
    CoordinatorHarness group;
    EXPECT_EQ(group.commit({.member = "m", .generation = 1, .version = 8}),
              ErrorCode::illegal_generation);
    EXPECT_EQ(group.commit({.member = "m", .generation = 1, .version = 9}),
              ErrorCode::group_id_not_found);
}

TEST(GroupOffsets, OnlyMembersCommitToAGroupThatHasSome) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{.instance = "i"}});
    EXPECT_EQ(group.commit({}), ErrorCode::unknown_member_id);
    EXPECT_EQ(group.commit({.member = ids[0], .generation = 1, .offset = 5}), ErrorCode::none);
    EXPECT_EQ(group.commit({.member = "stranger", .generation = 1}), ErrorCode::unknown_member_id);
    EXPECT_EQ(group.commit({.member = "stranger", .generation = 1, .instance = "i"}),
              ErrorCode::fenced_instance_id);
    EXPECT_EQ(group.committed("g"), 5);
}

// Members finish their work while others join; but once the next generation is out, the partitions
// may be somebody else's.
TEST(GroupOffsets, MembersCommitUntilTheNextGenerationIsOut) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}});
    group.join({});
    EXPECT_EQ(group.commit({.member = ids[0], .generation = 1}), ErrorCode::none);
    group.join({.member = ids[0]});
    ASSERT_EQ(group.state(), GroupState::completing_rebalance);
    EXPECT_EQ(group.commit({.member = ids[0], .generation = 1}), ErrorCode::illegal_generation);
    EXPECT_EQ(group.commit({.member = ids[0], .generation = 2}), ErrorCode::rebalance_in_progress);
}

TEST(GroupOffsets, CommitKeepsTheSessionAlive) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}});
    for (int i = 0; i < 5; ++i) {
        group.advance(seconds(9));
        EXPECT_EQ(group.commit({.member = ids[0], .generation = 1}), ErrorCode::none);
    }
    EXPECT_EQ(group.state(), GroupState::stable);
}

TEST(GroupOffsets, LongMetadataIsRefusedByItsLengthInJava) {
    GroupConfig config;
    config.offset_metadata_bytes_max = 4;
    CoordinatorHarness group(config);
    EXPECT_EQ(group.commit({.metadata = "12345"}), ErrorCode::offset_metadata_too_large);
    EXPECT_EQ(group.commit({.metadata = "äöüß"}), ErrorCode::none);
    EXPECT_EQ(group.committed("g"), 0);
}

TEST(GroupOffsets, FailedAppendChangesNothing) {
    CoordinatorHarness group;
    group.commit({.offset = 1});
    group.next_append = ErrorCode::message_too_large;
    EXPECT_EQ(group.commit({.offset = 2}), ErrorCode::invalid_commit_offset_size);
    group.next_append = ErrorCode::not_enough_replicas;
    EXPECT_EQ(group.commit({.offset = 3}), ErrorCode::coordinator_not_available);
    group.next_append = ErrorCode::kafka_storage_error;
    EXPECT_EQ(group.commit({.offset = 4}), ErrorCode::not_coordinator);
    EXPECT_EQ(group.committed("g"), 1);
}

TEST(GroupOffsets, OffsetsOfASubscribedTopicAreNotDeleted) {
    CoordinatorHarness group;
    EXPECT_EQ(CoordinatorHarness::code(group.delete_offset("g", "topic").error_code),
              ErrorCode::group_id_not_found);
    const auto ids = group.stable_group({{}});
    group.commit({.member = ids[0], .generation = 1, .topic = "topic", .offset = 1});
    group.commit({.member = ids[0], .generation = 1, .topic = "left", .offset = 2});
    const auto refused = group.delete_offset("g", "topic");
    EXPECT_EQ(CoordinatorHarness::code(refused.topics.at(0).partitions.at(0).error_code),
              ErrorCode::group_subscribed_to_topic);
    EXPECT_EQ(group.delete_offset("g", "left").topics.at(0).partitions.at(0).error_code, 0);
    EXPECT_EQ(group.committed("g", "topic"), 1);
    EXPECT_EQ(group.committed("g", "left"), -1);
}

// A subscription of the future says its topics first, as version 0 does; the rest need not be understood.
TEST(GroupOffsets, TopicsOfASubscriptionOfTheFutureAreKnown) {
    CoordinatorHarness group;
    Bytes subscription = subscription_to({"topic"});
    subscription[1] = std::byte{99};
    const auto ids = group.stable_group({{.protocols = {{"range", subscription}}}});
    group.commit({.member = ids[0], .generation = 1, .topic = "left", .offset = 2});
    EXPECT_EQ(group.delete_offset("g", "left").topics.at(0).partitions.at(0).error_code, 0);
    EXPECT_EQ(CoordinatorHarness::code(
                  group.delete_offset("g", "topic").topics.at(0).partitions.at(0).error_code),
              ErrorCode::group_subscribed_to_topic);
}

TEST(GroupOffsets, OnlyAnEmptyGroupIsDeleted) {
    CoordinatorHarness group;
    EXPECT_EQ(group.delete_group("g"), ErrorCode::group_id_not_found);
    const auto ids = group.stable_group({{}});
    group.commit({.member = ids[0], .generation = 1, .offset = 5});
    EXPECT_EQ(group.delete_group("g"), ErrorCode::non_empty_group);
    group.leave("g", ids[0]);
    EXPECT_EQ(group.delete_group("g"), ErrorCode::none);
    EXPECT_EQ(group.describe("g").group_state, "Dead");
    EXPECT_EQ(group.committed("g"), -1);
    EXPECT_TRUE(group.reloaded().groups().empty());
}

TEST(GroupOffsets, UnknownGroupIsDeadToOldClientsAndAnErrorToNewOnes) {
    CoordinatorHarness group;
    EXPECT_EQ(group.describe("g", 5).error_code, 0);
    EXPECT_EQ(CoordinatorHarness::code(group.describe("g", 6).error_code),
              ErrorCode::group_id_not_found);
}

// KIP-211.
TEST(GroupOffsets, OffsetsOfAnEmptyGroupExpireAfterItBecameEmpty) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}});
    group.commit({.member = ids[0], .generation = 1, .offset = 5});
    for (int i = 0; i < 100; ++i) {
        group.advance(seconds(9));
        group.heartbeat("g", ids[0], 1);
    }
    group.leave("g", ids[0]);
    group.advance(hours(7 * 24) - seconds(1));
    EXPECT_EQ(group.committed("g"), 5);
    group.advance(minutes(11));
    EXPECT_EQ(group.committed("g"), -1);
    EXPECT_EQ(group.core.find_group("g"), nullptr);
    EXPECT_TRUE(group.reloaded().groups().empty());
}

TEST(GroupOffsets, StableGroupLosesOnlyWhatNobodySubscribesTo) {
    GroupConfig config;
    config.offsets_retention = hours(1);
    CoordinatorHarness group(config);
    const auto ids = group.stable_group({{}});
    group.commit({.member = ids[0], .generation = 1, .topic = "topic", .offset = 1});
    group.commit({.member = ids[0], .generation = 1, .topic = "left", .offset = 2});
    for (int i = 0; i < 500; ++i) {
        group.advance(seconds(9));
        group.heartbeat("g", ids[0], 1);
    }
    EXPECT_EQ(group.committed("g", "topic"), 1);
    EXPECT_EQ(group.committed("g", "left"), -1);
}

TEST(GroupOffsets, SimpleConsumersOffsetsExpireAfterTheCommit) {
    CoordinatorHarness group;
    group.commit({.offset = 1});
    group.advance(hours(6 * 24));
    group.commit({.topic = "later", .offset = 2});
    group.advance(hours(2 * 24));
    EXPECT_EQ(group.committed("g"), -1);
    EXPECT_EQ(group.committed("g", "later"), 2);
}

TEST(GroupOffsets, RetentionAskedForByAnOldClientCounts) {
    CoordinatorHarness group;
    group.commit({.partition = 0, .offset = 1, .retention_ms = 60'000, .version = 4});
    group.commit({.partition = 1,
                  .offset = 2,
                  .retention_ms = std::numeric_limits<std::int64_t>::max(),
                  .version = 4});
    group.advance(hours(24 * 30));
    EXPECT_EQ(group.committed("g", "topic", 0), -1);
    EXPECT_EQ(group.committed("g", "topic", 1), 2);
}

TEST(GroupOffsets, DeletedTopicTakesItsOffsetsAlong) {
    CoordinatorHarness group;
    group.commit({.topic = "gone", .offset = 1});
    group.commit({.topic = "kept", .offset = 2});
    const std::vector<TopicPartition> gone{{"gone", PartitionIndex{0}}};
    group.run(group.core.on_partitions_deleted(gone));
    EXPECT_EQ(group.committed("g", "gone"), -1);
    EXPECT_EQ(group.committed("g", "kept"), 2);
}

// A topic that was deleted and created again has another id: old commits are not about it.
TEST(GroupOffsets, CommitToTheTopicsFormerLifeIsNotTold) {
    CoordinatorHarness group;
    CommittedOffset former{
        .offset = 9, .metadata = {}, .topic_id = Uuid::from_random({std::byte{1}})};
    const CoordinatorRecord record = offset_commit_record("g", "topic", PartitionIndex{0}, former);
    group.core.replay(record.key, BytesView(*record.value));
    protocol::OffsetFetchRequest::OffsetFetchRequestGroup request;
    request.group_id = "g";
    auto& topic = request.topics->emplace_back();
    topic.name = "topic";
    topic.topic_id = Uuid::from_random({std::byte{2}});
    topic.partition_indexes = {0};
    group.run(group.core.fetch_offsets(9999, request));
    const auto& fetched =
        group.answer<protocol::OffsetFetchResponse::OffsetFetchResponseGroup>(9999);
    EXPECT_EQ(fetched.topics.at(0).partitions.at(0).committed_offset, -1);
}

}  // namespace
}  // namespace mamba::broker
