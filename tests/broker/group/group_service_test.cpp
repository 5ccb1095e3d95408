#include "broker/group/group_service.h"

#include <gtest/gtest.h>

#include "broker/group/java_text.h"

namespace mamba::broker {
namespace {

// What java.lang.String says.
TEST(JavaText, HashAndLengthAreThoseOfUtf16) {
    EXPECT_EQ(java_hash_code(""), 0);
    EXPECT_EQ(java_hash_code("group"), 98629247);
    EXPECT_EQ(java_hash_code("Grüße"), 69215351);
    EXPECT_EQ(java_length("Grüße"), 5U);
    EXPECT_EQ(java_length("\xf0\x9f\x98\x80"), 2U);  // a pair of surrogates
    EXPECT_EQ(java_hash_code("\xf0\x9f\x98\x80"), 0xd83d * 31 + 0xde00);
    EXPECT_EQ(java_length("\xff\xff"), 2U);
}

TEST(GroupService, GroupLivesInThePartitionThatKafkaGivesIt) {
    EXPECT_EQ(partition_for_group("group", 50), PartitionIndex{98629247 % 50});
    EXPECT_EQ(partition_for_group("", 50), PartitionIndex{0});
}

// Commits when it is told to.
class FakeLog final : public CoordinatorLog {
public:
    ErrorCode append(std::vector<CoordinatorRecord> added, Timestamp,
                     std::move_only_function<void(ErrorCode)> on_commit) override {
        if (refuse != ErrorCode::none) return refuse;
        records.insert(records.end(), added.begin(), added.end());
        if (commits_at_once) {
            on_commit(ErrorCode::none);
        } else {
            waiting.push_back(std::move(on_commit));
        }
        return ErrorCode::none;
    }
    ErrorCode read_all(
        const std::function<void(BytesView, std::optional<BytesView>)>& on_record) override {
        for (const auto& record : records) {
            on_record(record.key,
                      record.value ? std::optional<BytesView>(*record.value) : std::nullopt);
        }
        return ErrorCode::none;
    }
    void commit(ErrorCode code = ErrorCode::none) {
        for (auto& on_commit : std::exchange(waiting, {})) on_commit(code);
    }

    std::vector<CoordinatorRecord> records;
    std::vector<std::move_only_function<void(ErrorCode)>> waiting;
    ErrorCode refuse = ErrorCode::none;
    bool commits_at_once = false;
};

class GroupServiceTest : public ::testing::Test {
protected:
    GroupServiceTest()
        : service_({}, 1, [] {
              return GroupCoordinator::UuidSource(
                  [n = 0]() mutable { return std::to_string(++n); });
          }) {}

    void load() {
        service_.begin_load(PartitionIndex{0});
        EXPECT_EQ(service_.load(PartitionIndex{0}, log_, now_), ErrorCode::none);
    }
    RequestContext context(protocol::MessageVersion version) const {
        return {.client = client_,
                .client_id = "c",
                .version = version,
                .received = now_.instant,
                .now = now_.wall};
    }
    std::shared_ptr<std::optional<ErrorCode>> commit(std::int64_t offset) {
        protocol::OffsetCommitRequest request;
        request.group_id = "g";
        auto& topic = request.topics.emplace_back();
        topic.name = "t";
        topic.partitions.emplace_back().committed_offset = offset;
        auto code = std::make_shared<std::optional<ErrorCode>>();
        service_.commit_offsets(
            request, context(9), Reply<protocol::OffsetCommitResponse>([code](auto&& response) {
                *code = static_cast<ErrorCode>(response.topics[0].partitions[0].error_code);
            }));
        return code;
    }
    std::shared_ptr<std::optional<std::int64_t>> fetch() {
        protocol::OffsetFetchRequest::OffsetFetchRequestGroup request;
        request.group_id = "g";
        auto& topic = request.topics->emplace_back();
        topic.name = "t";
        topic.partition_indexes = {0};
        auto offset = std::make_shared<std::optional<std::int64_t>>();
        service_.fetch_offsets(
            request, context(9), Reply<GroupService::FetchedGroup>([offset](auto&& group) {
                *offset = group.error_code != 0 ? -group.error_code * 1000
                                                : group.topics[0].partitions[0].committed_offset;
            }));
        return offset;
    }
    ErrorCode heartbeat() {
        protocol::HeartbeatRequest request;
        request.group_id = "g";
        ErrorCode code = ErrorCode::unknown_server_error;
        service_.heartbeat(request, context(4),
                           Reply<protocol::HeartbeatResponse>([&](auto&& response) {
                               code = static_cast<ErrorCode>(response.error_code);
                           }));
        return code;
    }

    Client client_{.host = "h", .listener = "l"};
    Now now_{.instant = Instant{}, .wall = Timestamp{1000}};
    FakeLog log_;
    GroupService service_;
};

TEST_F(GroupServiceTest, PartitionThatIsNotHereIsRefused) {
    EXPECT_EQ(*commit(1), ErrorCode::not_coordinator);
    EXPECT_EQ(heartbeat(), ErrorCode::not_coordinator);
}

TEST_F(GroupServiceTest, LoadingPartitionIsRefusedButHeartbeatsAreGranted) {
    service_.begin_load(PartitionIndex{0});
    EXPECT_EQ(*commit(1), ErrorCode::coordinator_load_in_progress);
    EXPECT_EQ(heartbeat(), ErrorCode::none);
    EXPECT_EQ(service_.load(PartitionIndex{0}, log_, now_), ErrorCode::none);
    EXPECT_EQ(heartbeat(), ErrorCode::unknown_member_id);
}

TEST_F(GroupServiceTest, AnswerWaitsForTheCommit) {
    load();
    const auto first = commit(1);
    const auto second = commit(2);
    EXPECT_FALSE(first->has_value());
    log_.commit();
    EXPECT_EQ(*first, ErrorCode::none);
    EXPECT_EQ(*second, ErrorCode::none);
    EXPECT_EQ(*fetch(), 2);
}

// A reader never sees an offset that a crash could take back.
TEST_F(GroupServiceTest, FetchWaitsForCommitsThatItHasSeen) {
    load();
    commit(7);
    const auto fetched = fetch();
    EXPECT_FALSE(fetched->has_value());
    log_.commit();
    EXPECT_EQ(*fetched, 7);
}

TEST_F(GroupServiceTest, LogMayCommitWithinTheAppend) {
    log_.commits_at_once = true;
    load();
    EXPECT_EQ(*commit(1), ErrorCode::none);
}

TEST_F(GroupServiceTest, RefusedAppendIsToldAsKafkaTellsIt) {
    load();
    log_.refuse = ErrorCode::kafka_storage_error;
    EXPECT_EQ(*commit(1), ErrorCode::not_coordinator);
    log_.refuse = ErrorCode::none;
    log_.commits_at_once = true;
    EXPECT_EQ(*commit(2), ErrorCode::none);
}

// The state is then ahead of the log: the shard serves again after a new load.
TEST_F(GroupServiceTest, LostCommitGivesTheShardUp) {
    load();
    const auto lost = commit(1);
    log_.commit(ErrorCode::kafka_storage_error);
    EXPECT_EQ(*lost, ErrorCode::not_coordinator);
    EXPECT_EQ(*commit(2), ErrorCode::not_coordinator);
    log_.records.clear();
    load();
    EXPECT_EQ(*fetch(), -1);
}

TEST_F(GroupServiceTest, UnloadedShardRefusesWhatIsParked) {
    load();
    log_.commits_at_once = true;
    protocol::JoinGroupRequest request;
    request.group_id = "g";
    request.session_timeout_ms = 10'000;
    request.protocol_type = "consumer";
    request.protocols.emplace_back().name = "range";
    std::optional<ErrorCode> code;
    service_.join_group(request, context(3),
                        Reply<protocol::JoinGroupResponse>([&](auto&& response) {
                            code = static_cast<ErrorCode>(response.error_code);
                        }));
    EXPECT_FALSE(code);
    EXPECT_EQ(service_.describe_waiting(now_.instant).size(), 1U);
    service_.unload(PartitionIndex{0});
    EXPECT_EQ(code, ErrorCode::not_coordinator);
}

TEST_F(GroupServiceTest, AStopGivesUpWhatIsServedAndLeavesWhatIsLoading) {
    load();
    log_.commits_at_once = true;
    EXPECT_EQ(*commit(1), ErrorCode::none);
    service_.unload_all();
    EXPECT_EQ(*commit(2), ErrorCode::not_coordinator);
    service_.begin_load(PartitionIndex{0});
    service_.unload_all();
    EXPECT_EQ(*commit(3), ErrorCode::coordinator_load_in_progress);
}

TEST_F(GroupServiceTest, TickCompletesADelayedRebalance) {
    load();
    log_.commits_at_once = true;
    protocol::JoinGroupRequest request;
    request.group_id = "g";
    request.session_timeout_ms = 10'000;
    request.protocol_type = "consumer";
    request.protocols.emplace_back().name = "range";
    std::optional<std::int32_t> generation;
    service_.join_group(request, context(3),
                        Reply<protocol::JoinGroupResponse>(
                            [&](auto&& response) { generation = response.generation_id; }));
    EXPECT_EQ(service_.next_deadline(), now_.instant + std::chrono::seconds(3));
    service_.tick({now_.instant + std::chrono::seconds(3), now_.wall + 3000});
    EXPECT_EQ(generation, 1);
}

TEST_F(GroupServiceTest, EveryGroupIsListedOnce) {
    log_.commits_at_once = true;
    load();
    commit(1);
    protocol::ListGroupsRequest request;
    std::vector<std::string> listed;
    service_.list_groups(request, context(5),
                         Reply<protocol::ListGroupsResponse>([&](auto&& response) {
                             for (const auto& group : response.groups)
                                 listed.push_back(group.group_id);
                         }));
    EXPECT_EQ(listed, std::vector<std::string>{"g"});
}

TEST_F(GroupServiceTest, SnapshotTellsMembersAndOffsets) {
    log_.commits_at_once = true;
    EXPECT_TRUE(service_.snapshot({now_.instant, now_.wall}).empty());
    load();
    commit(7);
    protocol::JoinGroupRequest request;
    request.group_id = "h";
    request.session_timeout_ms = 10'000;
    request.rebalance_timeout_ms = 20'000;
    request.protocol_type = "consumer";
    request.protocols.emplace_back().name = "range";
    service_.join_group(request, context(3), Reply<protocol::JoinGroupResponse>([](auto&&) {}));

    const std::vector<GroupSnapshot> all = service_.snapshot(now_);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].id, "g");
    EXPECT_EQ(all[0].state, "Empty");
    ASSERT_EQ(all[0].offsets.size(), 1U);
    EXPECT_EQ(all[0].offsets[0].partition, (TopicPartition{"t", PartitionIndex{0}}));
    EXPECT_EQ(all[0].offsets[0].committed.offset, 7);
    EXPECT_EQ(all[0].offsets[0].committed.committed_at, now_.wall);
    EXPECT_EQ(all[1].id, "h");
    EXPECT_EQ(all[1].state, "PreparingRebalance");
    ASSERT_EQ(all[1].members.size(), 1U);
    EXPECT_EQ(all[1].members[0].client_id, "c");
    EXPECT_TRUE(all[1].members[0].is_waiting);
    EXPECT_EQ(all[1].members[0].last_heard, no_timestamp);

    // It has its generation, and half a second goes by.
    service_.tick({now_.instant + std::chrono::seconds(3), now_.wall + 3000});
    const Now later{now_.instant + std::chrono::milliseconds(3500), now_.wall + 3500};
    const std::optional<GroupSnapshot> h = service_.snapshot("h", later);
    ASSERT_TRUE(h);
    EXPECT_EQ(h->generation, 1);
    EXPECT_EQ(h->protocol, "range");
    EXPECT_TRUE(h->members[0].is_leader);
    EXPECT_EQ(h->members[0].last_heard, now_.wall + 3000);
    EXPECT_FALSE(service_.snapshot("nothing", later));
}

}  // namespace
}  // namespace mamba::broker
