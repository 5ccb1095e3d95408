// Consumer groups: assignors, rebalances, static members, commits, patterns, admin of groups.

#include <algorithm>
#include <set>

#include "compat-tests/librdkafka/broker_suite.h"

namespace mamba::compat {
namespace {

class Group : public BrokerSuite {
protected:
    static void SetUpTestSuite() {
        // Short sessions are for tests that wait for one to run out.
        start_broker(
            {{"group.min.session.timeout.ms", "1000"}, {"group.max.session.timeout.ms", "60000"}});
    }

    static Settings member(const std::string& group, Settings more = {}) {
        more.insert({{"group.id", group},
                     {"heartbeat.interval.ms", "100"},
                     {"session.timeout.ms", "10000"},
                     {"topic.metadata.refresh.interval.ms", "200"}});
        return more;
    }

    // Polls all consumers until `condition` holds; what they read goes to `records`.
    template <typename Condition>
    static bool poll_until(const std::vector<Consumer*>& consumers, Condition condition,
                           std::vector<Record>* records = nullptr) {
        return eventually([&] {
            for (Consumer* consumer : consumers) {
                while (auto record = consumer->poll(std::chrono::milliseconds{5})) {
                    if (records != nullptr) records->push_back(std::move(*record));
                }
            }
            return condition();
        });
    }

    // All partitions of `topic` are held, each by one of `consumers`, and each holds some.
    static bool shared(const std::vector<Consumer*>& consumers, std::size_t partitions) {
        std::set<TopicPartition> held;
        std::size_t total = 0;
        for (const Consumer* consumer : consumers) {
            const Offsets assignment = consumer->assignment();
            if (assignment.empty()) return false;
            total += assignment.size();
            for (const auto& [partition, offset] : assignment) held.insert(partition);
        }
        return total == partitions && held.size() == partitions;
    }
};

class GroupWithAssignor : public Group, public testing::WithParamInterface<std::string> {};

INSTANTIATE_TEST_SUITE_P(Assignors, GroupWithAssignor,
                         testing::Values("range", "roundrobin", "cooperative-sticky"),
                         [](const auto& info) {
                             std::string name = info.param;
                             std::erase(name, '-');
                             return name;
                         });

TEST_P(GroupWithAssignor, MembersShareAllPartitionsAndReadEachRecordOnce) {
    const std::string topic = new_topic(6);
    const Settings settings =
        member(unique_name("group"), {{"partition.assignment.strategy", GetParam()}});
    Consumer first(bootstrap(), settings);
    Consumer second(bootstrap(), settings);
    first.subscribe({topic});
    second.subscribe({topic});
    ASSERT_TRUE(poll_until({&first, &second}, [&] { return shared({&first, &second}, 6); }));
    EXPECT_EQ(first.assignment().size(), 3U);

    for (std::int32_t partition = 0; partition < 6; ++partition) fill(topic, 50, partition);
    std::vector<Record> records;
    ASSERT_TRUE(poll_until({&first, &second}, [&] { return records.size() >= 300; }, &records));
    std::set<std::pair<std::int32_t, std::int64_t>> seen;
    for (const Record& record : records) seen.emplace(record.partition, record.offset);
    EXPECT_EQ(seen.size(), 300U);
    EXPECT_EQ(records.size(), 300U);

    const Admin::Group group = admin().describe_group(first.group());
    EXPECT_EQ(group.error, no_error);
    EXPECT_EQ(group.state, "Stable");
    EXPECT_EQ(group.assignor, GetParam());
    ASSERT_EQ(group.members.size(), 2U);
    EXPECT_EQ(group.members[0].assignment.size() + group.members[1].assignment.size(), 6U);
}

TEST_P(GroupWithAssignor, RebalanceWhileConsumingLosesNothing) {
    const std::string topic = new_topic(4);
    const Settings settings =
        member(unique_name("group"), {{"partition.assignment.strategy", GetParam()},
                                      {"enable.auto.commit", "true"},
                                      {"auto.commit.interval.ms", "100"}});
    Producer producer(bootstrap(), {{"linger.ms", "1"}});
    int sent = 0;
    const auto send_some = [&] {
        for (int i = 0; i < 10; ++i, ++sent) producer.send(topic, sent % 4, std::to_string(sent));
        producer.poll(std::chrono::milliseconds{0});
    };
    std::vector<Record> records;
    auto first = std::make_unique<Consumer>(bootstrap(), settings);
    first->subscribe({topic});
    ASSERT_TRUE(poll_until(
        {first.get()},
        [&] {
            send_some();
            return records.size() > 200;
        },
        &records));

    Consumer second(bootstrap(), settings);
    second.subscribe({topic});
    ASSERT_TRUE(poll_until(
        {first.get(), &second},
        [&] {
            send_some();
            return shared({first.get(), &second}, 4);
        },
        &records));

    EXPECT_EQ(first->close(), no_error);
    first.reset();
    ASSERT_TRUE(poll_until({&second}, [&] { return second.assignment().size() == 4; }, &records));
    ASSERT_TRUE(producer.flush());
    std::set<std::string> seen;
    EXPECT_TRUE(poll_until(
        {&second},
        [&] {
            for (const Record& record : records) seen.insert(*record.value);
            return seen.size() == static_cast<std::size_t>(sent);
        },
        &records))
        << seen.size() << " of " << sent;
}

TEST_F(Group, CooperativeMemberKeepsWhatItDoesNotGive) {
    const std::string topic = new_topic(4);
    const Settings settings =
        member(unique_name("group"), {{"partition.assignment.strategy", "cooperative-sticky"}});
    Consumer first(bootstrap(), settings);
    first.subscribe({topic});
    ASSERT_TRUE(poll_until({&first}, [&] { return first.assignment().size() == 4; }));
    Consumer second(bootstrap(), settings);
    second.subscribe({topic});
    ASSERT_TRUE(poll_until({&first, &second}, [&] { return shared({&first, &second}, 4); }));
    std::size_t revoked = 0;
    for (const Consumer::Rebalance& rebalance : first.rebalances()) {
        EXPECT_NE(rebalance.kind, Consumer::Rebalance::Kind::lost);
        if (rebalance.kind == Consumer::Rebalance::Kind::revoked) {
            revoked += rebalance.partitions.size();
        }
    }
    EXPECT_EQ(revoked, 2U);
}

TEST_F(Group, StaticMemberComesBackToItsPartitionsWithoutARebalance) {
    const std::string topic = new_topic(4);
    const std::string group = unique_name("group");
    Consumer other(bootstrap(), member(group, {{"group.instance.id", "other"}}));
    auto self =
        std::make_unique<Consumer>(bootstrap(), member(group, {{"group.instance.id", "self"}}));
    other.subscribe({topic});
    self->subscribe({topic});
    ASSERT_TRUE(poll_until({&other, self.get()}, [&] { return shared({&other, self.get()}, 4); }));
    const Offsets before = self->assignment();
    const std::size_t rebalances = other.rebalances().size();

    self->close();  // a static member does not leave
    self = std::make_unique<Consumer>(bootstrap(), member(group, {{"group.instance.id", "self"}}));
    self->subscribe({topic});
    ASSERT_TRUE(poll_until({&other, self.get()}, [&] { return shared({&other, self.get()}, 4); }));
    std::set<TopicPartition> now;
    for (const auto& [partition, offset] : self->assignment()) now.insert(partition);
    for (const auto& [partition, offset] : before) EXPECT_TRUE(now.contains(partition));
    EXPECT_EQ(other.rebalances().size(), rebalances);

    const Admin::Group description = admin().describe_group(group);
    ASSERT_EQ(description.members.size(), 2U);
    std::set<std::string> instances;
    for (const auto& entry : description.members) instances.insert(entry.instance_id);
    EXPECT_EQ(instances, (std::set<std::string>{"other", "self"}));
}

TEST_F(Group, SecondHolderOfAnInstanceIdFencesTheFirst) {
    const std::string topic = new_topic();
    const Settings settings = member(unique_name("group"), {{"group.instance.id", "same"}});
    Consumer first(bootstrap(), settings);
    first.subscribe({topic});
    ASSERT_TRUE(poll_until({&first}, [&] { return first.assignment().size() == 1; }));
    Consumer second(bootstrap(), settings);
    second.subscribe({topic});
    EXPECT_TRUE(poll_until({&first, &second}, [&] {
        return rd_kafka_fatal_error(first.handle(), nullptr, 0) ==
               RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
    }));
    EXPECT_TRUE(poll_until({&second}, [&] { return second.assignment().size() == 1; }));
}

TEST_F(Group, MemberThatVanishesIsReplacedAfterItsSession) {
    const std::string topic = new_topic(2);
    const Settings settings = member(unique_name("group"), {{"session.timeout.ms", "1500"}});
    Consumer first(bootstrap(), settings);
    Consumer second(bootstrap(), settings);
    first.subscribe({topic});
    second.subscribe({topic});
    ASSERT_TRUE(poll_until({&first, &second}, [&] { return shared({&first, &second}, 2); }));
    first.vanish();
    EXPECT_TRUE(poll_until({&second}, [&] { return second.assignment().size() == 2; }));
}

TEST_F(Group, CommitsAreWhereTheNextMemberStarts) {
    const std::string topic = new_topic();
    const Settings settings = member(unique_name("group"));
    fill(topic, 20);
    {
        Consumer consumer(bootstrap(), settings);
        consumer.subscribe({topic});
        ASSERT_EQ(consumer.read(20).size(), 20U);
        EXPECT_EQ(consumer.committed(topic), std::nullopt);
        EXPECT_EQ(consumer.commit({{{topic, 0}, 7}}), no_error);
        EXPECT_EQ(consumer.committed(topic), 7);
        EXPECT_EQ(consumer.commit_position(), no_error);
        EXPECT_EQ(consumer.committed(topic), 20);
        EXPECT_EQ(consumer.commit({{{topic, 0}, 12}}), no_error);  // a commit may go back
    }
    Consumer next(bootstrap(), settings);
    next.subscribe({topic});
    EXPECT_EQ(values_of(next.read(8)), numbers(12, 8));
}

TEST_F(Group, AsynchronousAndAutomaticCommitsArrive) {
    const std::string topic = new_topic();
    fill(topic, 20);
    Consumer consumer(bootstrap(), member(unique_name("group")));
    consumer.subscribe({topic});
    ASSERT_EQ(consumer.read(20).size(), 20U);
    ASSERT_EQ(rd_kafka_commit(consumer.handle(), to_list({{{topic, 0}, 9}}).get(), 1),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    EXPECT_TRUE(poll_until({&consumer}, [&] { return consumer.committed(topic) == 9; }));
    consumer.close();

    Consumer automatic(
        bootstrap(), member(unique_name("group"),
                            {{"enable.auto.commit", "true"}, {"auto.commit.interval.ms", "100"}}));
    automatic.subscribe({topic});
    ASSERT_EQ(automatic.read(20).size(), 20U);
    EXPECT_TRUE(poll_until({&automatic}, [&] { return automatic.committed(topic) == 20; }));
}

TEST_F(Group, CommitKeepsItsMetadata) {
    const std::string topic = new_topic();
    Consumer consumer(bootstrap());
    const PartitionList list = to_list({{{topic, 0}, 5}});
    const std::string note = "where I was";
    list->elems[0].metadata = ::strdup(note.c_str());
    list->elems[0].metadata_size = note.size();
    ASSERT_EQ(rd_kafka_commit(consumer.handle(), list.get(), 0), RD_KAFKA_RESP_ERR_NO_ERROR);
    const PartitionList back = to_list({{{topic, 0}, RD_KAFKA_OFFSET_INVALID}});
    ASSERT_EQ(rd_kafka_committed(consumer.handle(), back.get(), 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
    EXPECT_EQ(back->elems[0].offset, 5);
    EXPECT_EQ(std::string(static_cast<const char*>(back->elems[0].metadata),
                          back->elems[0].metadata_size),
              note);
}

TEST_F(Group, OversizedMetadataAndUnknownPartitionAreRefused) {
    const std::string topic = new_topic();
    Consumer consumer(bootstrap());
    const PartitionList list = to_list({{{topic, 0}, 5}});
    const std::string note(5000, 'x');  // offset.metadata.max.bytes is 4096
    list->elems[0].metadata = ::strdup(note.c_str());
    list->elems[0].metadata_size = note.size();
    EXPECT_EQ(name_of(rd_kafka_commit(consumer.handle(), list.get(), 0)),
              "OFFSET_METADATA_TOO_LARGE");
    EXPECT_EQ(consumer.commit({{{unique_name("missing"), 0}, 5}}), "UNKNOWN_TOPIC_OR_PART");
}

TEST_F(Group, OutsiderCannotCommitForAnActiveGroup) {
    const std::string topic = new_topic();
    Consumer consumer(bootstrap(), member(unique_name("group")));
    consumer.subscribe({topic});
    ASSERT_TRUE(poll_until({&consumer}, [&] { return consumer.assignment().size() == 1; }));
    Consumer outsider(bootstrap(), member(consumer.group()));
    EXPECT_EQ(outsider.commit({{{topic, 0}, 5}}), "UNKNOWN_MEMBER_ID");
    EXPECT_EQ(consumer.committed(topic), std::nullopt);
}

TEST_F(Group, PatternFindsTopicsThatComeLater) {
    const std::string prefix = unique_name("pattern");
    Consumer consumer(bootstrap(), member(unique_name("group")));
    Admin::NewTopic topic;
    topic.name = prefix + "-one";
    ASSERT_EQ(admin().create_topic(topic), no_error);
    consumer.subscribe({"^" + prefix + "-.*"});
    ASSERT_TRUE(poll_until({&consumer}, [&] { return consumer.assignment().size() == 1; }));
    topic.name = prefix + "-two";
    topic.partitions = 2;
    ASSERT_EQ(admin().create_topic(topic), no_error);
    EXPECT_TRUE(poll_until({&consumer}, [&] { return consumer.assignment().size() == 3; }));
    ASSERT_EQ(admin().delete_topic(prefix + "-two"), no_error);
    EXPECT_TRUE(poll_until({&consumer}, [&] { return consumer.assignment().size() == 1; }));
}

TEST_F(Group, NewPartitionsAreTakenUp) {
    const std::string topic = new_topic(1);
    Consumer consumer(bootstrap(), member(unique_name("group")));
    consumer.subscribe({topic});
    ASSERT_TRUE(poll_until({&consumer}, [&] { return consumer.assignment().size() == 1; }));
    ASSERT_EQ(admin().create_partitions(topic, 3), no_error);
    EXPECT_TRUE(poll_until({&consumer}, [&] { return consumer.assignment().size() == 3; }));
}

TEST_F(Group, MembersMustHaveAnAssignorInCommon) {
    const std::string topic = new_topic();
    const std::string group = unique_name("group");
    Consumer first(bootstrap(), member(group, {{"partition.assignment.strategy", "range"}}));
    first.subscribe({topic});
    ASSERT_TRUE(poll_until({&first}, [&] { return first.assignment().size() == 1; }));
    Consumer second(bootstrap(), member(group, {{"partition.assignment.strategy", "roundrobin"}}));
    second.subscribe({topic});
    EXPECT_TRUE(poll_until({&first, &second},
                           [&] { return second.saw_error("INCONSISTENT_GROUP_PROTOCOL"); }));
}

TEST_F(Group, SessionTimeoutOutsideTheBrokersLimitsIsRefused) {
    const std::string topic = new_topic();
    Consumer consumer(bootstrap(), member(unique_name("group"), {{"session.timeout.ms", "90000"}}));
    consumer.subscribe({topic});
    EXPECT_TRUE(
        poll_until({&consumer}, [&] { return consumer.saw_error("INVALID_SESSION_TIMEOUT"); }));
}

TEST_F(Group, ListDescribeAndDeleteFollowTheGroupsState) {
    const std::string topic = new_topic();
    Consumer consumer(bootstrap(), member(unique_name("group"), {{"client.id", "my client"}}));
    const std::string& group = consumer.group();
    EXPECT_EQ(admin().delete_group(group), "GROUP_ID_NOT_FOUND");
    consumer.subscribe({topic});
    ASSERT_TRUE(poll_until({&consumer}, [&] { return consumer.assignment().size() == 1; }));
    ASSERT_EQ(consumer.commit({{{topic, 0}, 3}}), no_error);

    EXPECT_EQ(admin().list_groups()[group], "Stable");
    const Admin::Group described = admin().describe_group(group);
    EXPECT_EQ(described.error, no_error);
    EXPECT_EQ(described.state, "Stable");
    ASSERT_EQ(described.members.size(), 1U);
    EXPECT_EQ(described.members[0].client_id, "my client");
    EXPECT_EQ(described.members[0].assignment, (std::vector<TopicPartition>{{topic, 0}}));
    EXPECT_EQ(admin().delete_group(group), "NON_EMPTY_GROUP");
    EXPECT_EQ(admin().delete_group_offsets(group, {{topic, 0}}), "GROUP_SUBSCRIBED_TO_TOPIC");

    consumer.close();
    EXPECT_EQ(admin().list_groups()[group], "Empty");
    EXPECT_EQ(admin().describe_group(group).members.size(), 0U);
    EXPECT_EQ(admin().list_group_offsets(group).offsets, (Offsets{{{topic, 0}, 3}}));
    EXPECT_EQ(admin().delete_group(group), no_error);
    EXPECT_FALSE(admin().list_groups().contains(group));
    EXPECT_TRUE(admin().list_group_offsets(group).offsets.empty());
}

TEST_F(Group, OffsetsOfAnEmptyGroupCanBeAlteredAndDeleted) {
    const std::string topic = new_topic(2);
    const std::string group = unique_name("group");
    const Admin::GroupOffsets altered =
        admin().alter_group_offsets(group, {{{topic, 0}, 4}, {{topic, 1}, 8}});
    EXPECT_EQ(altered.error, no_error);
    EXPECT_EQ(admin().list_group_offsets(group).offsets,
              (Offsets{{{topic, 0}, 4}, {{topic, 1}, 8}}));
    EXPECT_EQ(admin().delete_group_offsets(group, {{topic, 0}}), no_error);
    EXPECT_EQ(admin().list_group_offsets(group).offsets, (Offsets{{{topic, 1}, 8}}));
    EXPECT_EQ(admin().delete_group_offsets(unique_name("missing"), {{topic, 0}}),
              "GROUP_ID_NOT_FOUND");
}

// Twelve members come at once, half of them go at once; both times the group settles.
TEST_F(Group, ChurnEndsInOneStableGeneration) {
    const std::string topic = new_topic(12);
    const Settings settings = member(unique_name("group"));
    std::vector<std::unique_ptr<Consumer>> members;
    std::vector<Consumer*> all;
    for (int i = 0; i < 12; ++i) {
        members.push_back(std::make_unique<Consumer>(bootstrap(), settings));
        members.back()->subscribe({topic});
        all.push_back(members.back().get());
    }
    // Members in the middle of joining are not closed: librdkafka 2.0.2 may crash on it.
    ASSERT_TRUE(poll_until(all, [&] { return shared(all, 12); }));
    all.resize(6);
    members.resize(6);
    EXPECT_TRUE(poll_until(all, [&] { return shared(all, 12); }));
    EXPECT_EQ(admin().describe_group(settings.at("group.id")).members.size(), 6U);
}

}  // namespace
}  // namespace mamba::compat
