// Consuming by assign: positions, time look-up, watermarks, pause, limits of a fetch.

#include "compat-tests/librdkafka/broker_suite.h"

namespace mamba::compat {
namespace {

class Consume : public BrokerSuite {};

TEST_F(Consume, AssignStartsWhereItIsTold) {
    const std::string topic = new_topic();
    fill(topic, 100);
    const std::map<std::int64_t, int> starts{
        {RD_KAFKA_OFFSET_BEGINNING, 0}, {40, 40}, {99, 99}, {RD_KAFKA_OFFSET_TAIL(10), 90}};
    for (const auto& [offset, first] : starts) {
        Consumer consumer(bootstrap());
        consumer.assign(topic, 0, offset);
        EXPECT_EQ(values_of(consumer.read(static_cast<std::size_t>(100 - first))),
                  numbers(first, 100 - first));
    }
}

TEST_F(Consume, EndStartsWithWhatIsWrittenLater) {
    const std::string topic = new_topic();
    fill(topic, 5);
    Consumer consumer(bootstrap(), {{"enable.partition.eof", "true"}});
    consumer.assign(topic, 0, RD_KAFKA_OFFSET_END);
    ASSERT_TRUE(
        eventually([&] { return !consumer.poll() && consumer.saw_error("_PARTITION_EOF"); }));
    Producer producer(bootstrap());
    Record record;
    record.value = "late";
    ASSERT_EQ(producer.deliver(topic, 0, record).offset, 5);
    const std::vector<Record> records = consumer.read(1);
    ASSERT_EQ(values_of(records), std::vector<std::string>{"late"});
    EXPECT_EQ(records[0].offset, 5);
}

TEST_F(Consume, WaitingFetchIsWokenByAnAppend) {
    const std::string topic = new_topic();
    fill(topic, 1);
    Consumer consumer(bootstrap(),
                      {{"fetch.wait.max.ms", "60000"}, {"socket.timeout.ms", "70000"}});
    consumer.assign(topic);
    ASSERT_EQ(consumer.read(1).size(), 1U);
    EXPECT_FALSE(consumer.poll(std::chrono::milliseconds{200}).has_value());
    fill(topic, 1);
    // The test's patience is half of the fetch's: it suffices only if the append wakes the fetch.
    EXPECT_EQ(consumer.read(1, patience).size(), 1U);
}

TEST_F(Consume, FetchMinBytesIsWaitedForAndReached) {
    const std::string topic = new_topic();
    Consumer consumer(bootstrap(), {{"fetch.min.bytes", "5000"},
                                    {"fetch.wait.max.ms", "60000"},
                                    {"socket.timeout.ms", "70000"}});
    consumer.assign(topic);
    Producer producer(bootstrap(), {{"linger.ms", "0"}});
    for (int i = 0; i < 10; ++i) {
        Record record;
        record.value = std::string(1000, 'x');
        ASSERT_EQ(producer.deliver(topic, 0, record).error, no_error);
    }
    EXPECT_EQ(consumer.read(5).size(), 5U);
}

TEST_F(Consume, SeekGoesBackAndForth) {
    const std::string topic = new_topic();
    fill(topic, 100);
    Consumer consumer(bootstrap());
    consumer.assign(topic);
    ASSERT_EQ(consumer.read(100).size(), 100U);
    for (const int target : {10, 90, 0, 99}) {
        const PartitionList list = to_list({{{topic, 0}, target}});
        rd_kafka_error_t* error = rd_kafka_seek_partitions(consumer.handle(), list.get(), 10000);
        ASSERT_EQ(error, nullptr) << rd_kafka_error_string(error);
        const auto count = static_cast<std::size_t>(100 - target);
        EXPECT_EQ(values_of(consumer.read(count)), numbers(target, 100 - target));
    }
}

TEST_F(Consume, OffsetsForTimesFindsTheFirstRecordAtOrAfter) {
    const std::string topic = new_topic();
    Producer producer(bootstrap(), {{"linger.ms", "0"}});
    constexpr std::int64_t base = 1'700'000'000'000;
    // Times need not rise: the look-up is by the first record that is late enough.
    for (const std::int64_t time : {base + 1000, base + 3000, base + 2000, base + 5000}) {
        Record record;
        record.value = "v";
        record.timestamp = time;
        ASSERT_EQ(producer.deliver(topic, 0, record).error, no_error);
    }
    const std::map<std::int64_t, std::int64_t> expected{
        {base, 0},        {base + 1000, 0}, {base + 1001, 1},
        {base + 2500, 1}, {base + 3001, 3}, {base + 5001, RD_KAFKA_OFFSET_END}};
    for (const auto& [time, offset] : expected) {
        const PartitionList list = to_list({{{topic, 0}, time}});
        ASSERT_EQ(rd_kafka_offsets_for_times(producer.handle(), list.get(), 10000),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
        EXPECT_EQ(list->elems[0].offset, offset) << time - base;
    }
}

TEST_F(Consume, OffsetsForTimesWorksAcrossSegmentsAndInsideABatch) {
    const std::string topic = new_topic(1, {{"segment.bytes", "1048576"}});
    Producer producer(bootstrap(), {{"linger.ms", "20"}, {"batch.num.messages", "10"}});
    constexpr std::int64_t base = 1'700'000'000'000;
    constexpr int count = 300;
    for (int i = 0; i < count; ++i) {
        Record record;
        record.value = std::string(10000, 'x');  // three segments
        record.timestamp = base + i * 10;
        ASSERT_EQ(producer.send(topic, 0, record), no_error);
    }
    ASSERT_TRUE(producer.flush());
    for (int i = 0; i < count; i += 7) {
        const PartitionList list = to_list({{{topic, 0}, base + i * 10 - 5}});
        ASSERT_EQ(rd_kafka_offsets_for_times(producer.handle(), list.get(), 10000),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
        EXPECT_EQ(list->elems[0].offset, i);
    }
}

TEST_F(Consume, PauseStopsAndResumeContinues) {
    const std::string topic = new_topic(2);
    fill(topic, 10, 0);
    fill(topic, 10, 1);
    Consumer consumer(bootstrap());
    consumer.assign({{{topic, 0}, 0}, {{topic, 1}, 0}});
    ASSERT_EQ(consumer.read(20).size(), 20U);
    const PartitionList first = to_list({{{topic, 0}, 0}});
    ASSERT_EQ(rd_kafka_pause_partitions(consumer.handle(), first.get()),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    fill(topic, 5, 0);
    fill(topic, 5, 1);
    for (const Record& record : consumer.read(5)) EXPECT_EQ(record.partition, 1);
    ASSERT_EQ(rd_kafka_resume_partitions(consumer.handle(), first.get()),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    const std::vector<Record> rest = consumer.read(5);
    ASSERT_EQ(values_of(rest), numbers(0, 5));
    EXPECT_EQ(rest[0].partition, 0);
    EXPECT_EQ(rest[0].offset, 10);
}

TEST_F(Consume, WatermarksFollowAppendAndDeleteRecords) {
    const std::string topic = new_topic();
    using Pair = std::pair<std::int64_t, std::int64_t>;
    EXPECT_EQ(watermarks(admin().handle(), topic), Pair(0, 0));
    fill(topic, 10);
    EXPECT_EQ(watermarks(admin().handle(), topic), Pair(0, 10));
    EXPECT_EQ(admin().delete_records(topic, 0, 4).offset, 4);
    EXPECT_EQ(watermarks(admin().handle(), topic), Pair(4, 10));

    // The cached marks come with each fetch.
    Consumer consumer(bootstrap());
    consumer.assign(topic);
    ASSERT_EQ(values_of(consumer.read(6)), numbers(4, 6));
    std::int64_t low = -1;
    std::int64_t high = -1;
    rd_kafka_get_watermark_offsets(consumer.handle(), topic.c_str(), 0, &low, &high);
    EXPECT_EQ(high, 10);

    ErrorName error;
    EXPECT_EQ(watermarks(admin().handle(), unique_name("missing"), 0, &error), std::nullopt);
    EXPECT_EQ(error, "_UNKNOWN_PARTITION");
}

TEST_F(Consume, OffsetOutOfRangeFollowsTheClientsPolicy) {
    const std::string topic = new_topic();
    fill(topic, 10);
    admin().delete_records(topic, 0, 4);
    for (const std::int64_t outside : {2L, 50L}) {
        Consumer earliest(bootstrap(), {{"auto.offset.reset", "earliest"}});
        earliest.assign(topic, 0, outside);
        EXPECT_EQ(values_of(earliest.read(6)), numbers(4, 6));

        Consumer strict(bootstrap(), {{"auto.offset.reset", "error"}});
        strict.assign(topic, 0, outside);
        EXPECT_TRUE(
            eventually([&] { return !strict.poll() && strict.saw_error("_AUTO_OFFSET_RESET"); }));
    }
}

TEST_F(Consume, SmallFetchesReadEverythingOnceInOrder) {
    const std::string topic = new_topic(3);
    constexpr int per_partition = 200;
    for (std::int32_t partition = 0; partition < 3; ++partition) {
        Producer producer(bootstrap(), {{"batch.num.messages", "7"}, {"linger.ms", "5"}});
        for (int i = 0; i < per_partition; ++i) {
            Record record;
            record.value = std::to_string(i) + std::string(static_cast<std::size_t>(i * 7), '.');
            producer.send(topic, partition, record);
        }
        ASSERT_TRUE(producer.flush());
    }
    // Smaller than most batches: answers end in the middle of a batch, or hold one too large.
    Consumer consumer(bootstrap(), {{"fetch.max.bytes", "2000"},
                                    {"fetch.message.max.bytes", "1500"},
                                    {"message.max.bytes", "2000"},
                                    {"check.crcs", "true"}});
    consumer.assign({{{topic, 0}, 0}, {{topic, 1}, 0}, {{topic, 2}, 0}});
    std::map<std::int32_t, std::int64_t> next;
    for (const Record& record : consumer.read(3 * per_partition)) {
        const std::int64_t offset = next[record.partition]++;
        EXPECT_EQ(record.offset, offset);
        EXPECT_EQ(*record.value,
                  std::to_string(offset) + std::string(static_cast<std::size_t>(offset * 7), '.'));
    }
    for (std::int32_t partition = 0; partition < 3; ++partition) {
        EXPECT_EQ(next[partition], per_partition);
    }
}

TEST_F(Consume, EndOfPartitionIsToldOnceReached) {
    const std::string topic = new_topic();
    fill(topic, 3);
    Consumer consumer(bootstrap(), {{"enable.partition.eof", "true"}});
    consumer.assign(topic);
    ASSERT_EQ(consumer.read(3).size(), 3U);
    EXPECT_TRUE(
        eventually([&] { return !consumer.poll() && consumer.saw_error("_PARTITION_EOF"); }));
}

TEST_F(Consume, BothIsolationLevelsSeePlainRecords) {
    const std::string topic = new_topic();
    fill(topic, 20, 0, {{"enable.idempotence", "true"}});
    for (const char* level : {"read_committed", "read_uncommitted"}) {
        EXPECT_EQ(values_of(read_all(topic, 20, 0, {{"isolation.level", level}})), numbers(0, 20));
    }
}

TEST_F(Consume, MissingTopicIsAnErrorOfTheSubscription) {
    Consumer consumer(bootstrap());
    consumer.subscribe({unique_name("missing")});
    EXPECT_TRUE(eventually(
        [&] { return !consumer.poll() && consumer.saw_error("UNKNOWN_TOPIC_OR_PART"); }));
}

TEST_F(Consume, ManyConsumersReadTheSamePartitionWhileItGrows) {
    const std::string topic = new_topic();
    constexpr int readers = 8;
    std::vector<std::unique_ptr<Consumer>> consumers;
    for (int i = 0; i < readers; ++i) {
        consumers.push_back(std::make_unique<Consumer>(bootstrap()));
        consumers.back()->assign(topic);
    }
    fill(topic, 1000, 0, {{"batch.num.messages", "20"}});
    for (const auto& consumer : consumers) {
        EXPECT_EQ(values_of(consumer->read(1000)), numbers(0, 1000));
    }
}

}  // namespace
}  // namespace mamba::compat
