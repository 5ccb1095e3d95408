// Producing: every codec and acks, what a record can hold, what a broker refuses.

#include <signal.h>

#include <algorithm>
#include <random>

#include "compat-tests/librdkafka/broker_suite.h"

namespace mamba::compat {
namespace {

class Produce : public BrokerSuite {};

struct Way {
    std::string codec;
    std::string acks;
};

class ProduceEveryWay : public BrokerSuite, public testing::WithParamInterface<Way> {};

std::string name_of_way(const testing::TestParamInfo<Way>& info) {
    return info.param.codec + "Acks" + (info.param.acks == "-1" ? "All" : info.param.acks);
}

std::vector<Way> every_way() {
    std::vector<Way> ways;
    for (const char* codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
        for (const char* acks : {"0", "1", "-1"}) ways.push_back({codec, acks});
    }
    return ways;
}

// Bytes that compress to about half, so that a codec has work to do and errors would show.
std::string half_random(std::size_t size, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; i += 2) text[i] = static_cast<char>(random() & 0xff);
    return text;
}

TEST_P(ProduceEveryWay, RecordsArriveIntactAndInOrder) {
    const std::string topic = new_topic();
    constexpr int count = 300;
    Producer producer(bootstrap(), {{"compression.codec", GetParam().codec},
                                    {"acks", GetParam().acks},
                                    {"batch.num.messages", "50"},
                                    {"linger.ms", "5"}});
    std::vector<std::string> sent;
    for (int i = 0; i < count; ++i) {
        Record record;
        record.key = "key " + std::to_string(i);
        record.value = half_random(static_cast<std::size_t>(i) * 13, static_cast<std::uint32_t>(i));
        sent.push_back(*record.value);
        ASSERT_EQ(producer.send(topic, 0, record), no_error);
    }
    ASSERT_TRUE(producer.flush());
    EXPECT_EQ(producer.failures(), 0U);
    if (GetParam().acks != "0") {
        for (const Producer::Delivery& delivery : producer.deliveries()) {
            EXPECT_EQ(delivery.offset, static_cast<std::int64_t>(delivery.number));
            EXPECT_EQ(delivery.status, RD_KAFKA_MSG_STATUS_PERSISTED);
        }
    }

    const std::vector<Record> records = read_all(topic, count, 0, {{"check.crcs", "true"}});
    ASSERT_EQ(values_of(records), sent);
    for (std::size_t i = 0; i < records.size(); ++i) {
        EXPECT_EQ(records[i].offset, static_cast<std::int64_t>(i));
        EXPECT_EQ(records[i].key, "key " + std::to_string(i));
    }
}

INSTANTIATE_TEST_SUITE_P(Ways, ProduceEveryWay, testing::ValuesIn(every_way()), name_of_way);

TEST_F(Produce, HeadersKeepOrderDuplicatesNullAndEmptyValues) {
    const std::string topic = new_topic();
    Record record;
    record.value = "v";
    record.headers = {{"a", "1"}, {"b", std::nullopt}, {"a", ""}, {"a", std::string("\0\xff", 2)}};
    Producer producer(bootstrap());
    ASSERT_EQ(producer.deliver(topic, 0, record).error, no_error);
    const std::vector<Record> records = read_all(topic, 1);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].headers, record.headers);
}

TEST_F(Produce, NullAndEmptyKeysAndValuesStayDifferent) {
    const std::string topic = new_topic();
    const std::vector<std::optional<std::string>> kinds{std::nullopt, "", "text"};
    Producer producer(bootstrap());
    for (const auto& key : kinds) {
        for (const auto& value : kinds) {
            Record record;
            record.key = key;
            record.value = value;
            ASSERT_EQ(producer.send(topic, 0, record), no_error);
        }
    }
    ASSERT_TRUE(producer.flush());
    const std::vector<Record> records = read_all(topic, 9);
    ASSERT_EQ(records.size(), 9U);
    for (std::size_t i = 0; i < 9; ++i) {
        // librdkafka gives an empty key or value an address too, so the two can be told apart.
        EXPECT_EQ(records[i].key, kinds[i / 3]) << i;
        EXPECT_EQ(records[i].value, kinds[i % 3]) << i;
    }
}

TEST_F(Produce, TimestampIsTheProducersUnlessTheTopicSaysAppendTime) {
    Record record;
    record.value = "v";
    record.timestamp = 1'600'000'000'123;
    Producer producer(bootstrap());

    const std::string create = new_topic();
    ASSERT_EQ(producer.deliver(create, 0, record).error, no_error);
    const std::vector<Record> created = read_all(create, 1);
    ASSERT_EQ(created.size(), 1U);
    EXPECT_EQ(created[0].timestamp, record.timestamp);
    EXPECT_FALSE(created[0].log_append_time);

    const std::string append = new_topic(1, {{"message.timestamp.type", "LogAppendTime"}});
    ASSERT_EQ(producer.deliver(append, 0, record).error, no_error);
    const std::vector<Record> appended = read_all(append, 1);
    ASSERT_EQ(appended.size(), 1U);
    EXPECT_GT(appended[0].timestamp, record.timestamp);
    EXPECT_TRUE(appended[0].log_append_time);
}

TEST_F(Produce, TimestampOutsideTheTopicsLimitsIsRefused) {
    const std::string topic = new_topic(1, {{"message.timestamp.before.max.ms", "3600000"},
                                            {"message.timestamp.after.max.ms", "3600000"}});
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    Producer producer(bootstrap());
    Record record;
    record.value = "v";
    record.timestamp = now - 7'200'000;
    EXPECT_EQ(producer.deliver(topic, 0, record).error, "INVALID_TIMESTAMP");
    record.timestamp = now + 7'200'000;
    EXPECT_EQ(producer.deliver(topic, 0, record).error, "INVALID_TIMESTAMP");
    record.timestamp = now;
    EXPECT_EQ(producer.deliver(topic, 0, record).error, no_error);
    EXPECT_EQ(end_of(topic), 1);
}

// A batch of one such record is 72 bytes longer than its value: 61 of batch header, 3 of record
// length, 5 of fields, 3 of value length.
TEST_F(Produce, BatchOfExactlyMaxMessageBytesIsTheLargestAccepted) {
    const std::string topic = new_topic(1, {{"max.message.bytes", "10000"}});
    Producer producer(bootstrap());
    Record record;
    record.value = std::string(10000 - 72, 'a');
    EXPECT_EQ(producer.deliver(topic, 0, record).error, no_error);
    record.value = std::string(10000 - 71, 'b');
    EXPECT_EQ(producer.deliver(topic, 0, record).error, "MSG_SIZE_TOO_LARGE");
    EXPECT_EQ(end_of(topic), 1);
}

TEST_F(Produce, LargeRecordsGoThrough) {
    const std::string topic = new_topic(1, {{"max.message.bytes", "8000000"}});
    Producer producer(bootstrap(), {{"message.max.bytes", "9000000"}});
    Record record;
    record.value = half_random(1'000'000, 1);
    ASSERT_EQ(producer.deliver(topic, 0, record).error, no_error);
    record.value = half_random(7'900'000, 2);
    ASSERT_EQ(producer.deliver(topic, 0, record).error, no_error);
    // Far smaller fetches than the record: the first batch comes whole nevertheless.
    const std::vector<Record> records =
        read_all(topic, 2, 0, {{"fetch.message.max.bytes", "1000"}});
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].value, half_random(1'000'000, 1));
    EXPECT_EQ(records[1].value, half_random(7'900'000, 2));
}

TEST_F(Produce, TopicsOwnCompressionTypeReplacesTheProducers) {
    for (const char* codec : {"uncompressed", "gzip", "snappy", "lz4", "zstd"}) {
        const std::string topic = new_topic(1, {{"compression.type", codec}});
        fill(topic, 100, 0, {{"compression.codec", "gzip"}, {"linger.ms", "5"}});
        EXPECT_EQ(values_of(read_all(topic, 100)), numbers(0, 100)) << codec;
    }
}

TEST_F(Produce, UnknownTopicAndPartitionAreErrors) {
    Producer producer(bootstrap(), {{"topic.metadata.propagation.max.ms", "200"},
                                    {"message.timeout.ms", "5000"}});
    Record record;
    record.value = "v";
    EXPECT_EQ(producer.deliver(unique_name("missing"), 0, record).error, "UNKNOWN_TOPIC_OR_PART");
    EXPECT_EQ(producer.deliver(new_topic(2), 7, record).error, "_UNKNOWN_PARTITION");
    EXPECT_EQ(producer.deliver("not a topic name", 0, record).error, "TOPIC_EXCEPTION");
}

TEST_F(Produce, OneKeysRecordsStayInOrderInOnePartition) {
    const std::string topic = new_topic(6);
    Producer producer(bootstrap(), {{"linger.ms", "5"}, {"enable.idempotence", "true"}});
    for (int i = 0; i < 600; ++i) {
        Record record;
        record.key = "key" + std::to_string(i % 17);
        record.value = std::to_string(i);
        producer.send(topic, RD_KAFKA_PARTITION_UA, record);
    }
    ASSERT_TRUE(producer.flush());
    Consumer consumer(bootstrap());
    Offsets all;
    for (std::int32_t partition = 0; partition < 6; ++partition) all[{topic, partition}] = 0;
    consumer.assign(all);
    const std::vector<Record> records = consumer.read(600);
    ASSERT_EQ(records.size(), 600U);
    std::map<std::string, std::pair<std::int32_t, int>> last;  // key -> partition, number
    for (const Record& record : records) {
        const int number = std::stoi(*record.value);
        const auto [place, first] = last.try_emplace(*record.key, record.partition, number);
        if (first) continue;
        EXPECT_EQ(place->second.first, record.partition);
        EXPECT_LT(place->second.second, number);
        place->second.second = number;
    }
}

TEST_F(Produce, IdempotentProducersCountTheirSequencesApart) {
    const std::string topic = new_topic(2);
    Producer first(bootstrap(), {{"enable.idempotence", "true"}, {"linger.ms", "0"}});
    Producer second(bootstrap(), {{"enable.idempotence", "true"}, {"linger.ms", "0"}});
    for (int i = 0; i < 200; ++i) {
        first.send(topic, i % 2, "first " + std::to_string(i));
        second.send(topic, i % 2, "second " + std::to_string(i));
        first.poll(std::chrono::milliseconds{0});
    }
    ASSERT_TRUE(first.flush());
    ASSERT_TRUE(second.flush());
    EXPECT_EQ(first.failures() + second.failures(), 0U);
    EXPECT_EQ(end_of(topic, 0), 200);
    EXPECT_EQ(end_of(topic, 1), 200);
}

TEST_F(Produce, PurgedRecordsAreReportedAndTheProducerGoesOn) {
    const std::string topic = new_topic();
    Producer producer(bootstrap(), {{"linger.ms", "60000"}});
    for (int i = 0; i < 10; ++i) producer.send(topic, 0, "purged");
    rd_kafka_purge(producer.handle(), RD_KAFKA_PURGE_F_QUEUE);
    ASSERT_TRUE(producer.flush());
    ASSERT_EQ(producer.deliveries().size(), 10U);
    for (const auto& delivery : producer.deliveries()) EXPECT_EQ(delivery.error, "_PURGE_QUEUE");
    Record record;
    record.value = "kept";
    EXPECT_EQ(producer.deliver(topic, 0, record).error, no_error);
    EXPECT_EQ(values_of(read_all(topic, 1)), std::vector<std::string>{"kept"});
}

// The broker stands still with the request in its socket; the client gives the request up.
TEST_F(Produce, PurgeInFlightLetsTheClientGoAndTheBrokerServeOn) {
    const std::string topic = new_topic();
    Producer producer(bootstrap(), {{"linger.ms", "0"}});
    Record record;
    record.value = "before";
    ASSERT_EQ(producer.deliver(topic, 0, record).error, no_error);
    ::kill(broker().pid(), SIGSTOP);
    producer.send(topic, 0, "in flight");
    const bool reported = eventually([&] {
        rd_kafka_purge(producer.handle(), RD_KAFKA_PURGE_F_INFLIGHT);
        producer.poll(std::chrono::milliseconds{0});
        return producer.deliveries().size() == 2;
    });
    ::kill(broker().pid(), SIGCONT);
    ASSERT_TRUE(reported);
    EXPECT_EQ(producer.deliveries().back().error, "_PURGE_INFLIGHT");
    record.value = "after";
    EXPECT_EQ(producer.deliver(topic, 0, record).error, no_error);
    EXPECT_EQ(values_of(read_all(topic, 3)),
              (std::vector<std::string>{"before", "in flight", "after"}));
}

}  // namespace
}  // namespace mamba::compat
