#include "log/partition_log.h"

#include <gtest/gtest.h>

#include "log/batch_scanner.h"
#include "log/checkpoint_files.h"
#include "log/segment_files.h"
#include "log_batches.h"

namespace mamba::log {
namespace {

LogConfig small_segments() {
    LogConfig config;
    config.segment_bytes = 1000;
    config.index_interval_bytes = 150;
    return config;
}

PartitionLog::OpenOptions after_clean_stop() {
    return {.clean_shutdown = true};
}

std::string value(int i) {
    return "value-" + std::to_string(i) + std::string(60, 'x');
}

void append_many(PartitionLog& log, int from, int to) {
    for (int i = from; i < to; ++i) {
        ASSERT_EQ(append_one(log, batch_of({value(i)}, Timestamp(1000 + i))).base_offset,
                  Offset(i));
    }
}

TEST(PartitionLog, AssignsOffsetsAndLeaderEpochInPlace) {
    FakeStorage storage;
    auto log = open_log(storage);
    EXPECT_EQ(append_one(*log, batch_of({"a", "b"}), LeaderEpoch(3)).base_offset, Offset(0));
    const AppendOutcome second = append_one(*log, batch_of({"c"}), LeaderEpoch(4));
    EXPECT_EQ(second.base_offset, Offset(2));
    EXPECT_EQ(second.last_offset, Offset(2));
    EXPECT_EQ(log->end_offset(), Offset(3));
    const auto batches = batches_from(*log, Offset(0));
    ASSERT_EQ(batches.size(), 2U);
    const auto view = protocol::RecordBatchView::parse(batches[1]);
    EXPECT_EQ(view->base_offset(), Offset(2));
    EXPECT_EQ(view->partition_leader_epoch(), LeaderEpoch(4));
    EXPECT_TRUE(view->crc_matches());
    EXPECT_EQ(log->end_offset_for_epoch(LeaderEpoch(3)).end_offset, Offset(2));
}

TEST(PartitionLog, WritesAllBatchesOfATurnAtOnce) {
    FakeStorage storage;
    auto log = open_log(storage);
    Bytes a = batch_of({"a"});
    Bytes b = batch_of({"b", "c"});
    Bytes c = batch_of({"d"});
    std::vector<AppendRequest> requests{{a, {}}, {b, {}}, {c, {}}};
    const auto before = storage.writes();
    ASSERT_TRUE(log->append(requests, LeaderEpoch(0), Timestamp(0)));
    EXPECT_EQ(storage.writes() - before, 1);
    EXPECT_EQ(requests[2].outcome.base_offset, Offset(3));
    EXPECT_EQ(batches_from(*log, Offset(0)).size(), 3U);
}

TEST(PartitionLog, AnswersADuplicateWithTheFirstOffsets) {
    FakeStorage storage;
    auto log = open_log(storage);
    EXPECT_EQ(append_one(*log, idempotent_batch(7, 0, 0, {"a", "b"})).base_offset, Offset(0));
    EXPECT_EQ(append_one(*log, idempotent_batch(7, 0, 2, {"c"})).base_offset, Offset(2));
    const AppendOutcome again = append_one(*log, idempotent_batch(7, 0, 0, {"a", "b"}));
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.error, ErrorCode::none);
    EXPECT_EQ(again.base_offset, Offset(0));
    EXPECT_EQ(again.last_offset, Offset(1));
    EXPECT_EQ(log->end_offset(), Offset(3));
    EXPECT_EQ(append_one(*log, idempotent_batch(7, 0, 9, {"z"})).error,
              ErrorCode::out_of_order_sequence_number);
    EXPECT_EQ(append_one(*log, idempotent_batch(7, 1, 0, {"n"})).base_offset, Offset(3));
    EXPECT_EQ(append_one(*log, idempotent_batch(7, 0, 3, {"o"})).error,
              ErrorCode::invalid_producer_epoch);
}

TEST(PartitionLog, RemembersProducersAfterAnyKindOfRestart) {
    for (const bool clean : {false, true}) {
        FakeStorage storage;
        {
            auto log = open_log(storage, small_segments());
            for (int i = 0; i < 20; ++i) append_one(*log, idempotent_batch(7, 0, i, {value(i)}));
            if (clean) EXPECT_TRUE(log->close());
        }
        auto log = open_log(storage, small_segments(), {.clean_shutdown = clean});
        EXPECT_EQ(log->end_offset(), Offset(20));
        EXPECT_EQ(log->recovery_report().ran, !clean);
        // All that a client can have in flight, though a snapshot knows the last batch only.
        for (int i = 15; i < 20; ++i) {
            const AppendOutcome again = append_one(*log, idempotent_batch(7, 0, i, {value(i)}));
            EXPECT_TRUE(again.duplicate) << i;
            EXPECT_EQ(again.base_offset, Offset(i));
        }
        EXPECT_EQ(append_one(*log, idempotent_batch(7, 0, 14, {value(14)})).error,
                  ErrorCode::out_of_order_sequence_number);
        EXPECT_EQ(append_one(*log, idempotent_batch(7, 0, 20, {value(20)})).base_offset,
                  Offset(20));
    }
}

TEST(PartitionLog, RollsBySizeAndReadsAcrossSegments) {
    FakeStorage storage;
    auto log = open_log(storage, small_segments());
    append_many(*log, 0, 40);
    EXPECT_GT(log->segments().size(), 3U);
    for (int from = 0; from < 40; ++from) {
        const auto read = log->reader().read(Offset(from), log->end_position(), 1U << 20, true);
        ASSERT_TRUE(read && read->slice.length > 0);
        const Bytes bytes = bytes_of(read->slice);
        EXPECT_EQ(protocol::RecordBatchView::parse(bytes)->base_offset(), Offset(from));
    }
    EXPECT_EQ(batches_from(*log, Offset(0)).size(), 40U);
}

TEST(PartitionLog, RollsByTimeOfTheRecords) {
    FakeStorage storage;
    LogConfig config;
    config.segment_ms = 100;
    auto log = open_log(storage, config);
    append_one(*log, batch_of({"a"}, Timestamp(1000)));
    append_one(*log, batch_of({"b"}, Timestamp(1050)));
    EXPECT_EQ(log->segments().size(), 1U);
    append_one(*log, batch_of({"c"}, Timestamp(1101)));
    EXPECT_EQ(log->segments().size(), 2U);
}

TEST(PartitionLog, RefusesABatchThatNoSegmentCanHold) {
    FakeStorage storage;
    auto log = open_log(storage, small_segments());
    EXPECT_EQ(append_one(*log, batch_of({std::string(2000, 'x')})).error,
              ErrorCode::record_list_too_large);
}

TEST(PartitionLog, BoundsAReadByTheLimitAndByBytes) {
    FakeStorage storage;
    auto log = open_log(storage);
    append_one(*log, batch_of({"a"}));
    const LogPosition limit = log->end_position();
    append_one(*log, batch_of({"b"}));
    EXPECT_EQ(log->reader().read(Offset(0), limit, 1U << 20, true)->slice.length,
              static_cast<std::size_t>(limit.position));
    EXPECT_EQ(log->reader().read(Offset(1), limit, 1U << 20, true)->slice.length, 0U);
    // A piece of a batch helps nobody; behind a whole one it is Kafka's way too.
    EXPECT_EQ(log->reader().read(Offset(0), log->end_position(), 5, false)->slice.length, 0U);
    EXPECT_EQ(log->reader()
                  .read(Offset(0), log->end_position(), static_cast<std::size_t>(limit.position) + 5, false)
                  ->slice.length,
              static_cast<std::size_t>(limit.position) + 5);
    EXPECT_EQ(log->reader().read(Offset(0), log->end_position(), 5, true)->slice.length,
              static_cast<std::size_t>(limit.position));
    EXPECT_EQ(log->reader().read(Offset(3), limit, 5, true).error().kind, ErrorKind::out_of_range);
}

// From any end, the batches below it come in pieces of one segment each, without a gap.
TEST(PartitionLog, ReadsBackwards) {
    FakeStorage storage;
    auto log = open_log(storage, small_segments());
    for (int i = 0; i < 40; i += 2) append_one(*log, batch_of({value(i), value(i + 1)}));
    const auto base_offsets_before = [&log](Offset end, std::size_t bytes) {
        std::vector<std::int64_t> offsets;
        while (end > Offset(0)) {
            const auto read = log->reader().read_before(end, bytes);
            EXPECT_TRUE(read);
            if (!read || read->slice.length == 0) break;
            EXPECT_LE(read->slice.length, std::max<std::size_t>(bytes, 1) + 600);
            const Bytes batches = bytes_of(read->slice);
            protocol::BatchCursor cursor(batches);
            std::vector<std::int64_t> piece;
            for (auto batch = cursor.next(); batch; batch = cursor.next()) {
                EXPECT_LT(batch->base_offset(), end);
                piece.push_back(batch->base_offset().value);
            }
            EXPECT_EQ(cursor.position(), batches.size());
            offsets.insert(offsets.end(), piece.rbegin(), piece.rend());
            end = Offset(piece.front());
        }
        return offsets;
    };
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{500}, std::size_t{100'000}}) {
        for (std::int64_t end = 0; end <= 40; ++end) {
            std::vector<std::int64_t> expected;
            for (std::int64_t base = (end - 1) / 2 * 2; base >= 0 && end > 0; base -= 2) expected.push_back(base);
            EXPECT_EQ(base_offsets_before(Offset(end), bytes), expected) << end << " " << bytes;
        }
    }
    ASSERT_TRUE(log->delete_records_before(Offset(20)));
    EXPECT_EQ(log->reader().read_before(Offset(20), 500)->slice.length, 0U);
}

TEST(PartitionLog, ReadsWithADamagedIndex) {
    FakeStorage storage;
    {
        auto log = open_log(storage, small_segments());
        append_many(*log, 0, 30);
        ASSERT_TRUE(log->close());
    }
    for (const std::string& path : storage.files()) {
        if (!path.ends_with(".index")) continue;
        for (std::byte& byte : *storage.content(path)) byte ^= std::byte{0x15};
    }
    auto log = open_log(storage, small_segments(), after_clean_stop());
    ASSERT_EQ(log->end_offset(), Offset(30));
    for (int from = 0; from < 30; ++from) {
        const auto read = log->reader().read(Offset(from), log->end_position(), 1U << 20, true);
        ASSERT_TRUE(read && read->slice.length > 0);
        EXPECT_EQ(read->base_offset, Offset(from));
    }
}

TEST(PartitionLog, MakesMissingIndexesAnew) {
    FakeStorage storage;
    {
        auto log = open_log(storage, small_segments());
        append_many(*log, 0, 30);
        ASSERT_TRUE(log->close());
    }
    std::vector<Bytes> before;
    for (const std::string& path : storage.files()) {
        if (!path.ends_with("index")) continue;
        before.push_back(*storage.content(path));
        ASSERT_TRUE(storage.remove(path));
    }
    auto log = open_log(storage, small_segments(), after_clean_stop());
    EXPECT_EQ(log->end_offset(), Offset(30));
    std::vector<Bytes> after;
    for (const std::string& path : storage.files()) {
        if (path.ends_with("index")) after.push_back(*storage.content(path));
    }
    EXPECT_EQ(after, before);
}

TEST(PartitionLog, FindsOffsetsByTimestamp) {
    FakeStorage storage;
    auto log = open_log(storage, small_segments());
    append_many(*log, 0, 30);  // at 1000 + offset
    for (int i = 0; i < 30; ++i) {
        const auto found = log->reader().offset_for_timestamp(Timestamp(1000 + i));
        ASSERT_TRUE(found && *found);
        EXPECT_EQ((*found)->offset, Offset(i));
        EXPECT_EQ((*found)->timestamp, Timestamp(1000 + i));
    }
    EXPECT_EQ((*log->reader().offset_for_timestamp(Timestamp(0)))->offset, Offset(0));
    EXPECT_FALSE((*log->reader().offset_for_timestamp(Timestamp(1030))).has_value());
    EXPECT_EQ((*log->reader().max_timestamp_offset())->offset, Offset(29));
}

TEST(PartitionLog, DeletesByTimeSizeAndLogStart) {
    FakeStorage storage;
    LogConfig config = small_segments();
    auto log = open_log(storage, config);
    append_many(*log, 0, 40);
    const std::size_t segments = log->segments().size();

    config.retention_ms = 10'000;
    log->update_config(config);
    EXPECT_TRUE(log->apply_retention(Timestamp(1100), Offset(40))->empty());

    const Offset second = log->segments()[1].base_offset;
    ASSERT_TRUE(*log->delete_records_before(second + 1));
    auto removed = log->apply_retention(Timestamp(1100), Offset(40));
    ASSERT_TRUE(removed);
    EXPECT_EQ(removed->segment_count, 1U);
    EXPECT_EQ(log->log_start_offset(), second + 1);
    EXPECT_EQ(log->reader().read(Offset(0), log->end_position(), 100, true).error().kind,
              ErrorKind::out_of_range);
    ASSERT_TRUE(removed->rename_to_deleted(storage));
    ASSERT_TRUE(removed->erase(storage));

    config.retention_bytes = 1500;
    log->update_config(config);
    EXPECT_GT(log->apply_retention(Timestamp(1100), Offset(40))->segment_count, 0U);
    EXPECT_LT(log->segments().size(), segments - 1);
    EXPECT_GE(log->size_bytes(), 1500 - 1000);

    // Nothing at or above the high watermark goes, however old.
    const Offset start = log->log_start_offset();
    EXPECT_TRUE(log->apply_retention(Timestamp(1'000'000), start)->empty());
    EXPECT_GT(log->apply_retention(Timestamp(1'000'000), Offset(40))->segment_count, 0U);
    EXPECT_EQ(log->log_start_offset(), Offset(40));
    EXPECT_EQ(log->end_offset(), Offset(40));
    EXPECT_EQ(append_one(*log, batch_of({"next"})).base_offset, Offset(40));
}

// What time has taken out counts no more when size is looked at.
TEST(PartitionLog, DeletesNoMoreBySizeThanIsLeftAfterTime) {
    FakeStorage storage;
    LogConfig config = small_segments();
    auto log = open_log(storage, config);
    append_many(*log, 0, 40);
    const auto segments = log->segments();
    ASSERT_GT(segments.size(), 3U);
    config.retention_ms = 10;
    config.retention_bytes = log->size_bytes() - segments[0].size;
    log->update_config(config);
    const Timestamp now = segments[0].max_timestamp + 11;
    EXPECT_EQ(log->apply_retention(now, Offset(40))->segment_count, 1U);
}

TEST(PartitionLog, TruncatesToABatch) {
    FakeStorage storage;
    auto log = open_log(storage, small_segments());
    for (int i = 0; i < 30; ++i)
        append_one(*log, idempotent_batch(7, 0, i, {value(i)}), LeaderEpoch(i / 10));
    ASSERT_TRUE(flush(*log, storage));
    ASSERT_TRUE(log->truncate_to(Offset(13), Timestamp(0)));
    EXPECT_EQ(log->end_offset(), Offset(13));
    EXPECT_EQ(log->recovery_point(), Offset(13));
    EXPECT_EQ(log->latest_epoch(), LeaderEpoch(1));
    EXPECT_EQ(batches_from(*log, Offset(0)).size(), 13U);
    EXPECT_EQ(append_one(*log, idempotent_batch(7, 0, 13, {"again"})).base_offset, Offset(13));
}

TEST(PartitionLog, CutsATornTailAndKeepsTheRest) {
    FakeStorage storage;
    {
        auto log = open_log(storage);
        append_many(*log, 0, 10);
    }
    Bytes& bytes = *storage.content(std::string(log_path) + "/00000000000000000000.log");
    bytes.resize(bytes.size() - 5);
    auto log = open_log(storage);
    EXPECT_EQ(log->end_offset(), Offset(9));
    EXPECT_GT(log->recovery_report().bytes_cut, 0);
    log.reset();
    EXPECT_EQ(open_log(storage)->recovery_report().bytes_cut, 0);
}

TEST(PartitionLog, LeavesDamageBelowTheRecoveryPointForARepair) {
    FakeStorage storage;
    {
        auto log = open_log(storage);
        append_many(*log, 0, 10);
    }
    Bytes& bytes = *storage.content(std::string(log_path) + "/00000000000000000000.log");
    bytes[bytes.size() / 2] ^= std::byte{1};
    const Bytes before = bytes;
    const auto opened =
        PartitionLog::open(storage, std::string(log_path), {"topic", PartitionIndex(0)}, {},
                           {.recovery_point = Offset(10), .now = Timestamp(0)});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
    EXPECT_EQ(*storage.content(std::string(log_path) + "/00000000000000000000.log"), before);
}

// Of thirty records, with the files of its second segment gone. Its segments, that one included.
std::vector<PartitionLog::SegmentInfo> make_log_without_second_segment(FakeStorage& storage) {
    auto log = open_log(storage, small_segments());
    append_many(*log, 0, 30);
    auto segments = log->segments();
    EXPECT_GE(segments.size(), 4U);
    EXPECT_TRUE(log->close());
    for (const std::string& file : files_of_segment(std::string(log_path), segments[1].base_offset))
        EXPECT_TRUE(storage.remove(file));
    return segments;
}

TEST(PartitionLog, TellsOfASegmentThatIsMissing) {
    FakeStorage storage;
    const auto segments = make_log_without_second_segment(storage);
    const Offset gone = segments[1].base_offset;
    const Offset next = segments[2].base_offset;
    PartitionLog::OpenOptions clean = after_clean_stop();
    clean.recovery_point = Offset(30);
    PartitionLog::OpenOptions killed = clean;
    killed.clean_shutdown = false;
    for (const PartitionLog::OpenOptions& options : {clean, killed}) {
        const std::size_t files = storage.files().size();
        const auto log = PartitionLog::open(storage, std::string(log_path),
                                            {"topic", PartitionIndex(0)}, small_segments(), options);
        ASSERT_FALSE(log);
        EXPECT_EQ(log.error().kind, ErrorKind::corrupt);
        EXPECT_NE(log.error().message.find("from offset " + std::to_string(gone.value) + " to " +
                                           std::to_string(next.value - 1)),
                  std::string::npos)
            << log.error().message;
        EXPECT_EQ(storage.files().size(), files);  // nothing is deleted
    }
    // The cleaner takes out whole segments.
    LogConfig compacted = small_segments();
    compacted.cleanup_compact = true;
    EXPECT_EQ(open_log(storage, compacted, clean)->end_offset(), Offset(30));
}

// A topic that is no longer compacted keeps the gaps of the time when it was.
TEST(PartitionLog, TakesGapsAsTheyAreWhereCompactionHasBeen) {
    FakeStorage storage;
    const auto segments = make_log_without_second_segment(storage);
    // Without its first batch, the segment after the gap begins later than its name says.
    const std::string path = files_of_segment(std::string(log_path), segments[2].base_offset).front();
    ASSERT_TRUE(path.ends_with(".log")) << path;
    Bytes& bytes = *storage.content(path);
    const auto first = BatchHeader::decode(bytes, 0);
    ASSERT_TRUE(first);
    ASSERT_LT(static_cast<std::size_t>(first->size), bytes.size());
    bytes.erase(bytes.begin(), bytes.begin() + first->size);
    PartitionLog::OpenOptions options = after_clean_stop();
    options.recovery_point = Offset(30);
    const auto log = open_log(storage, small_segments(), options);
    EXPECT_EQ(log->end_offset(), Offset(30));
    EXPECT_EQ(log->segments().size(), segments.size() - 1);
}

TEST(PartitionLog, TellsOfASealedSegmentThatIsCutShort) {
    FakeStorage storage;
    {
        auto log = open_log(storage, small_segments());
        append_many(*log, 0, 30);
        ASSERT_TRUE(log->close());
    }
    Bytes& first = *storage.content(std::string(log_path) + "/00000000000000000000.log");
    for (const std::size_t size : {first.size() - 1, first.size() / 2, std::size_t{0}}) {
        first.resize(size);
        PartitionLog::OpenOptions options = after_clean_stop();
        options.recovery_point = Offset(30);
        const auto log = PartitionLog::open(storage, std::string(log_path),
                                            {"topic", PartitionIndex(0)}, small_segments(), options);
        ASSERT_FALSE(log) << size;
        EXPECT_EQ(log.error().kind, ErrorKind::corrupt);
    }
}

TEST(PartitionLog, ReadsTheSameWithAndWithoutWaiting) {
    FakeStorage storage;
    auto log = open_log(storage, small_segments());
    append_many(*log, 0, 30);
    LogReader reader = log->reader();
    const auto first = reader.read(Offset(0), log->end_position(), 1U << 20, true);
    ASSERT_TRUE(first);
    for (int round = 0; round < 2; ++round) {
        for (int from = 0; from < 30; ++from) {
            for (const std::size_t bytes : {5U, 200U, 100'000U}) {
                const auto cached = log->read_cached(Offset(from), log->end_position(), bytes, true);
                if (!cached) {
                    EXPECT_EQ(round, 0);
                    EXPECT_EQ(cached.error().kind, ErrorKind::would_block);
                    continue;
                }
                const auto read = reader.read(Offset(from), log->end_position(), bytes, true);
                ASSERT_TRUE(read);
                EXPECT_EQ(cached->slice.position, read->slice.position);
                EXPECT_EQ(reader.position_of(Offset(from))->position, read->slice.position);
                EXPECT_EQ(bytes_of(cached->slice), bytes_of(read->slice));
            }
        }
        log->adopt(reader);
        if (round == 0) log->release_idle_files();  // all are in use: none is closed
    }
}

TEST(PartitionLog, KeepsTheTopicIdInItsFolder) {
    FakeStorage storage;
    Uuid id;
    id.bytes[3] = std::byte{9};
    open_log(storage, {}, {.topic_id = id});
    EXPECT_EQ(open_log(storage)->topic_id(), id);
    Uuid other;
    const auto opened =
        PartitionLog::open(storage, std::string(log_path), {"topic", PartitionIndex(0)}, {},
                           {.now = Timestamp(0), .topic_id = other});
    EXPECT_FALSE(opened);
}

TEST(PartitionLog, FinishesSwapsAndForgetsUnfinishedCleaning) {
    FakeStorage storage;
    {
        auto log = open_log(storage, small_segments());
        append_many(*log, 0, 30);
        ASSERT_TRUE(log->close());
    }
    const std::string first = std::string(log_path) + "/00000000000000000000.log";
    const Bytes whole = *storage.content(first);
    storage.put(first + ".swap", whole);
    storage.put(std::string(log_path) + "/00000000000000000010.log.cleaned", whole);
    storage.put(std::string(log_path) + "/00000000000000000010.log.swap", whole);
    storage.put(std::string(log_path) + "/00000000000000000003.log.deleted", whole);
    auto log = open_log(storage, small_segments());
    EXPECT_EQ(log->end_offset(), Offset(30));
    EXPECT_EQ(batches_from(*log, Offset(0)).size(), 30U);
    for (const std::string& path : storage.files()) {
        EXPECT_FALSE(path.ends_with(".swap") || path.ends_with(".cleaned") ||
                     path.ends_with(".deleted"))
            << path;
    }
}

// ---- a disk that is full or fails

TEST(PartitionLog, GoesOnAfterAFullDisk) {
    FakeStorage storage;
    auto log = open_log(storage, small_segments());
    append_many(*log, 0, 5);
    storage.set_capacity(storage.used_bytes() + 40);
    EXPECT_EQ(append_one(*log, idempotent_batch(7, 0, 0, {value(5)})).error,
              ErrorCode::kafka_storage_error);
    EXPECT_EQ(log->end_offset(), Offset(5));
    EXPECT_FALSE(log->failed());
    EXPECT_EQ(batches_from(*log, Offset(0)).size(), 5U);
    storage.set_capacity(1'000'000);
    EXPECT_EQ(append_one(*log, idempotent_batch(7, 0, 0, {value(5)})).base_offset, Offset(5));
    EXPECT_EQ(batches_from(*log, Offset(0)).size(), 6U);
    append_many(*log, 6, 30);
    log.reset();
    EXPECT_EQ(open_log(storage, small_segments())->end_offset(), Offset(30));
}

TEST(PartitionLog, StoresNothingHalfAtAnyPlaceWhereTheDiskIsFull) {
    for (std::int64_t room = 0; room < 600; room += 7) {
        FakeStorage storage;
        auto log = open_log(storage, small_segments());
        append_many(*log, 0, 8);
        storage.set_capacity(storage.used_bytes() + room);
        for (int i = 0; i < 10; ++i) append_one(*log, idempotent_batch(7, 0, i, {value(i)}));
        const Offset end = log->end_offset();
        EXPECT_EQ(batches_from(*log, Offset(0)).size(), static_cast<std::size_t>(end.value));
        storage.set_capacity(1'000'000);
        EXPECT_EQ(append_one(*log, batch_of({"last"})).base_offset, end);
        log.reset();
        log = open_log(storage, small_segments());
        EXPECT_EQ(log->end_offset(), end + 1);
        EXPECT_EQ(log->recovery_report().bytes_cut, 0);
    }
}

TEST(PartitionLog, TakesNothingMoreAfterAFailedWrite) {
    FakeStorage storage;
    auto log = open_log(storage);
    append_many(*log, 0, 3);
    storage.fail_writes_after(0);
    EXPECT_EQ(append_one(*log, batch_of({"x"})).error, ErrorCode::kafka_storage_error);
    EXPECT_TRUE(log->failed());
    storage.heal();
    EXPECT_EQ(append_one(*log, batch_of({"x"})).error, ErrorCode::kafka_storage_error);
    EXPECT_EQ(batches_from(*log, Offset(0)).size(), 3U);
    log.reset();
    EXPECT_EQ(open_log(storage)->end_offset(), Offset(3));
}

TEST(PartitionLog, FlushesNothingMoreAfterAFailedFlush) {
    FakeStorage storage;
    auto log = open_log(storage);
    append_many(*log, 0, 3);
    storage.fail_flushes_after(0);
    EXPECT_FALSE(flush(*log, storage));
    storage.heal();
    EXPECT_FALSE(log->finish_flush(log->begin_flush()));
    EXPECT_EQ(log->recovery_point(), Offset(0));
}

}  // namespace
}  // namespace mamba::log
