// Random lives of a log with power cuts and kills in between, each from a seed. After every start:
//
//   1. nothing that a finished flush covered is lost;
//   2. what is there is what was written, at its offset, without a hole above the log start;
//   3. a batch is there whole or not at all, also as slices of a read show it;
//   4. a second start right afterwards finds nothing to cut and the same log;
//   5. the producer state is that of the batches: a repeated batch is a duplicate, the next is
//   taken.
//
// MAMBA_POWER_CUT_SEEDS and MAMBA_POWER_CUT_FIRST_SEED choose how many seeds and which.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "log/checkpoint_files.h"
#include "log/log_dir.h"
#include "log_batches.h"

namespace mamba::log {
namespace {

const TopicPartition partition{"topic", PartitionIndex(0)};

// How often each thing came about: a test that never tears a tail proves nothing.
struct Tally {
    int power_cuts = 0;
    int cut_tails = 0;
    int lost_unflushed = 0;
    int rolled = 0;
    int deleted = 0;
};

class Life {
public:
    Life(std::uint64_t seed, Tally& tally) : random_(seed), tally_(tally) {
        config_.segment_bytes = 1000 + static_cast<std::int32_t>(random_() % 3000);
        config_.index_interval_bytes = 100 + static_cast<std::int32_t>(random_() % 400);
        config_.retention_ms = -1;
    }

    void run() {
        const int starts = 2 + below(3);
        for (int i = 0; i < starts && !::testing::Test::HasFailure(); ++i) {
            start();
            if (!log_) return;
            const int steps = below(40);
            for (int step = 0; step < steps; ++step) act();
            if (below(6) == 0) {
                stop();
            } else {
                log_.reset();
                dir_.reset();
                if (below(4) != 0) cut();
            }
        }
        start();
    }

private:
    int below(int bound) { return static_cast<int>(random_() % static_cast<std::uint64_t>(bound)); }

    std::unique_ptr<PartitionLog> open() {
        auto dir = LogDir::open(storage_, "/data");
        EXPECT_TRUE(dir) << (dir ? "" : dir.error().message);
        if (!dir) return nullptr;
        dir_ = std::move(*dir);
        auto log = dir_->open_log(partition, config_, topic_id_, Timestamp(1000));
        EXPECT_TRUE(log) << (log ? "" : log.error().message);
        return log ? std::move(*log) : nullptr;
    }

    void start() {
        log_ = open();
        if (!log_) return;
        check();
        const Offset end = log_->end_offset();
        if (!log_->recovery_report().cut_reason.empty()) ++tally_.cut_tails;
        if (end < written_end_) ++tally_.lost_unflushed;
        forget_from(end);

        // Invariant 4: the same again, as after a kill right after the start.
        log_.reset();
        dir_.reset();
        log_ = open();
        if (!log_) return;
        EXPECT_EQ(log_->end_offset(), end);
        EXPECT_EQ(log_->recovery_report().bytes_cut, 0) << log_->recovery_report().cut_reason;
        check();
        // Recovery has flushed what it found.
        EXPECT_EQ(log_->flushed_end().offset, end);
        flushed_ = end;
    }

    void check() {
        const Offset end = log_->end_offset();
        EXPECT_GE(end, flushed_);                        // 1
        EXPECT_GE(log_->log_start_offset(), deleted_);   // what was deleted for good stays so
        EXPECT_LE(log_->log_start_offset(), deleting_);  // and nothing else was
        EXPECT_LE(end, written_end_);
        Offset expected = log_->log_start_offset();
        for (const Bytes& bytes : batches_from(*log_, expected)) {
            const auto batch = protocol::RecordBatchView::parse(bytes);
            ASSERT_TRUE(batch && batch->crc_matches());  // 3
            const auto it = written_.find(batch->base_offset());
            ASSERT_TRUE(it != written_.end() && it->second == bytes)
                << batch->base_offset().value;  // 2
            EXPECT_LE(batch->base_offset(), expected);
            expected = batch->next_offset();
        }
        EXPECT_EQ(expected, end);
        check_producers();
    }

    // Invariant 5, without changing anything.
    void check_producers() {
        std::map<ProducerId, std::int32_t> last;
        for (const auto& [offset, bytes] : written_) {
            if (offset >= log_->end_offset() || offset < log_->log_start_offset()) continue;
            const auto batch = protocol::RecordBatchView::parse(bytes);
            if (batch->has_producer_id()) last[batch->producer_id()] = batch->last_sequence();
        }
        for (const auto& [id, sequence] : last) {
            const auto* producer = log_->producers().find(id);
            ASSERT_NE(producer, nullptr);
            EXPECT_EQ(producer->last_sequence(), sequence);
        }
    }

    void act() {
        const int what = below(20);
        if (what < 10) {
            append();
        } else if (what < 14) {
            flush_log();
        } else if (what == 14) {
            if (log_->end_offset() != log_->segments().back().base_offset) ++tally_.rolled;
            EXPECT_TRUE(log_->roll(Timestamp(1000)));
        } else if (what == 15) {
            store_recovery_point();
        } else if (what == 16) {
            delete_records();
        } else if (what == 17) {
            retain();
        } else {
            append();
        }
    }

    void append() {
        std::vector<Bytes> batches;
        std::vector<AppendRequest> requests;
        const int count = 1 + below(4);
        std::map<std::int64_t, std::int32_t> sequences;
        for (int i = 0; i < count; ++i) {
            std::vector<std::string> values(1U + static_cast<std::size_t>(below(3)));
            for (std::string& value : values) {
                value = std::to_string(++values_) +
                        std::string(static_cast<std::size_t>(below(200)), 'v');
            }
            if (below(2) == 0) {
                batches.push_back(batch_of(values, Timestamp(1000 + below(1000))));
                continue;
            }
            const std::int64_t id = below(3);
            if (!sequences.contains(id)) {
                const auto* producer = log_->producers().find(ProducerId(id));
                sequences[id] = producer ? producer->last_sequence() + 1 : 0;
            }
            batches.push_back(idempotent_batch(id, 0, sequences[id], values));
            sequences[id] += static_cast<std::int32_t>(values.size());
        }
        for (Bytes& batch : batches) requests.push_back({batch, {}});
        if (below(10) == 0) ++epoch_;
        ASSERT_TRUE(log_->append(requests, LeaderEpoch(epoch_), Timestamp(1000)));
        for (std::size_t i = 0; i < batches.size(); ++i) {
            ASSERT_EQ(requests[i].outcome.error, ErrorCode::none);
            written_[requests[i].outcome.base_offset] = batches[i];
        }
        written_end_ = log_->end_offset();
    }

    void flush_log() {
        const FlushTicket ticket = log_->begin_flush();
        if (below(3) == 0) append();  // while the flush is on its way
        if (below(8) == 0) {          // by one syncfs, as when many logs wait
            ASSERT_TRUE(ticket.prepare_file_system_flush(storage_));
            ASSERT_TRUE(storage_.flush_file_system("/data"));
        } else {
            ASSERT_TRUE(ticket.run(storage_));
        }
        log_->finish_flush(ticket);
        flushed_ = std::max(flushed_, ticket.upto.offset);
        EXPECT_EQ(log_->recovery_point(), flushed_);
    }

    void store_recovery_point() {
        const CheckpointEntry entry{partition, log_->recovery_point()};
        ASSERT_TRUE(dir_->store_recovery_points({&entry, 1}));
    }

    void store_log_start() {
        const CheckpointEntry entry{partition, log_->log_start_offset()};
        ASSERT_TRUE(dir_->store_log_start_offsets({&entry, 1}));
        deleted_ = log_->log_start_offset();
    }

    void delete_records() {
        // Up to the high watermark, which counts what is flushed.
        const std::int64_t room = flushed_ - log_->log_start_offset();
        if (room <= 0) return;
        const Offset offset = log_->log_start_offset() + 1 + below(static_cast<int>(room));
        deleting_ = std::max(deleting_, offset);
        ASSERT_TRUE(log_->delete_records_before(offset));
        if (below(2) == 0) store_log_start();
        ++tally_.deleted;
    }

    void retain() {
        LogConfig config = config_;
        config.retention_bytes = 1000 + below(3000);
        log_->update_config(config);
        auto removed = log_->apply_retention(Timestamp(1000), flushed_);
        log_->update_config(config_);
        ASSERT_TRUE(removed);
        deleting_ = std::max(deleting_, log_->log_start_offset());
        flushed_ = std::max(flushed_, log_->log_start_offset());
        if (removed->empty()) return;
        store_log_start();
        ASSERT_TRUE(removed->rename_to_deleted(storage_));
        if (below(2) == 0) ASSERT_TRUE(removed->erase(storage_));
        ++tally_.deleted;
    }

    void stop() {
        ASSERT_TRUE(log_->close());
        flushed_ = log_->end_offset();
        store_recovery_point();
        store_log_start();
        ASSERT_TRUE(dir_->store_clean_shutdown(-1));
        log_.reset();
        dir_.reset();
        if (below(2) == 0) cut();
    }

    void cut() {
        storage_.power_cut(random_());
        ++tally_.power_cuts;
    }

    void forget_from(Offset end) {
        written_.erase(written_.lower_bound(end), written_.end());
        written_end_ = end;
    }

    std::mt19937_64 random_;
    Tally& tally_;
    FakeStorage storage_;
    LogConfig config_;
    Uuid topic_id_{{std::byte{1}, std::byte{2}}};
    std::unique_ptr<LogDir> dir_;
    std::unique_ptr<PartitionLog> log_;

    std::map<Offset, Bytes> written_;  // by base offset, as it lies in the log
    Offset written_end_{0};
    Offset flushed_{0};   // below it everything is acknowledged
    Offset deleted_{0};   // below it everything is gone for good
    Offset deleting_{0};  // below it things may be gone
    int values_ = 0;
    int epoch_ = 0;
};

// Sanitizers make a life ten times as long; their builds look for other faults.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MAMBA_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MAMBA_SANITIZED
#endif
#endif
#ifdef MAMBA_SANITIZED
constexpr std::uint64_t seeds_by_default = 1000;
#else
constexpr std::uint64_t seeds_by_default = 10'000;
#endif

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(PowerCut, NothingAcknowledgedIsLost) {
    const std::uint64_t first = number_from_environment("MAMBA_POWER_CUT_FIRST_SEED", 1);
    const std::uint64_t count = number_from_environment("MAMBA_POWER_CUT_SEEDS", seeds_by_default);
    Tally tally;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Life(seed, tally).run();
        if (HasFailure()) break;
    }
    if (count >= 1000) {
        EXPECT_GT(tally.power_cuts, static_cast<int>(count));
        EXPECT_GT(tally.cut_tails, static_cast<int>(count / 10));
        EXPECT_GT(tally.lost_unflushed, static_cast<int>(count / 10));
        EXPECT_GT(tally.rolled, static_cast<int>(count / 10));
        EXPECT_GT(tally.deleted, static_cast<int>(count / 10));
    }
}

// The positive control: the same lives on a disk whose flushes do nothing must lose something, or
// the test above would not notice a flush that is missing.
TEST(PowerCut, ALostFlushIsNoticed) {
    int lost = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        FakeStorage storage;
        {
            auto log = open_log(storage);
            for (int i = 0; i < 5; ++i) append_one(*log, batch_of({std::to_string(i)}));
            log->finish_flush(log->begin_flush());  // the ticket was never run
            EXPECT_EQ(log->recovery_point(), Offset(5));
        }
        storage.power_cut(seed);
        lost += open_log(storage)->end_offset() < Offset(5) ? 1 : 0;
    }
    EXPECT_GT(lost, 50);
}

}  // namespace
}  // namespace mamba::log
