// Jobs about records: what is written is what is read.

#include <librdkafka/rdkafkacpp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "admin.h"
#include "consumer.h"
#include "jobs.h"
#include "sender.h"

namespace jobs {

void produce_codecs() {
    for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
        const Topic topic(codec, 3);
        Sender sender({{"compression.type", codec}});
        std::map<std::string, std::vector<std::string>> sent;
        for (int i = 0; i < 500; ++i) {
            const std::string key = "key-" + std::to_string(i % 20);
            sent[key].push_back("value-value-value-" + std::to_string(i));
            sender.send(topic, {.value = sent[key].back(),
                                .key = key,
                                .headers = {{"codec", codec}, {"empty", ""}}});
        }
        sender.flush();

        Consumer consumer(codec);
        consumer.subscribe(topic);
        std::map<std::string, std::vector<std::string>> found;
        for (const auto& record : consumer.read(500)) {
            const auto headers = record->headers()->get_all();
            expect(headers.size() == 2 && headers[0].key() == "codec" && headers[1].key() == "empty" &&
                       text_of(headers[0].value(), headers[0].value_size()) == codec &&
                       headers[1].value() != nullptr && headers[1].value_size() == 0,
                   "the headers with " + codec + " are not those sent");
            found[*record->key()].push_back(text_of(record->payload(), record->len()));
        }
        expect(found == sent, "the records with " + codec + " are not those sent, or in another order");
    }
}

void seek_by_time() {
    constexpr std::int64_t hour = 3'600'000;
    const std::int64_t first = std::chrono::duration_cast<std::chrono::milliseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count() -
                               10 * hour;
    const Topic topic("t", 1);
    Sender sender;
    for (int i = 0; i < 10; ++i) {
        sender.send(topic, {.value = std::to_string(i), .timestamp = first + i * hour});
    }
    sender.flush();

    Consumer consumer("g");
    const auto offset_at = [&](std::int64_t timestamp) {
        const auto asked = partition_of(topic, 0, timestamp);
        std::vector<RdKafka::TopicPartition*> list = {asked.get()};
        expect_ok("offsetsForTimes", consumer->offsetsForTimes(list, call_ms_max));
        return asked->offset();
    };
    const std::int64_t found = offset_at(first + 4 * hour + hour / 2);
    expect(found == 5, "half an hour after record 4 offset " + std::to_string(found) + " is found");
    consumer.assign(topic, found);
    const auto record = std::move(consumer.read(1)[0]);
    expect(record->offset() == 5 && record->timestamp().timestamp == first + 5 * hour,
           "the first record read there is another");
    expect(offset_at(first + 10 * hour) == RdKafka::Topic::OFFSET_END,
           "an offset is found after the last record");
}

void idempotent_restart() {
    const Topic topic("t", 3);
    Sender sender({{"enable.idempotence", "true"},
                   {"max.in.flight", "5"},
                   {"delivery.timeout.ms", "90000"}});
    const auto send = [&](int first, int end, std::chrono::milliseconds pause) {
        for (int i = first; i < end; ++i) {
            sender.send(topic, {std::to_string(i), i % 3});
            sender.poll(pause);
        }
    };
    send(0, 1000, 0ms);
    int first = 1000;
    for (const char* command : {"restart", "kill"}) {
        std::exception_ptr failure;
        std::thread broker([&] {
            try {
                broker_control(command);
            } catch (...) {
                failure = std::current_exception();
            }
        });
        send(first, first + 2000, 1ms);
        first += 2000;
        broker.join();
        if (failure) std::rethrow_exception(failure);
    }
    sender.flush();
    expect(sender.acknowledged == 5000, std::to_string(sender.acknowledged) + " were acknowledged");

    Consumer consumer("g");
    consumer.subscribe(topic);
    expect_numbered(consumer.read_numbers(5000), 5000);
    std::int64_t sum = 0;
    for (int i = 0; i < 3; ++i) sum += consumer.watermarks(topic, i).second;
    expect(sum == 5000, "the end offsets add up to " + std::to_string(sum));
}

void delete_records() {
    Admin admin;
    const Topic topic("t", 1);
    send_all(topic, 100, 1);
    expect_error("deleting records", admin.delete_records(topic, 60), RD_KAFKA_RESP_ERR_NO_ERROR);
    Consumer consumer("g");
    expect(consumer.watermarks(topic, 0) == std::pair<std::int64_t, std::int64_t>{60, 100},
           "the earliest offset is not 60, or the latest not 100");
    consumer.subscribe(topic);
    std::int64_t next = 60;
    for (const auto& record : consumer.read(40)) {
        expect(record->offset() == next++, "reading does not start at 60");
    }
    expect_error("deleting beyond the end", admin.delete_records(topic, 101),
                 RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
}

void large_records() {
    const Topic topic("t", 1);
    std::vector<std::string> values;
    std::mt19937 random(1);
    for (int i = 0; i < 20; ++i) {
        values.emplace_back(1'000'000, '\0');
        std::ranges::generate(values.back(), [&] { return static_cast<char>(random()); });
    }
    Sender sender({{"message.max.bytes", "3000000"}});
    for (const auto& value : values) sender.send(topic, {value});
    sender.flush();
    Consumer consumer("g");
    consumer.subscribe(topic);
    const auto records = consumer.read(20);
    for (std::size_t i = 0; i < records.size(); ++i) {
        expect(text_of(records[i]->payload(), records[i]->len()) == values[i],
               "record " + std::to_string(i) + " is not what was sent");
    }
    sender.send(topic, {std::string(2'000'000, 'x')});
    expect(sender.flush_with_errors() == std::vector{RdKafka::ERR_MSG_SIZE_TOO_LARGE},
           "a record of 2,000,000 bytes does not meet MESSAGE_TOO_LARGE");
}

void thousand_partitions() {
    const Topic topic("t", 1000);
    send_all(topic, 3000, 1000);
    Consumer consumer("g");
    consumer.subscribe(topic);
    const auto numbers = consumer.read_numbers(3000);
    expect_numbered(numbers, 3000);
    expect(numbers.size() == 1000, std::to_string(numbers.size()) + " partitions were read");
    expect(Admin().describe(topic).partitions == 1000, "not 1,000 partitions are described");
}

}  // namespace jobs
