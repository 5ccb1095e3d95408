#include "broker/partition.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/log/fake_storage.h"
#include "tests/log/log_batches.h"

namespace mamba::broker {
namespace {

class Commits final : public CommitListener {
public:
    void on_commit(std::uint32_t tag, ErrorCode code) override { told.emplace_back(tag, code); }
    std::vector<std::pair<std::uint32_t, ErrorCode>> told;
};

class News final : public ReadListener {
public:
    void on_news() override { ++told; }
    int told = 0;
};

// The flusher has stopped: the test takes its part, so that each step happens when the test says so.
class PartitionTest : public testing::Test {
protected:
    PartitionTest() {
        flusher_.stop();
        partition_ = std::make_shared<Partition>(TopicPartition{"topic", PartitionIndex(0)}, Uuid(), LeaderEpoch(2),
                                                 log::open_log(storage_), PartitionSettings(), flusher_);
    }
    log::AppendOutcome append(std::uint32_t tag) {
        Bytes batch = log::batch_of({"value"});
        log::AppendRequest request{batch, {}};
        CommitWait wait{commits_, tag};
        (void)partition_->append(std::span(&request, 1), Timestamp(1000), std::span(&wait, 1));
        return request.outcome;
    }
    void flush() {
        const log::FlushTicket ticket = partition_->begin_flush();
        if (const auto done = ticket.run(storage_); done) {
            partition_->flushed(ticket);
        } else {
            partition_->flush_failed(done.error());
        }
    }
    Partition::Read read(std::int64_t from) { return partition_->read(Offset(from), no_leader_epoch, 1 << 20, true); }

    log::FakeStorage storage_;
    Flusher flusher_{storage_, {.log_dir = "/data", .threads = 1, .on_round = {}, .on_failure = {}}};
    std::shared_ptr<Partition> partition_;
    std::shared_ptr<Commits> commits_ = std::make_shared<Commits>();
};

TEST_F(PartitionTest, OnlyWhatTheFlushHasConfirmedIsCommittedAndRead) {
    const auto news = std::make_shared<News>();
    ASSERT_TRUE(partition_->await_news(Offset(0), news));
    append(1);
    const log::FlushTicket ticket = partition_->begin_flush();
    append(2);  // after the flush began
    EXPECT_TRUE(commits_->told.empty());
    EXPECT_EQ(read(0).slice.length, 0U);
    ASSERT_TRUE(ticket.run(storage_));
    partition_->flushed(ticket);
    EXPECT_EQ(commits_->told, (std::vector<std::pair<std::uint32_t, ErrorCode>>{{1, ErrorCode::none}}));
    EXPECT_EQ(partition_->high_watermark(), Offset(1));
    EXPECT_EQ(news->told, 1);
    EXPECT_GT(read(0).slice.length, 0U);
    EXPECT_EQ(read(1).slice.length, 0U);
    EXPECT_EQ(read(1).error, ErrorCode::none);
    EXPECT_EQ(read(3).error, ErrorCode::offset_out_of_range);
    flush();
    EXPECT_EQ(commits_->told.size(), 2U);
}

// A repeat is counted once, as it is stored once.
TEST_F(PartitionTest, RecordsAreCountedByTheCodecThatTheyCameWith) {
    const auto append_batch = [&](Bytes batch) {
        log::AppendRequest request{batch, {}};
        ASSERT_TRUE(partition_->append(std::span(&request, 1), Timestamp(1000)));
        ASSERT_EQ(request.outcome.error, ErrorCode::none);
    };
    append_batch(log::batch_of({"a", "b", "c"}, Timestamp(1000), {.codec = protocol::CompressionType::lz4}));
    append_batch(log::idempotent_batch(7, 0, 0, {"a", "b"}));
    append_batch(log::idempotent_batch(7, 0, 0, {"a", "b"}));
    EXPECT_EQ(partition_->records_of(protocol::CompressionType::lz4), 3U);
    EXPECT_EQ(partition_->records_of(protocol::CompressionType::none), 2U);
    EXPECT_EQ(partition_->records_of(protocol::CompressionType::zstd), 0U);
    EXPECT_EQ(partition_->stats().records_in.get(), 5U);
}

TEST_F(PartitionTest, AFailedFlushAcknowledgesNothingEverAgain) {
    const auto news = std::make_shared<News>();
    append(1);
    flush();
    ASSERT_TRUE(partition_->await_news(Offset(1), news));
    append(2);
    storage_.fail_flushes_after(0);
    flush();
    EXPECT_EQ(commits_->told.back(), std::pair(2U, ErrorCode::kafka_storage_error));
    EXPECT_EQ(news->told, 1);
    storage_.heal();
    EXPECT_EQ(append(3).error, ErrorCode::kafka_storage_error);
    flush();
    EXPECT_EQ(commits_->told.size(), 2U);
    EXPECT_EQ(partition_->high_watermark(), Offset(1));
    EXPECT_EQ(read(0).error, ErrorCode::kafka_storage_error);
    EXPECT_FALSE(partition_->await_news(Offset(1), news));
}

TEST_F(PartitionTest, APartitionThatIsGoneHasNothingToFlush) {
    append(1);
    partition_->fail(ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(commits_->told.back(), std::pair(1U, ErrorCode::unknown_topic_or_partition));
    EXPECT_TRUE(partition_->begin_flush().empty());
    partition_->flushed({});
    EXPECT_EQ(partition_->high_watermark(), Offset(0));
}

TEST_F(PartitionTest, WithoutFlushingThePageCacheIsEnough) {
    append(1);
    PartitionSettings settings;
    settings.flush_on_acks_all = false;
    partition_->update_settings(settings);
    EXPECT_EQ(commits_->told.size(), 1U);
    append(2);
    EXPECT_EQ(commits_->told.size(), 2U);
    EXPECT_EQ(partition_->high_watermark(), Offset(2));
}

TEST_F(PartitionTest, AStopTellsWhoeverWaits) {
    append(1);
    EXPECT_TRUE(partition_->close());
    EXPECT_EQ(commits_->told.size(), 1U);
    EXPECT_EQ(append(2).error, ErrorCode::not_leader_or_follower);
}

TEST_F(PartitionTest, EpochsAreChecked) {
    EXPECT_EQ(partition_->check_epoch(no_leader_epoch), ErrorCode::none);
    EXPECT_EQ(partition_->check_epoch(LeaderEpoch(2)), ErrorCode::none);
    EXPECT_EQ(partition_->check_epoch(LeaderEpoch(1)), ErrorCode::fenced_leader_epoch);
    EXPECT_EQ(partition_->check_epoch(LeaderEpoch(3)), ErrorCode::unknown_leader_epoch);
}

TEST_F(PartitionTest, RecordsAreDeletedUpToTheHighWatermarkOnly) {
    append(1);
    append(2);
    EXPECT_EQ(partition_->delete_records_before(Offset(1)), std::unexpected(ErrorCode::offset_out_of_range));
    flush();
    EXPECT_EQ(partition_->delete_records_before(Offset(1)), Offset(1));
    EXPECT_EQ(partition_->delete_records_before(Offset(0)), Offset(1));
    EXPECT_EQ(partition_->delete_records_before(Offset(-1)), Offset(2));
    EXPECT_EQ(partition_->delete_records_before(Offset(-2)), std::unexpected(ErrorCode::offset_out_of_range));
}

// A sampler of all partitions must not wait for any.
TEST_F(PartitionTest, GaugesSayWhatTheLogHolds) {
    EXPECT_EQ(partition_->known_size(), 0);
    EXPECT_EQ(partition_->last_appended(), std::nullopt);
    append(1);
    append(2);
    append(3);
    flush();
    EXPECT_EQ(partition_->known_size(), partition_->size_bytes());
    EXPECT_GT(partition_->known_size(), 0);
    EXPECT_EQ(partition_->last_appended(), Timestamp(1000));
    EXPECT_EQ(partition_->known_log_start(), Offset(0));
    ASSERT_TRUE(partition_->delete_records_before(Offset(2)));
    EXPECT_EQ(partition_->known_log_start(), Offset(2));
}

TEST_F(PartitionTest, FlushTellsHowManyBytesCameSinceTheLast) {
    append(1);
    const log::FlushTicket first = partition_->begin_flush();
    EXPECT_EQ(first.bytes, static_cast<std::uint64_t>(partition_->known_size()));
    ASSERT_TRUE(first.run(storage_));
    partition_->flushed(first);
    append(2);
    append(3);
    EXPECT_EQ(partition_->begin_flush().bytes, 2 * first.bytes);
}

TEST_F(PartitionTest, TimestampOfAnOldRecordIsReadFromItsBatch) {
    append(1);
    flush();
    append(2);
    const auto at = partition_->timestamp_at(Offset(0));
    ASSERT_TRUE(at);
    EXPECT_EQ(*at, protocol::RecordBatchView::parse(log::batch_of({"value"}))->max_timestamp());
    EXPECT_FALSE(partition_->timestamp_at(Offset(1)));  // not committed
    EXPECT_FALSE(partition_->timestamp_at(Offset(7)));
}

// A disk that does not answer holds up whoever asks it, and nobody else.
TEST_F(PartitionTest, WaitsForTheDiskWithoutTheMutex) {
    log::LogConfig config;
    config.segment_bytes = 300;
    PartitionSettings settings{.log = config, .rules = {}, .flush_on_acks_all = false};
    partition_ = std::make_shared<Partition>(TopicPartition{"topic", PartitionIndex(0)}, Uuid(), LeaderEpoch(2),
                                             log::open_log(storage_, config), settings, flusher_);
    for (std::uint32_t i = 0; i < 20; ++i) append(i);
    for (int i = 0; i < 2; ++i) partition_->with_log([](log::PartitionLog& log) { log.release_idle_files(); });
    EXPECT_TRUE(partition_->read_cached(Offset(0), no_leader_epoch, 1 << 20, true).cold);

    std::promise<void> asked;
    std::promise<void> answers;
    storage_.on_read = [&, is_first = true](const std::string& path) mutable {
        if (!path.ends_with("00000000000000000000.log") || !std::exchange(is_first, false)) return;
        asked.set_value();
        answers.get_future().wait();
    };
    auto by_time = std::async(std::launch::async, [&] { return partition_->find_by_time(Timestamp(1000)); });
    asked.get_future().wait();
    auto others = std::async(std::launch::async, [&] {
        const Offset end = partition_->high_watermark();
        return append(99).error == ErrorCode::none &&
               partition_->read_cached(end, no_leader_epoch, 1 << 20, true).slice.length > 0;
    });
    const bool held_up = others.wait_for(std::chrono::seconds(20)) != std::future_status::ready;
    answers.set_value();
    EXPECT_FALSE(held_up);
    EXPECT_TRUE(others.get());
    EXPECT_EQ((*by_time.get())->offset, Offset(0));
    // What it has opened is kept: the next one need not wait.
    EXPECT_FALSE(partition_->read_cached(Offset(0), no_leader_epoch, 1 << 20, true).cold);
}

TEST_F(PartitionTest, AReadOfASegmentThatRetentionTakesOutMeanwhileIsOutOfRange) {
    log::LogConfig config;
    config.segment_bytes = 300;
    PartitionSettings settings{.log = config, .rules = {}, .flush_on_acks_all = false};
    partition_ = std::make_shared<Partition>(TopicPartition{"topic", PartitionIndex(0)}, Uuid(), LeaderEpoch(2),
                                             log::open_log(storage_, config), settings, flusher_);
    for (std::uint32_t i = 0; i < 20; ++i) append(i);
    for (int i = 0; i < 2; ++i) partition_->with_log([](log::PartitionLog& log) { log.release_idle_files(); });
    log::LogReader before = partition_->reader();
    ASSERT_TRUE(partition_->delete_records_before(Offset(19)));
    auto removed = partition_->apply_retention(Timestamp(1000));
    ASSERT_TRUE(removed && removed->rename_to_deleted(storage_));
    EXPECT_EQ(before.read(Offset(0), before.end_position(), 1 << 20, true).error().kind, log::ErrorKind::not_found);
    EXPECT_FALSE(storage_.exists(std::string(log::log_path) + "/00000000000000000000.index"));
    EXPECT_EQ(read(0).error, ErrorCode::offset_out_of_range);
    EXPECT_EQ(read(19).error, ErrorCode::none);
}

}  // namespace
}  // namespace mamba::broker
