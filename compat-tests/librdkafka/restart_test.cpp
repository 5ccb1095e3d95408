// What clients see of a broker that stops, cleanly or not, and comes back on the same folder.

#include <signal.h>

#include <set>

#include "compat-tests/librdkafka/broker_suite.h"

namespace mamba::compat {
namespace {

class Restart : public BrokerSuite {
protected:
    static Settings patient_member(const std::string& group) {
        return {{"group.id", group},
                {"heartbeat.interval.ms", "200"},
                {"session.timeout.ms", "45000"},
                {"retry.backoff.ms", "20"}};
    }
};

class RestartEitherWay : public Restart, public testing::WithParamInterface<bool> {
protected:
    static bool clean() { return GetParam(); }
    static void restart() { clean() ? broker().restart_clean() : broker().restart_after_kill(); }
};

INSTANTIATE_TEST_SUITE_P(Ways, RestartEitherWay, testing::Bool(), [](const auto& info) {
    return std::string(info.param ? "Clean" : "Killed");
});

TEST_P(RestartEitherWay, TopicsConfigsAndRecordsAreKept) {
    const std::string topic = new_topic(3, {{"retention.ms", "7654321"}});
    for (const char* codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
        fill(topic, 100, 1, {{"compression.codec", codec}});
    }
    restart();
    EXPECT_EQ(admin().topics()[topic], 3);
    EXPECT_EQ(
        admin().describe_configs(RD_KAFKA_RESOURCE_TOPIC, topic).entries["retention.ms"].value,
        "7654321");
    std::vector<std::string> expected;
    for (int i = 0; i < 500; ++i) expected.push_back(std::to_string(i % 100));
    EXPECT_EQ(values_of(read_all(topic, 500, 1)), expected);
    EXPECT_EQ(end_of(topic, 1), 500);
}

TEST_P(RestartEitherWay, DeletedTopicsAndRecordsStayDeleted) {
    const std::string gone = new_topic();
    const std::string cut = new_topic();
    fill(gone, 10);
    fill(cut, 10);
    ASSERT_EQ(admin().delete_topic(gone), no_error);
    ASSERT_EQ(admin().delete_records(cut, 0, 6).offset, 6);
    restart();
    EXPECT_FALSE(admin().topics().contains(gone));
    const auto marks = watermarks(admin().handle(), cut);
    ASSERT_TRUE(marks.has_value());
    EXPECT_EQ(marks->second, 10);
    // Kafka writes the start to a checkpoint only now and then; a crash may forget the last one.
    if (clean() || !BrokerProcess::is_oracle()) EXPECT_EQ(marks->first, 6);
}

TEST_P(RestartEitherWay, IdempotentProducerGoesOnWithoutLossOrRepeat) {
    const std::string topic = new_topic();
    Producer producer(bootstrap(), {{"enable.idempotence", "true"},
                                    {"linger.ms", "1"},
                                    {"batch.num.messages", "50"},
                                    {"retry.backoff.ms", "20"},
                                    {"message.timeout.ms", "60000"}});
    int sent = 0;
    const auto send_some = [&](int count) {
        for (int i = 0; i < count; ++i) producer.send(topic, 0, std::to_string(sent++));
        producer.poll(std::chrono::milliseconds{1});
    };
    for (int round = 0; round < 2; ++round) {
        ASSERT_TRUE(eventually([&] {
            send_some(20);
            return producer.deliveries().size() > static_cast<std::size_t>(1000 * (round + 1));
        }));
        send_some(500);  // in the client's hands while the broker goes
        restart();
    }
    send_some(100);
    ASSERT_TRUE(producer.flush(std::chrono::seconds{60}));
    EXPECT_EQ(producer.failures(), 0U);
    EXPECT_EQ(values_of(read_all(topic, static_cast<std::size_t>(sent))), numbers(0, sent));
    EXPECT_EQ(end_of(topic), sent);
}

TEST_P(RestartEitherWay, ConsumerGoesOnWhereItWas) {
    const std::string topic = new_topic();
    fill(topic, 50);
    Consumer consumer(bootstrap());
    consumer.assign(topic);
    ASSERT_EQ(consumer.read(50).size(), 50U);
    restart();
    Producer producer(bootstrap());
    for (int i = 50; i < 100; ++i) producer.send(topic, 0, std::to_string(i));
    ASSERT_TRUE(producer.flush());
    EXPECT_EQ(values_of(consumer.read(50)), numbers(50, 50));
}

TEST_P(RestartEitherWay, CommittedOffsetsAreKept) {
    const std::string topic = new_topic(2);
    const std::string group = unique_name("group");
    {
        Consumer consumer(bootstrap(), patient_member(group));
        ASSERT_EQ(consumer.commit({{{topic, 0}, 11}, {{topic, 1}, 22}}), no_error);
        ASSERT_EQ(consumer.commit({{{topic, 0}, 33}}), no_error);
    }
    restart();
    Consumer consumer(bootstrap(), patient_member(group));
    EXPECT_EQ(consumer.committed(topic, 0), 33);
    EXPECT_EQ(consumer.committed(topic, 1), 22);
    EXPECT_TRUE(eventually([&] { return admin().list_groups()[group] == "Empty"; }));
}

// Generation and members are in the group's record, so its members never notice.
TEST_P(RestartEitherWay, GroupKeepsGenerationAndMembers) {
    const std::string topic = new_topic(4);
    const std::string group = unique_name("group");
    Consumer first(bootstrap(), patient_member(group));
    Consumer second(bootstrap(), patient_member(group));
    first.subscribe({topic});
    second.subscribe({topic});
    ASSERT_TRUE(eventually([&] {
        first.poll();
        second.poll();
        return first.assignment().size() == 2 && second.assignment().size() == 2;
    }));
    const std::size_t rebalances = first.rebalances().size() + second.rebalances().size();
    ASSERT_EQ(first.commit({{first.assignment().begin()->first, 0}}), no_error);

    restart();
    for (std::int32_t partition = 0; partition < 4; ++partition) fill(topic, 20, partition);
    std::set<std::pair<std::int32_t, std::int64_t>> seen;
    ASSERT_TRUE(eventually([&] {
        for (Consumer* consumer : {&first, &second}) {
            while (auto record = consumer->poll(std::chrono::milliseconds{5})) {
                seen.emplace(record->partition, record->offset);
            }
        }
        return seen.size() == 80;
    }));
    EXPECT_TRUE(eventually([&] { return first.commit_position() == no_error; }));
    EXPECT_TRUE(eventually([&] { return second.commit_position() == no_error; }));
    EXPECT_EQ(first.rebalances().size() + second.rebalances().size(), rebalances);
    EXPECT_EQ(admin().describe_group(group).members.size(), 2U);
}

TEST_F(Restart, SigtermEndsInTimeUnderWaitingFetchesAndLoad) {
    const std::string topic = new_topic();
    Consumer consumer(bootstrap(),
                      {{"fetch.wait.max.ms", "60000"}, {"socket.timeout.ms", "70000"}});
    consumer.assign(topic);
    Producer producer(bootstrap(), {{"linger.ms", "1"}});
    for (int i = 0; i < 5000; ++i) producer.send(topic, 0, std::to_string(i));
    EXPECT_EQ(broker().terminate(), BrokerProcess::is_oracle() ? 128 + SIGTERM : 0);
    broker().start();
    ASSERT_TRUE(producer.flush());
    EXPECT_EQ(producer.failures(), 0U);
}

}  // namespace
}  // namespace mamba::compat
