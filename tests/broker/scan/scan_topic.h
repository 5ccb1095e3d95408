// A topic of random partitions for the tests of scans, and what a plain loop over it finds.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "broker/partition.h"
#include "protocol/byte_order.h"
#include "protocol/record_batch_builder.h"
#include "tests/log/fake_storage.h"

namespace mamba::broker {

// One record as it was written.
struct WrittenRecord {
    PartitionIndex partition;
    Offset offset;
    Timestamp timestamp;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
    Offset batch;  // base offset
    protocol::CompressionType codec = protocol::CompressionType::none;
    bool control = false;
};

class ScanTopic {
public:
    ScanTopic() { flusher_.stop(); }

    log::FakeStorage& storage() { return storage_; }
    const std::vector<std::shared_ptr<Partition>>& partitions() const { return partitions_; }
    Partition& partition(std::size_t index) { return *partitions_[index]; }
    const std::vector<WrittenRecord>& written() const { return written_; }
    static std::string directory(int index) { return "/data/topic-" + std::to_string(index); }

    // A log to be filled with put(); then call finish().
    void begin_partition(const log::LogConfig& config = {}) {
        const int index = static_cast<int>(partitions_.size());
        auto opened = log::PartitionLog::open(storage_, directory(index), {"topic", PartitionIndex(index)}, config,
                                              {.now = Timestamp(1000)});
        ASSERT_TRUE(opened) << opened.error().message;
        log_ = std::move(*opened);
    }

    struct NewRecord {
        Timestamp timestamp{1000};
        std::optional<std::string> key{};
        std::optional<std::string> value{};
        std::vector<std::pair<std::string, std::optional<std::string>>> headers{};
        std::int64_t gap = 0;  // offsets left out before it
    };

    // Appends one batch whose first record is at `options.base_offset` or behind the log's end.
    void put(protocol::BatchOptions options, const std::vector<NewRecord>& records) {
        options.base_offset = std::max(options.base_offset, log_->end_offset());
        options.partition_leader_epoch = LeaderEpoch(3);
        protocol::RecordBatchBuilder builder(options);
        Offset next = options.base_offset;
        for (const NewRecord& record : records) {
            next = next + record.gap;
            std::vector<protocol::RecordHeader> headers;
            for (const auto& [name, content] : record.headers) headers.push_back({name, bytes(content)});
            builder.append_at(next, record.timestamp, bytes(record.key), bytes(record.value), headers);
            written_.push_back({.partition = PartitionIndex(static_cast<int>(partitions_.size())),
                                .offset = next,
                                .timestamp = record.timestamp,
                                .key = record.key,
                                .value = record.value,
                                .headers = record.headers,
                                .batch = options.base_offset,
                                .codec = options.codec,
                                .control = options.is_control});
            next = next + 1;
        }
        const auto done = log_->append_replicated(builder.build(), Timestamp(1000));
        ASSERT_TRUE(done) << done.error().message;
    }

    // A transaction's end.
    void put_marker(std::int64_t producer, std::int16_t epoch, bool commit) {
        std::string key(4, '\0');
        key[3] = commit ? 1 : 0;
        put({.producer_id = ProducerId(producer),
             .producer_epoch = ProducerEpoch(epoch),
             .is_transactional = true,
             .is_control = true},
            {{.key = key, .value = std::string(6, '\0')}});
    }

    Offset end_offset() const { return log_->end_offset(); }

    // With `flush_on_acks_all` what is appended later is seen only after a flush, which nobody does.
    void finish(bool flush_on_acks_all = false) {
        const int index = static_cast<int>(partitions_.size());
        PartitionSettings settings;
        settings.log = log_->config();
        settings.flush_on_acks_all = flush_on_acks_all;
        partitions_.push_back(std::make_shared<Partition>(TopicPartition{"topic", PartitionIndex(index)}, Uuid(),
                                                          LeaderEpoch(3), std::move(log_), settings, flusher_));
    }

private:
    static std::optional<BytesView> bytes(const std::optional<std::string>& text) {
        return text ? std::optional(as_bytes(*text)) : std::nullopt;
    }

    log::FakeStorage storage_;
    Flusher flusher_{storage_, {.log_dir = "/data", .threads = 1, .on_round = {}, .on_failure = {}}};
    std::unique_ptr<log::PartitionLog> log_;
    std::vector<std::shared_ptr<Partition>> partitions_;
    std::vector<WrittenRecord> written_;
};

// Partitions with gaps, all codecs, control batches and many segments.
inline void fill_at_random(ScanTopic& topic, std::mt19937_64& random) {
    const auto below = [&random](std::uint64_t bound) { return static_cast<std::int64_t>(random() % bound); };
    const auto partitions = 1 + below(4);
    for (std::int64_t i = 0; i < partitions; ++i) {
        log::LogConfig config;
        config.segment_bytes = static_cast<std::int32_t>(600 + below(12'000));
        config.index_interval_bytes = static_cast<std::int32_t>(below(3) == 0 ? 1'000'000 : below(2000));
        topic.begin_partition(config);
        std::int64_t clock = 1000 + below(1000);
        const auto batches = below(50);
        for (std::int64_t b = 0; b < batches; ++b) {
            protocol::BatchOptions options;
            options.codec = *protocol::compression_type_of(static_cast<int>(below(2) == 0 ? 0 : below(5)));
            if (below(6) == 0) options.base_offset = topic.end_offset() + below(100);
            options.is_control = below(10) == 0;
            if (options.is_control) options.codec = protocol::CompressionType::none;
            std::vector<ScanTopic::NewRecord> records;
            const auto count = options.is_control ? 1 : below(8) == 0 ? below(400) : below(12);
            for (std::int64_t r = 0; r < count; ++r) {
                ScanTopic::NewRecord record;
                record.timestamp = Timestamp(clock += below(20) - 4);
                record.gap = below(8) == 0 ? below(5) : 0;
                if (below(5) != 0) record.key = "key-" + std::to_string(below(9));
                if (below(7) != 0) {
                    record.value = R"({"n":)" + std::to_string(below(100)) + R"(,"pad":")" +
                                   std::string(static_cast<std::size_t>(below(40)), 'x') +
                                   (below(10) == 0 ? "needle" : "") + "\"}";
                }
                if (below(3) == 0) record.headers.emplace_back("type", below(4) == 0 ? "rare" : "common");
                if (below(5) == 0) record.headers.emplace_back("nil", std::nullopt);
                records.push_back(std::move(record));
            }
            // Compaction leaves batches without records, and last offsets without one.
            if (records.empty() || below(6) == 0) {
                options.last_offset_delta = static_cast<std::int32_t>(4000 + below(9));
            }
            topic.put(options, records);
        }
        topic.finish();
    }
}

}  // namespace mamba::broker
