// A consumer that a job reads with, step by step.
#pragma once

#include <librdkafka/rdkafkacpp.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "environment.h"

namespace jobs {

using Partitions = std::vector<std::unique_ptr<RdKafka::TopicPartition>>;

inline std::vector<RdKafka::TopicPartition*> pointers(const Partitions& partitions) {
    std::vector<RdKafka::TopicPartition*> result;
    for (const auto& one : partitions) result.push_back(one.get());
    return result;
}

inline std::unique_ptr<RdKafka::TopicPartition> partition_of(const std::string& topic, int partition,
                                                      std::int64_t offset) {
    return std::unique_ptr<RdKafka::TopicPartition>(
        RdKafka::TopicPartition::create(topic, partition, offset));
}

inline std::unique_ptr<RdKafka::KafkaConsumer> make_consumer(const std::string& group, Settings settings,
                                                      RdKafka::RebalanceCb* callback = nullptr) {
    settings.merge(Settings{{"group.id", name(group)}, {"auto.offset.reset", "earliest"}});
    const auto conf = configuration(settings);
    std::string reason;
    if (callback != nullptr) conf->set("rebalance_cb", callback, reason);
    std::unique_ptr<RdKafka::KafkaConsumer> consumer(
        RdKafka::KafkaConsumer::create(conf.get(), reason));
    expect(consumer != nullptr, reason);
    return consumer;
}

class Consumer {
public:
    explicit Consumer(const std::string& group, const Settings& settings = {})
        : consumer_(make_consumer(group, settings)) {}
    ~Consumer() { consumer_->close(); }
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    RdKafka::KafkaConsumer* operator->() { return consumer_.get(); }

    void subscribe(const std::string& topic) {
        expect_ok("subscribe", consumer_->subscribe({topic}));
    }

    void assign(const std::string& topic, std::int64_t offset) {
        const auto partition = partition_of(topic, 0, offset);
        expect_ok("assign", consumer_->assign({partition.get()}));
    }

    // `count` records, as they come.
    std::vector<std::unique_ptr<RdKafka::Message>> read(std::size_t count) {
        std::vector<std::unique_ptr<RdKafka::Message>> records;
        wait_for("a record", [&] {
            std::unique_ptr<RdKafka::Message> message(consumer_->consume(200));
            while (message->err() == RdKafka::ERR_NO_ERROR) {
                records.push_back(std::move(message));
                if (records.size() == count) return true;
                message.reset(consumer_->consume(200));
            }
            expect(message->err() == RdKafka::ERR__TIMED_OUT ||
                       message->err() == RdKafka::ERR_COORDINATOR_LOAD_IN_PROGRESS,  // told, and tried again
                   "consume: " + message->errstr());
            return false;
        });
        return records;
    }

    std::map<std::int32_t, std::vector<int>> read_numbers(std::size_t count) {
        std::map<std::int32_t, std::vector<int>> numbers;
        for (const auto& record : read(count)) {
            numbers[record->partition()].push_back(
                std::stoi(std::string(static_cast<char*>(record->payload()), record->len())));
        }
        return numbers;
    }

    std::pair<std::int64_t, std::int64_t> watermarks(const std::string& topic, int partition) {
        std::int64_t low = 0;
        std::int64_t high = 0;
        expect_ok("watermarks", consumer_->query_watermark_offsets(topic, partition, &low, &high,
                                                                   call_ms_max));
        return {low, high};
    }

    std::int64_t committed(const std::string& topic, int partition) {
        const auto asked = partition_of(topic, partition, RdKafka::Topic::OFFSET_INVALID);
        std::vector<RdKafka::TopicPartition*> list = {asked.get()};
        expect_ok("committed", consumer_->committed(list, call_ms_max));
        return asked->offset();
    }

    void commit(const std::string& topic, const std::map<std::int32_t, std::int64_t>& offsets) {
        Partitions list;
        for (const auto& [partition, offset] : offsets) {
            list.push_back(partition_of(topic, partition, offset));
        }
        auto raw = pointers(list);
        expect_ok("commit", consumer_->commitSync(raw));
    }

private:
    std::unique_ptr<RdKafka::KafkaConsumer> consumer_;
};

// The values are 0..count-1, each once, and in order within each partition.
inline void expect_numbered(const std::map<std::int32_t, std::vector<int>>& by_partition, int count) {
    std::vector<int> found;
    for (const auto& [partition, numbers] : by_partition) {
        expect(std::ranges::is_sorted(numbers),
               "partition " + std::to_string(partition) + " is out of order");
        found.insert(found.end(), numbers.begin(), numbers.end());
    }
    std::ranges::sort(found);
    for (int i = 0; i < count; ++i) {
        expect(found.size() > static_cast<std::size_t>(i) && found[static_cast<std::size_t>(i)] == i,
               "record " + std::to_string(i) + " is lost or there twice");
    }
    expect(found.size() == static_cast<std::size_t>(count), "there are more records than were sent");
}

inline std::string text_of(const void* bytes, std::size_t size) {
    return {static_cast<const char*>(bytes), size};
}

}  // namespace jobs
