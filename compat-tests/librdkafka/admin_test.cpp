// Admin calls: what they change, and the error of each thing they refuse.

#include "compat-tests/librdkafka/broker_suite.h"

namespace mamba::compat {
namespace {

class Administer : public BrokerSuite {};

TEST_F(Administer, CreatedTopicIsThereWithItsPartitions) {
    const std::string topic = new_topic(5);
    EXPECT_EQ(admin().topics()[topic], 5);
    EXPECT_EQ(admin().create_topic({.name = topic}), "TOPIC_ALREADY_EXISTS");
}

TEST_F(Administer, WrongTopicsAreRefusedByWhatIsWrong) {
    const std::string name = unique_name("refused");
    EXPECT_EQ(admin().create_topic({.name = "no spaces please"}), "TOPIC_EXCEPTION");
    EXPECT_EQ(admin().create_topic({.name = std::string(250, 'x')}), "TOPIC_EXCEPTION");
    EXPECT_EQ(admin().create_topic({.name = ".."}), "TOPIC_EXCEPTION");
    EXPECT_EQ(admin().create_topic({.name = "../../escape"}), "TOPIC_EXCEPTION");
    EXPECT_EQ(admin().create_topic({.name = name, .replication_factor = 3}),
              "INVALID_REPLICATION_FACTOR");
    EXPECT_EQ(admin().create_topic({.name = name, .assignment = {{77}}}),
              "INVALID_REPLICA_ASSIGNMENT");
    EXPECT_EQ(admin().create_topic({.name = name, .configs = {{"no.such.setting", "1"}}}),
              "INVALID_CONFIG");
    EXPECT_EQ(admin().create_topic({.name = name, .configs = {{"retention.ms", "soon"}}}),
              "INVALID_CONFIG");
    EXPECT_EQ(admin().create_topic({.name = name, .configs = {{"segment.bytes", "-5"}}}),
              "INVALID_CONFIG");
    EXPECT_FALSE(admin().topics().contains(name));
}

// A dot and an underscore make the same metric name, so Kafka refuses the second of such a pair.
TEST_F(Administer, NamesThatCollideInMetricsAreRefused) {
    const std::string name = unique_name("collide");
    ASSERT_EQ(admin().create_topic({.name = name + ".a"}), no_error);
    EXPECT_EQ(admin().create_topic({.name = name + "_a"}), "TOPIC_EXCEPTION");
}

TEST_F(Administer, ValidateOnlyCreatesNothing) {
    const std::string name = unique_name("validated");
    EXPECT_EQ(admin().create_topic({.name = name, .partitions = 3, .validate_only = true}),
              no_error);
    EXPECT_FALSE(admin().topics().contains(name));
}

TEST_F(Administer, ManualAssignmentIsKept) {
    const std::string name = unique_name("manual");
    EXPECT_EQ(admin().create_topic({.name = name, .partitions = 3, .assignment = {{1}, {1}, {1}}}),
              no_error);
    EXPECT_EQ(admin().topics()[name], 3);
}

TEST_F(Administer, DeletedTopicIsGoneAndItsNameFreshAgain) {
    const std::string topic = new_topic();
    fill(topic, 10);
    EXPECT_EQ(admin().delete_topic(topic), no_error);
    EXPECT_TRUE(eventually([&] { return !admin().topics().contains(topic); }));
    EXPECT_EQ(admin().delete_topic(topic), "UNKNOWN_TOPIC_OR_PART");
    EXPECT_EQ(admin().create_topic({.name = topic}), no_error);
    fill(topic, 3);
    EXPECT_EQ(values_of(read_all(topic, 3)), numbers(0, 3));
    EXPECT_EQ(end_of(topic), 3);
}

TEST_F(Administer, PartitionsOnlyGrow) {
    const std::string topic = new_topic(2);
    EXPECT_EQ(admin().create_partitions(topic, 4), no_error);
    EXPECT_TRUE(eventually([&] { return admin().topics()[topic] == 4; }));
    fill(topic, 5, 3);
    EXPECT_EQ(values_of(read_all(topic, 5, 3)), numbers(0, 5));
    EXPECT_EQ(admin().create_partitions(topic, 4), "INVALID_PARTITIONS");
    EXPECT_EQ(admin().create_partitions(topic, 1), "INVALID_PARTITIONS");
    EXPECT_EQ(admin().create_partitions(topic, 5, {{77}}), "INVALID_REPLICA_ASSIGNMENT");
    EXPECT_EQ(admin().create_partitions(unique_name("missing"), 4), "UNKNOWN_TOPIC_OR_PART");
}

TEST_F(Administer, TopicConfigsAreDescribedWithTheirSource) {
    const std::string topic = new_topic(1, {{"retention.ms", "123456"}});
    const auto configs = admin().describe_configs(RD_KAFKA_RESOURCE_TOPIC, topic);
    ASSERT_EQ(configs.error, no_error);
    EXPECT_EQ(configs.entries.at("retention.ms").value, "123456");
    EXPECT_FALSE(configs.entries.at("retention.ms").is_default);
    EXPECT_EQ(configs.entries.at("cleanup.policy").value, "delete");
    EXPECT_TRUE(configs.entries.at("cleanup.policy").is_default);
    EXPECT_EQ(configs.entries.at("max.message.bytes").value, "1048588");
    EXPECT_EQ(configs.entries.at("segment.bytes").value, "1073741824");
    EXPECT_EQ(admin().describe_configs(RD_KAFKA_RESOURCE_TOPIC, unique_name("missing")).error,
              "UNKNOWN_TOPIC_OR_PART");
}

TEST_F(Administer, AlterReplacesAllConfigsOfATopic) {
    const std::string topic = new_topic(1, {{"retention.ms", "123456"}});
    EXPECT_EQ(
        admin().alter_configs(RD_KAFKA_RESOURCE_TOPIC, topic, {{"max.message.bytes", "5000"}}),
        no_error);
    const auto value = [&](const std::string& key) {
        return admin().describe_configs(RD_KAFKA_RESOURCE_TOPIC, topic).entries[key].value;
    };
    EXPECT_TRUE(eventually([&] { return value("max.message.bytes") == "5000"; }));
    EXPECT_EQ(value("retention.ms"), "604800000");

    // It takes effect: the next large record is refused.
    Producer producer(bootstrap());
    Record record;
    record.value = std::string(6000, 'x');
    EXPECT_EQ(producer.deliver(topic, 0, record).error, "MSG_SIZE_TOO_LARGE");

    EXPECT_EQ(admin().alter_configs(RD_KAFKA_RESOURCE_TOPIC, topic, {{"retention.ms", "77"}}, true),
              no_error);
    EXPECT_EQ(value("retention.ms"), "604800000");
    EXPECT_EQ(admin().alter_configs(RD_KAFKA_RESOURCE_TOPIC, topic, {{"retention.ms", "x"}}),
              "INVALID_CONFIG");
    EXPECT_EQ(admin().alter_configs(RD_KAFKA_RESOURCE_TOPIC, topic, {{"no.such", "x"}}),
              "INVALID_CONFIG");
    EXPECT_EQ(admin().alter_configs(RD_KAFKA_RESOURCE_TOPIC, unique_name("missing"),
                                    {{"retention.ms", "1"}}),
              "UNKNOWN_TOPIC_OR_PART");
}

TEST_F(Administer, BrokerConfigsAreDescribedAndTheDynamicOnesAltered) {
    const auto configs = admin().describe_configs(RD_KAFKA_RESOURCE_BROKER, "1");
    ASSERT_EQ(configs.error, no_error);
    EXPECT_EQ(configs.entries.at("offsets.topic.num.partitions").value, "3");
    EXPECT_TRUE(configs.entries.at("offsets.topic.num.partitions").is_read_only);
    EXPECT_FALSE(configs.entries.at("log.retention.ms").is_read_only);

    EXPECT_EQ(
        admin().alter_configs(RD_KAFKA_RESOURCE_BROKER, "1",
                              {{"log.cleaner.threads", "2"}, {"message.max.bytes", "2000000"}}),
        no_error);
    EXPECT_TRUE(eventually([&] {
        return admin()
                   .describe_configs(RD_KAFKA_RESOURCE_BROKER, "1")
                   .entries["message.max.bytes"]
                   .value == "2000000";
    }));
    // A topic without a value of its own follows the broker.
    const std::string topic = new_topic();
    EXPECT_EQ(
        admin().describe_configs(RD_KAFKA_RESOURCE_TOPIC, topic).entries["max.message.bytes"].value,
        "2000000");
    EXPECT_EQ(admin().alter_configs(RD_KAFKA_RESOURCE_BROKER, "1", {}), no_error);
    EXPECT_EQ(admin().alter_configs(RD_KAFKA_RESOURCE_BROKER, "1",
                                    {{"offsets.topic.num.partitions", "9"}}),
              "INVALID_REQUEST");
}

TEST_F(Administer, DeleteRecordsMovesTheStart) {
    const std::string topic = new_topic();
    fill(topic, 10);
    const auto moved = admin().delete_records(topic, 0, 6);
    EXPECT_EQ(moved.error, no_error);
    EXPECT_EQ(moved.offset, 6);
    const std::vector<Record> rest = read_all(topic, 4);
    EXPECT_EQ(values_of(rest), numbers(6, 4));

    EXPECT_EQ(admin().delete_records(topic, 0, 11).error, "OFFSET_OUT_OF_RANGE");
    EXPECT_EQ(admin().delete_records(topic, 0, 2).offset, 6);  // already gone: no error
    EXPECT_EQ(admin().delete_records(topic, 0, RD_KAFKA_OFFSET_END).offset, 10);
    // The client finds no leader to ask.
    EXPECT_EQ(admin().delete_records(unique_name("missing"), 0, 1).error, "_NOENT");
}

class Retention : public BrokerSuite {
protected:
    static void SetUpTestSuite() {
        start_broker(
            {{"log.initial.task.delay.ms", "100"}, {"log.retention.check.interval.ms", "300"}});
    }
};

TEST_F(Retention, OldSegmentsAreDeletedUnderTheReader) {
    const std::string topic = new_topic(1, {{"segment.bytes", "1048576"}});
    Producer producer(bootstrap());
    Record record;
    record.timestamp = 1'600'000'000'000;
    record.value = std::string(100'000, 'x');
    for (int i = 0; i < 30; ++i) ASSERT_EQ(producer.send(topic, 0, record), no_error);
    ASSERT_TRUE(producer.flush());
    ASSERT_EQ(producer.failures(), 0U);
    EXPECT_EQ(end_of(topic), 30);
    EXPECT_TRUE(eventually([&] {
        const auto marks = watermarks(admin().handle(), topic);
        return marks && marks->first > 0 && marks->second == 30;
    }));
}

class AutoCreate : public BrokerSuite {
protected:
    static void SetUpTestSuite() {
        start_broker({{"auto.create.topics.enable", "true"}, {"num.partitions", "4"}});
    }
};

TEST_F(AutoCreate, ProducingMakesTheTopicWithTheBrokersDefaults) {
    const std::string topic = unique_name("auto");
    Producer producer(bootstrap());
    Record record;
    record.value = "v";
    EXPECT_EQ(producer.deliver(topic, 0, record).error, no_error);
    EXPECT_EQ(admin().topics()[topic], 4);
}

TEST_F(AutoCreate, ConsumerDecidesWhetherItsTopicIsMade) {
    const std::string asked = unique_name("auto");
    Consumer creating(bootstrap(), {{"allow.auto.create.topics", "true"}});
    creating.assign(asked);
    EXPECT_TRUE(eventually([&] { return !creating.poll() && admin().topics().contains(asked); }));

    const std::string unasked = unique_name("auto");
    Consumer plain(bootstrap(), {{"allow.auto.create.topics", "false"},
                                 {"topic.metadata.propagation.max.ms", "200"}});
    plain.subscribe({unasked});
    EXPECT_TRUE(eventually([&] { return !plain.poll() && !plain.errors().empty(); }));
    EXPECT_TRUE(plain.saw_error("UNKNOWN_TOPIC_OR_PART"));
    EXPECT_FALSE(admin().topics().contains(unasked));
}

TEST_F(AutoCreate, IllegalNameIsNotCreated) {
    Producer producer(bootstrap(), {{"message.timeout.ms", "3000"}});
    Record record;
    record.value = "v";
    EXPECT_EQ(producer.deliver("no/slash", 0, record).error, "TOPIC_EXCEPTION");
}

}  // namespace
}  // namespace mamba::compat
