#include "compat-tests/crash/workload.h"

#include <array>
#include <map>
#include <random>
#include <utility>

#include "compat-tests/crash/payload.h"

namespace mamba::compat {
namespace {

constexpr std::array<const char*, 5> codecs{"none", "gzip", "snappy", "lz4", "zstd"};
constexpr std::size_t records_open_max = 300;  // of one producer, not yet acknowledged
constexpr int records_per_commit = 100;
constexpr std::chrono::seconds last_reports_time_max{60};

std::size_t random_length(std::mt19937& random) {
    const auto kind = random() % 200;
    if (kind == 0) return random() % 900'000;
    if (kind < 20) return 0;
    return random() % 600;
}

}  // namespace

Workload::Workload(Shape shape, Ledger& ledger) : shape_(std::move(shape)), ledger_(ledger) {
    for (int i = 0; i < shape_.producers; ++i) {
        producers_.emplace_back([this, i] { produce(i); });
    }
    for (int i = 0; i < shape_.members; ++i) {
        members_.emplace_back([this] { consume(); });
    }
}

void Workload::stop() {
    producing_ = false;
    for (std::thread& thread : std::exchange(producers_, {})) thread.join();
    consuming_ = false;
    for (std::thread& thread : std::exchange(members_, {})) thread.join();
}

void Workload::produce(int number) {
    std::mt19937 random(shape_.seed + static_cast<std::uint32_t>(number));
    Producer producer(shape_.bootstrap,
                      {{"enable.idempotence", "true"},
                       {"compression.codec", codecs[static_cast<std::size_t>(number) % 5]},
                       {"linger.ms", "1"},
                       {"message.timeout.ms", "300000"},
                       {"retry.backoff.ms", "20"}});
    std::map<TopicPartition, std::int64_t> next;
    std::vector<std::pair<TopicPartition, std::int64_t>> sent;
    std::size_t seen = 0;
    const auto take_reports = [&](std::chrono::milliseconds wait) {
        producer.poll(wait);
        for (; seen < producer.deliveries().size(); ++seen) {
            const Producer::Delivery& delivery = producer.deliveries()[seen];
            const auto& [place, counter] = sent[delivery.number];
            if (delivery.error == no_error) {
                ledger_.acknowledged(number, place, counter);
            } else {
                ledger_.violation("producer " + std::to_string(number) + " gave up record " +
                                  std::to_string(counter) + ": " + delivery.error);
            }
        }
    };
    while (producing_) {
        if (sent.size() - seen >= records_open_max) {
            take_reports(std::chrono::milliseconds{10});
            continue;
        }
        Payload payload;
        payload.producer = number;
        payload.place = shape_.partitions[random() % shape_.partitions.size()];
        payload.counter = next[payload.place]++;
        payload.length = random_length(random);
        Record record;
        record.value = payload.encode();
        if (random() % 10 != 0) record.key = std::to_string(payload.counter);
        if (random() % 10 == 0) record.headers = {{"producer", std::to_string(number)}};
        sent.emplace_back(payload.place, payload.counter);
        const ErrorName error = producer.send(payload.place.topic, payload.place.partition, record);
        if (error != no_error) {
            sent.pop_back();
            return ledger_.violation("producer " + std::to_string(number) + " stopped: " + error);
        }
        take_reports(std::chrono::milliseconds{0});
    }
    producer.flush(last_reports_time_max);
    take_reports(std::chrono::milliseconds{0});
    if (seen < sent.size()) {
        ledger_.violation("producer " + std::to_string(number) + " never heard of " +
                          std::to_string(sent.size() - seen) + " records");
    }
}

void Workload::consume() {
    Consumer consumer(shape_.bootstrap, {{"group.id", shape_.group},
                                         {"heartbeat.interval.ms", "200"},
                                         {"partition.assignment.strategy", "range"},
                                         {"retry.backoff.ms", "20"},
                                         {"session.timeout.ms", "30000"}});
    consumer.subscribe(shape_.topics);
    Offsets next;
    std::size_t rebalances = 0;
    int since_commit = 0;
    while (consuming_) {
        const auto record = consumer.poll();
        if (consumer.rebalances().size() != rebalances) {
            rebalances = consumer.rebalances().size();
            next.clear();  // the new owner of a partition goes on from the group's offset
        }
        if (record) {
            const TopicPartition place{record->topic, record->partition};
            const auto [expected, first] = next.try_emplace(place, record->offset);
            if (!first && record->offset != expected->second) {
                ledger_.violation("group member read " + place.topic + "-" +
                                  std::to_string(place.partition) + "@" +
                                  std::to_string(record->offset) + " where " +
                                  std::to_string(expected->second) + " was due");
            }
            expected->second = record->offset + 1;
            ++consumed_;
            ++since_commit;
        }
        if (since_commit < records_per_commit || next.empty()) continue;
        since_commit = 0;
        if (consumer.commit(next) != no_error) continue;  // the broker is down: the next one counts
        ++commits_;
        for (const auto& [place, offset] : next) ledger_.committed(place, offset);
    }
}

}  // namespace mamba::compat
