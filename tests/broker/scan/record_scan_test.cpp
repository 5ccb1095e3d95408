#include "broker/scan/record_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "broker/scan/scan_cursor.h"
#include "log/transaction_index.h"
#include "tests/broker/scan/scan_topic.h"

namespace mamba::broker {
namespace {

using NewRecord = ScanTopic::NewRecord;

// A clock that stands still unless a test moves it.
struct Clock {
    Instant now{};
    RecordScan::ClockFunction function() {
        return [this] { return now; };
    }
};

struct Found {
    std::vector<ScannedRecord> records;
    std::vector<ScanWarning> warnings;
    std::optional<ScanEnd> end;
};

// Steps until the scan ends or waits.
Found run(RecordScan& scan) {
    Found found;
    for (int steps = 0; steps < 100'000; ++steps) {
        RecordScan::Step step = scan.step();
        std::ranges::move(step.records, std::back_inserter(found.records));
        std::ranges::move(step.warnings, std::back_inserter(found.warnings));
        found.end = step.end;
        if (step.end || step.waiting) return found;
    }
    ADD_FAILURE() << "the scan does not end";
    return found;
}

std::vector<std::int64_t> offsets_of(const std::vector<ScannedRecord>& records) {
    std::vector<std::int64_t> offsets;
    for (const ScannedRecord& record : records) offsets.push_back(record.offset.value);
    return offsets;
}

class RecordScanTest : public testing::Test {
protected:
    // `count` records in batches of `per_batch`, values "0", "1" ..., a millisecond apart from 1000 on.
    void fill(int count, int per_batch, const log::LogConfig& config = {}, protocol::BatchOptions options = {},
              std::int64_t first_time = 1000) {
        topic_.begin_partition(config);
        for (int i = 0; i < count;) {
            std::vector<NewRecord> records;
            for (int k = 0; k < per_batch && i < count; ++k, ++i) {
                records.push_back({.timestamp = Timestamp(first_time + i), .key = "k" + std::to_string(i % 3),
                                   .value = std::to_string(i)});
            }
            topic_.put(options, records);
        }
        topic_.finish();
    }
    std::unique_ptr<RecordScan> scan(ScanRequest request) {
        return RecordScan::start(std::move(request), topic_.partitions(), clock_.function());
    }
    std::vector<std::int64_t> offsets(ScanRequest request) {
        return offsets_of(run(*scan(std::move(request))).records);
    }
    void append(std::size_t partition, const std::string& value) {
        protocol::RecordBatchBuilder builder{protocol::BatchOptions{}};
        builder.append(Timestamp(5000), std::nullopt, as_bytes(value));
        Bytes batch = builder.build();
        log::AppendRequest append{batch, {}};
        ASSERT_TRUE(topic_.partition(partition).append(std::span(&append, 1), Timestamp(5000)));
    }

    ScanTopic topic_;
    Clock clock_;
};

TEST_F(RecordScanTest, RangesAreWhatFromAndToSay) {
    using Offsets = std::vector<std::int64_t>;
    fill(10, 3);
    const auto with = [](ScanFrom from, ScanTo to = scan_to::End{}, ScanOrder order = ScanOrder::oldest_first) {
        return ScanRequest{.from = std::move(from), .to = std::move(to), .order = order, .filter = {}, .preview = {}};
    };
    const PartitionIndex p(0);
    EXPECT_EQ(offsets(with(scan_from::Beginning{})), (Offsets{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    EXPECT_EQ(offsets(with(scan_from::Newest{4})), (Offsets{6, 7, 8, 9}));
    EXPECT_EQ(offsets(with(scan_from::Newest{99})).size(), 10U);
    EXPECT_EQ(offsets(with(scan_from::Newest{4}, scan_to::End{}, ScanOrder::newest_first)), (Offsets{9, 8, 7, 6}));
    EXPECT_EQ(offsets(with(scan_from::Offsets{{{p, Offset(7)}}})), (Offsets{7, 8, 9}));
    EXPECT_EQ(offsets(with(scan_from::Offsets{{{p, Offset(-5)}}})).size(), 10U);
    EXPECT_EQ(offsets(with(scan_from::Offsets{{{p, Offset(99)}}})), Offsets{});
    EXPECT_EQ(offsets(with(scan_from::Time{Timestamp(1008)})), (Offsets{8, 9}));
    EXPECT_EQ(offsets(with(scan_from::Time{Timestamp(2000)})), Offsets{});
    EXPECT_EQ(offsets(with(scan_from::Live{})), Offsets{});
    EXPECT_EQ(offsets(with(scan_from::Beginning{}, scan_to::Offsets{{{p, Offset(2)}}})), (Offsets{0, 1}));
    EXPECT_EQ(offsets(with(scan_from::Time{Timestamp(1003)}, scan_to::Time{Timestamp(1006)})), (Offsets{3, 4, 5}));
    EXPECT_EQ(offsets(with(scan_from::Time{Timestamp(1006)}, scan_to::Time{Timestamp(1003)})), Offsets{});
    EXPECT_EQ(offsets(with(scan_from::Offsets{{{p, Offset(2)}}}, scan_to::Offsets{{{p, Offset(5)}}},
                           ScanOrder::newest_first)),
              (Offsets{4, 3, 2}));
}

TEST_F(RecordScanTest, PartitionsAreMergedByTime) {
    fill(6, 2, {}, {}, 1000);  // 1000-1001, 1002-1003, 1004-1005
    fill(2, 1, {}, {}, 1003);  // 1003, 1004
    const auto order_of = [this](ScanOrder order) {
        std::vector<std::pair<int, std::int64_t>> order_seen;
        ScanRequest request{.order = order, .filter = {}, .preview = {}};
        for (const ScannedRecord& record : run(*scan(std::move(request))).records) {
            order_seen.emplace_back(record.partition.value, record.offset.value);
        }
        return order_seen;
    };
    using Order = std::vector<std::pair<int, std::int64_t>>;
    EXPECT_EQ(order_of(ScanOrder::oldest_first),
              (Order{{0, 0}, {0, 1}, {0, 2}, {0, 3}, {1, 0}, {0, 4}, {0, 5}, {1, 1}}));
    EXPECT_EQ(order_of(ScanOrder::newest_first),
              (Order{{0, 5}, {0, 4}, {1, 1}, {0, 3}, {0, 2}, {1, 0}, {0, 1}, {0, 0}}));
}

TEST_F(RecordScanTest, ARecordTellsOfItsBatch) {
    topic_.begin_partition();
    topic_.put({.codec = protocol::CompressionType::lz4,
                .producer_id = ProducerId(4001),
                .producer_epoch = ProducerEpoch(2),
                .base_sequence = 120},
               {{.timestamp = Timestamp(1234),
                 .key = "a",
                 .value = std::string(2000, 'v'),
                 .headers = {{"h", "x"}, {"n", std::nullopt}}},
                {.timestamp = Timestamp(1235), .value = "\xFF\xFE"}});
    topic_.finish();
    const Found found = run(*scan({.filter = {}, .preview = {.bytes = 100}}));
    ASSERT_EQ(found.records.size(), 2U);
    const ScannedRecord& first = found.records[0];
    EXPECT_EQ(first.timestamp, Timestamp(1234));
    EXPECT_EQ(first.key, (BytesPreview{.is_utf8 = true, .size = 1, .bytes = "a"}));
    EXPECT_EQ(first.value,
              (BytesPreview{.is_utf8 = true, .is_cut = true, .size = 2000, .bytes = std::string(100, 'v')}));
    ASSERT_EQ(first.headers.size(), 2U);
    EXPECT_EQ(first.headers[0].name.bytes, "h");
    EXPECT_EQ(first.headers[0].value.bytes, "x");
    EXPECT_TRUE(first.headers[1].value.is_null);
    EXPECT_TRUE(found.records[1].key.is_null);
    EXPECT_FALSE(found.records[1].value.is_utf8);
    EXPECT_EQ(found.records[1].value.bytes, "\xFF\xFE");
    const BatchFacts& batch = *first.batch;
    EXPECT_EQ(found.records[1].batch, first.batch);
    EXPECT_EQ(batch.base_offset, Offset(0));
    EXPECT_EQ(batch.last_offset, Offset(1));
    EXPECT_EQ(batch.record_count, 2);
    EXPECT_EQ(batch.codec, protocol::CompressionType::lz4);
    EXPECT_EQ(batch.producer_id, ProducerId(4001));
    EXPECT_EQ(batch.producer_epoch, ProducerEpoch(2));
    EXPECT_EQ(batch.base_sequence, 120);
    EXPECT_EQ(batch.leader_epoch, LeaderEpoch(3));
    EXPECT_TRUE(batch.crc_is_right());
    EXPECT_LT(batch.bytes, 1000U);
    EXPECT_GT(batch.plain_bytes, 2000U);
}

TEST_F(RecordScanTest, LimitStopsWithinABatchAndTheCursorGoesOn) {
    fill(10, 10);
    for (const ScanOrder order : {ScanOrder::oldest_first, ScanOrder::newest_first}) {
        const ScanRequest request{.order = order, .limit = 4, .filter = {}, .preview = {}};
        auto running = scan(request);
        Found found = run(*running);
        EXPECT_EQ(found.end, ScanEnd::limit);
        EXPECT_EQ(running->step().end, ScanEnd::limit);
        std::vector<std::int64_t> all = offsets_of(found.records);
        EXPECT_EQ(all.size(), 4U);
        for (int i = 0; i < 2; ++i) {
            running = RecordScan::resume(request, running->cursor(), topic_.partitions(), clock_.function());
            found = run(*running);
            std::ranges::copy(offsets_of(found.records), std::back_inserter(all));
        }
        EXPECT_EQ(found.end, ScanEnd::end);
        if (order == ScanOrder::newest_first) std::ranges::reverse(all);
        EXPECT_EQ(all, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
        EXPECT_TRUE(running->cursor().ranges.empty());
    }
}

TEST_F(RecordScanTest, BudgetsStopAndTheCursorGoesOn) {
    fill(30, 3);
    ScanRequest request{.filter = {}, .preview = {}, .budget = {.bytes = 1}};
    auto running = scan(request);
    const Found first = run(*running);
    EXPECT_EQ(first.end, ScanEnd::budget);
    EXPECT_EQ(offsets_of(first.records), (std::vector<std::int64_t>{0, 1, 2}));
    request.budget = {.time = Duration::zero(), .bytes = 1'000'000};
    running = RecordScan::resume(request, running->cursor(), topic_.partitions(), clock_.function());
    const Found second = run(*running);
    EXPECT_EQ(second.end, ScanEnd::budget);
    EXPECT_GE(second.records.size(), 1U);
    EXPECT_EQ(second.records.front().offset, Offset(3));
}

TEST_F(RecordScanTest, ACancelledScanIsOver) {
    fill(30, 3);
    auto running = scan({.filter = {}, .preview = {}});
    running->cancel();
    EXPECT_EQ(running->step().end, ScanEnd::cancelled);
    EXPECT_EQ(running->cursor().ranges, (std::vector{ScanRange{PartitionIndex(0), Offset(0), Offset(30)}}));
}

TEST_F(RecordScanTest, ProgressCounts) {
    fill(30, 3);
    ScanRequest request{.filter = *RecordFilter::make({.value = FilterTest{.text = "7"}}), .preview = {}};
    auto running = scan(std::move(request));
    EXPECT_EQ(running->ranges(), (std::vector{ScanRange{PartitionIndex(0), Offset(0), Offset(30)}}));
    EXPECT_EQ(offsets_of(run(*running).records), (std::vector<std::int64_t>{7, 17, 27}));
    const ScanProgress progress = running->progress();
    EXPECT_EQ(progress.scanned, 30);
    EXPECT_EQ(progress.matched, 3);
    EXPECT_EQ(progress.upper_bound, 30);
    EXPECT_EQ(progress.bytes, topic_.partition(0).size_bytes());
    EXPECT_EQ(progress.partitions, 1U);
    EXPECT_EQ(progress.partitions_done, 1U);
}

TEST_F(RecordScanTest, LiveWaitsForWhatIsNewAndIsTold) {
    class News final : public ReadListener {
    public:
        void on_news() override { ++told; }
        int told = 0;
    };
    fill(3, 3);
    fill(0, 1);
    const auto news = std::make_shared<News>();
    auto running = scan({.from = scan_from::Live{}, .to = scan_to::Never{}, .filter = {}, .preview = {}});
    EXPECT_TRUE(running->step().waiting);
    EXPECT_TRUE(running->await_news(news));
    append(1, "new");
    EXPECT_EQ(news->told, 1);
    EXPECT_FALSE(running->await_news(news));
    const Found found = run(*running);
    EXPECT_FALSE(found.end);
    ASSERT_EQ(found.records.size(), 1U);
    EXPECT_EQ(found.records[0].partition, PartitionIndex(1));
    EXPECT_EQ(found.records[0].value.bytes, "new");
    append(0, "more");
    EXPECT_EQ(run(*running).records.at(0).offset, Offset(3));
    // A cursor of a live scan is live too.
    running = RecordScan::resume({.filter = {}, .preview = {}}, running->cursor(), topic_.partitions(),
                                 clock_.function());
    EXPECT_TRUE(running->step().waiting);
    append(0, "again");
    EXPECT_EQ(run(*running).records.at(0).offset, Offset(4));
}

TEST_F(RecordScanTest, WhatIsNotCommittedIsNotShown) {
    topic_.begin_partition();
    topic_.put({}, {{.value = "a"}});
    topic_.finish(true);
    append(0, "not flushed");
    EXPECT_EQ(offsets({.filter = {}, .preview = {}}), (std::vector<std::int64_t>{0}));
    auto live = scan({.to = scan_to::Never{}, .filter = {}, .preview = {}});
    EXPECT_EQ(run(*live).records.size(), 1U);
    EXPECT_FALSE(read_record(topic_.partitions()[0], Offset(1)));
}

TEST_F(RecordScanTest, TransactionsAreShownByIsolation) {
    topic_.begin_partition();
    const protocol::BatchOptions transaction{.producer_id = ProducerId(7),
                                             .producer_epoch = ProducerEpoch(0),
                                             .base_sequence = 0,
                                             .is_transactional = true};
    topic_.put(transaction, {{.value = "0"}, {.value = "1"}});
    topic_.put_marker(7, 0, true);
    topic_.put({}, {{.value = "3"}});
    protocol::BatchOptions open = transaction;
    open.base_sequence = 2;
    topic_.put(open, {{.value = "4"}});
    topic_.put({}, {{.value = "5"}});
    topic_.finish();
    const auto request = [](ScanIsolation isolation, ScanOrder order) {
        return ScanRequest{.order = order, .isolation = isolation, .filter = {}, .preview = {}};
    };
    using Offsets = std::vector<std::int64_t>;
    EXPECT_EQ(offsets(request(ScanIsolation::read_committed, ScanOrder::oldest_first)), (Offsets{0, 1, 3}));
    EXPECT_EQ(offsets(request(ScanIsolation::read_committed, ScanOrder::newest_first)), (Offsets{3, 1, 0}));
    EXPECT_EQ(offsets(request(ScanIsolation::read_uncommitted, ScanOrder::oldest_first)),
              (Offsets{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(offsets(request(ScanIsolation::read_uncommitted, ScanOrder::newest_first)),
              (Offsets{5, 4, 3, 2, 1, 0}));
    const Found found = run(*scan(request(ScanIsolation::read_uncommitted, ScanOrder::oldest_first)));
    EXPECT_TRUE(found.records[2].batch->is_control);
    EXPECT_TRUE(found.records[0].batch->is_transactional);
}

TEST_F(RecordScanTest, RecordsOfAbortedTransactionsAreMarked) {
    topic_.begin_partition();
    protocol::BatchOptions transaction{.producer_id = ProducerId(7),
                                       .producer_epoch = ProducerEpoch(0),
                                       .base_sequence = 0,
                                       .is_transactional = true};
    topic_.put(transaction, {{.value = "0"}, {.value = "1"}});
    topic_.put_marker(7, 0, false);
    transaction.base_sequence = 2;
    topic_.put(transaction, {{.value = "3"}});
    topic_.put_marker(7, 0, true);
    topic_.finish();
    Bytes entry(log::transaction_index_entry_bytes);
    protocol::store_be(entry.data() + 2, std::int64_t{7});
    protocol::store_be(entry.data() + 18, std::int64_t{2});
    protocol::store_be(entry.data() + 26, std::int64_t{3});
    topic_.storage().put(ScanTopic::directory(0) + "/00000000000000000000.txnindex", entry);
    for (const ScanIsolation isolation : {ScanIsolation::read_committed, ScanIsolation::read_uncommitted}) {
        std::vector<std::int64_t> aborted;
        for (const ScannedRecord& record : run(*scan({.isolation = isolation, .filter = {}, .preview = {}})).records) {
            if (record.is_aborted) aborted.push_back(record.offset.value);
        }
        EXPECT_EQ(aborted, (std::vector<std::int64_t>{0, 1}));
    }
    EXPECT_TRUE(read_record(topic_.partitions()[0], Offset(1))->is_aborted);
    EXPECT_FALSE(read_record(topic_.partitions()[0], Offset(3))->is_aborted);
}

TEST_F(RecordScanTest, APartitionThatFailsIsAWarningAndTheOthersGoOn) {
    fill(30, 3);
    fill(30, 3);
    topic_.partition(0).fail(ErrorCode::kafka_storage_error);
    Found found = run(*scan({.filter = {}, .preview = {}}));
    EXPECT_EQ(found.records.size(), 30U);
    ASSERT_EQ(found.warnings.size(), 1U);
    EXPECT_EQ(found.warnings[0].partition, PartitionIndex(0));
    EXPECT_EQ(found.warnings[0].code, ErrorCode::kafka_storage_error);
    EXPECT_EQ(found.end, ScanEnd::end);
    // The same when it fails on the way.
    auto running = scan({.to = scan_to::Never{}, .limit = 1000, .filter = {}, .preview = {}});
    (void)run(*running);
    topic_.partition(1).fail(ErrorCode::unknown_topic_or_partition);
    found = run(*running);
    ASSERT_EQ(found.end, ScanEnd::end);
    EXPECT_EQ(found.warnings.at(0).code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(RecordScanTest, DamageIsAWarningInEitherOrder) {
    for (int i = 0; i < 3; ++i) fill(30, 3);
    // In the second partition a batch's records, in the third a batch's header.
    const auto damage = [this](int partition, int batch, std::size_t at, std::byte to) {
        Bytes& file = *topic_.storage().content(ScanTopic::directory(partition) + "/00000000000000000000.log");
        protocol::BatchCursor cursor(file);
        for (int i = 0; i < batch; ++i) ASSERT_TRUE(cursor.next());
        file[cursor.position() + at] = to;
    };
    damage(1, 4, protocol::batch_field::records, std::byte{0x7F});
    damage(2, 4, protocol::batch_field::magic, std::byte{9});
    for (const ScanOrder order : {ScanOrder::oldest_first, ScanOrder::newest_first}) {
        const Found found = run(*scan({.order = order, .filter = {}, .preview = {}}));
        EXPECT_EQ(found.end, ScanEnd::end);
        EXPECT_EQ(found.warnings.size(), 3U);  // of the second: that its checksum is wrong, and what follows of it
        const auto in = [&found](int partition) {
            return std::ranges::count(found.records, PartitionIndex(partition), &ScannedRecord::partition);
        };
        EXPECT_EQ(in(0), 30);
        EXPECT_EQ(in(1), 27);
        // Backwards the batches of a piece are found from its start.
        EXPECT_EQ(in(2), order == ScanOrder::oldest_first ? 12 : 0);
    }
    // A flipped bit that no codec notices is shown, and told.
    fill(3, 3);
    Bytes& file = *topic_.storage().content(ScanTopic::directory(3) + "/00000000000000000000.log");
    file[file.size() - 2] = std::byte{'X'};  // the last record's value
    const auto record = read_record(topic_.partitions()[3], Offset(1));
    ASSERT_TRUE(record);
    EXPECT_FALSE(record->batch->crc_is_right());
}

// Whatever a byte of a log becomes, a scan ends, gives no record twice, and what is missing is told.
TEST_F(RecordScanTest, AnyDamageEndsInWarnings) {
    std::mt19937_64 random(7);
    log::LogConfig config;
    config.segment_bytes = 3000;
    config.index_interval_bytes = 300;
    fill(60, 3, config);
    fill(60, 4, config, {.codec = protocol::CompressionType::lz4});
    std::vector<std::string> files;
    for (const std::string& name : topic_.storage().files()) {
        if (name.ends_with(".log") || name.ends_with(".index")) files.push_back(name);
    }
    for (int i = 0; i < 2000; ++i) {
        const std::string& name = files[random() % files.size()];
        Bytes& file = *topic_.storage().content(name);
        if (file.empty()) continue;
        const std::size_t at = random() % file.size();
        const std::byte before = file[at];
        file[at] = before ^ static_cast<std::byte>(1U << random() % 8);
        for (const ScanOrder order : {ScanOrder::oldest_first, ScanOrder::newest_first}) {
            const Found found = run(*scan({.order = order, .limit = 1000, .filter = {}, .preview = {}}));
            EXPECT_EQ(found.end, ScanEnd::end);
            EXPECT_LE(found.records.size(), 120U);
            if (found.records.size() < 120) {
                EXPECT_FALSE(found.warnings.empty()) << name << " at " << at << ", order " << static_cast<int>(order);
            }
        }
        file[at] = before;
    }
    EXPECT_EQ(run(*scan({.limit = 1000, .filter = {}, .preview = {}})).records.size(), 120U);
}

TEST_F(RecordScanTest, ABombIsLeftOut) {
    topic_.begin_partition();
    topic_.put({.codec = protocol::CompressionType::zstd}, {{.value = std::string(65 << 20, 'x')}});
    topic_.put({}, {{.value = "small"}});
    topic_.finish();
    const Found found = run(*scan({.filter = {}, .preview = {}}));
    EXPECT_EQ(offsets_of(found.records), (std::vector<std::int64_t>{1}));
    ASSERT_EQ(found.warnings.size(), 1U);
    EXPECT_TRUE(found.warnings[0].message.contains("67108864 bytes")) << found.warnings[0].message;
}

TEST_F(RecordScanTest, AnExpressionThatTakesTooLongEndsTheScan) {
    fill(2000, 100);
    Instant now{};
    ScanRequest request{.limit = 10'000, .filter = *RecordFilter::make({.expression = "offset >= 0"}), .preview = {}};
    // Every look at the clock takes two milliseconds.
    const auto running = RecordScan::start(std::move(request), topic_.partitions(),
                                           [&now] { return now += std::chrono::milliseconds(2); });
    const Found found = run(*running);
    EXPECT_EQ(found.end, ScanEnd::too_slow);
    ASSERT_EQ(found.warnings.size(), 1U);
    EXPECT_TRUE(found.warnings[0].message.contains("offset")) << found.warnings[0].message;
    EXPECT_LT(found.records.size(), 200U);
}

TEST_F(RecordScanTest, RecordsDeletedMeanwhileAreNotShown) {
    fill(2000, 1);
    ScanRequest request{.limit = 10'000, .filter = {}, .preview = {}};
    auto running = scan(request);
    const std::size_t first = running->step().records.size();
    ASSERT_LT(first, 1500U);
    ASSERT_TRUE(topic_.partition(0).delete_records_before(Offset(1900)));
    const Found found = run(*RecordScan::resume(request, running->cursor(), topic_.partitions(), clock_.function()));
    EXPECT_EQ(found.records.size(), 100U);
    EXPECT_EQ(found.records.front().offset, Offset(1900));
}

TEST_F(RecordScanTest, OneRecordIsReadWhole) {
    topic_.begin_partition();
    const std::string large(300'000, 'v');
    topic_.put({}, {{.value = "a"}});
    topic_.put({.codec = protocol::CompressionType::gzip},
               {{.value = "b"}, {.value = large, .headers = {{"h", large}}, .gap = 5}});
    topic_.finish();
    const auto record = read_record(topic_.partitions()[0], Offset(7));
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_EQ(record->value.bytes, large);
    EXPECT_FALSE(record->value.is_cut);
    EXPECT_EQ(record->headers.at(0).value.bytes, large);
    EXPECT_EQ(read_record(topic_.partitions()[0], Offset(3)).error().code, ErrorCode::invalid_record);
    EXPECT_EQ(read_record(topic_.partitions()[0], Offset(8)).error().code, ErrorCode::offset_out_of_range);
    EXPECT_EQ(read_record(topic_.partitions()[0], Offset(-1)).error().code, ErrorCode::offset_out_of_range);
}

TEST_F(RecordScanTest, LargeBatchesPassInEitherOrder) {
    topic_.begin_partition();
    for (int i = 0; i < 6; ++i) topic_.put({}, {{.value = std::string(i % 2 == 0 ? 700'000 : 10, 'v')}});
    topic_.finish();
    EXPECT_EQ(offsets({.filter = {}, .preview = {}}), (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(offsets({.order = ScanOrder::newest_first, .filter = {}, .preview = {}}),
              (std::vector<std::int64_t>{5, 4, 3, 2, 1, 0}));
}

// ---- against a plain loop over what was written

struct NamedFilter {
    FilterSpec spec;
    std::function<bool(const WrittenRecord&)> passes;
};

std::vector<NamedFilter> filters() {
    const auto has_header = [](const WrittenRecord& record, std::string_view name, std::string_view value) {
        return std::ranges::any_of(record.headers,
                                   [&](const auto& header) { return header.first == name && header.second == value; });
    };
    using Op = FilterOperator;
    return {
        {{}, [](const auto&) { return true; }},
        {{.value = FilterTest{.text = "needle"}}, [](const auto& r) { return r.value && r.value->contains("needle"); }},
        {{.value = FilterTest{.text = "needle", .negated = true}},
         [](const auto& r) { return !r.value || !r.value->contains("needle"); }},
        {{.key = FilterTest{Op::equals, "key-3"}}, [](const auto& r) { return r.key == "key-3"; }},
        {{.key = FilterTest{Op::is_null, ""}, .value = FilterTest{Op::is_null, "", true}},
         [](const auto& r) { return !r.key && r.value; }},
        {{.key = FilterTest{Op::regex, "[1-4]$"}},
         [](const auto& r) { return r.key && r.key->back() >= '1' && r.key->back() <= '4'; }},
        {{.value = FilterTest{Op::starts_with, R"({"n":7)"}},
         [](const auto& r) { return r.value && r.value->starts_with(R"({"n":7)"); }},
        {{.headers = {{"type", {Op::equals, "rare"}}}}, [=](const auto& r) { return has_header(r, "type", "rare"); }},
        {{.headers = {{"type", {Op::equals, "rare", true}}, {"nil", {Op::is_null, ""}}}},
         [=](const auto& r) { return !has_header(r, "type", "rare"); }},
        {{.expression = R"(value.n >= 90 && headers["type"] == "common" || key == "key-1" && tombstone)"},
         [=](const auto& r) {
             const int n = r.value ? std::stoi(r.value->substr(5)) : 0;
             return (n >= 90 && has_header(r, "type", "common")) || (r.key == "key-1" && !r.value);
         }},
        {{.value = FilterTest{.text = "needle"}, .expression = "codec != 'none' && value.n < 50"},
         [](const auto& r) {
             return r.value && r.value->contains("needle") && r.codec != protocol::CompressionType::none &&
                    std::stoi(r.value->substr(5)) < 50;
         }},
    };
}

class RecordScanProperty : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RecordScanProperty, EveryMatchIsGivenOnceOverAnyStops) {
    std::mt19937_64 random(GetParam());
    const auto below = [&random](std::uint64_t bound) { return static_cast<std::int64_t>(random() % bound); };
    ScanTopic topic;
    fill_at_random(topic, random);
    std::map<PartitionIndex, std::pair<Offset, Offset>> bounds;
    for (const auto& partition : topic.partitions()) {
        if (below(5) == 0 && partition->high_watermark() > Offset(0)) {
            const auto end = static_cast<std::uint64_t>(partition->high_watermark().value);
            ASSERT_TRUE(partition->delete_records_before(Offset(below(end))));
        }
        bounds[partition->name().partition] = {partition->log_start_offset(), partition->high_watermark()};
    }
    const ScanCursors cursors({});

    for (const NamedFilter& filter : filters()) {
        ScanRequest request;
        request.order = below(2) == 0 ? ScanOrder::oldest_first : ScanOrder::newest_first;
        request.isolation = below(2) == 0 ? ScanIsolation::read_committed : ScanIsolation::read_uncommitted;
        request.filter = *RecordFilter::make(filter.spec);
        request.preview = PreviewSize::everything();
        auto wanted = bounds;
        if (below(2) == 0) {
            scan_from::Offsets from;
            scan_to::Offsets to;
            for (auto& [partition, range] : wanted) {
                const auto end = static_cast<std::uint64_t>(range.second.value + 1);
                from.offsets[partition] = Offset(below(end));
                to.offsets[partition] = Offset(below(end));
                range = {std::max(range.first, from.offsets[partition]), to.offsets[partition]};
            }
            request.from = from;
            request.to = to;
        }
        std::map<std::pair<PartitionIndex, Offset>, const WrittenRecord*> expected;
        for (const WrittenRecord& record : topic.written()) {
            const auto& [low, high] = wanted[record.partition];
            const bool hidden = record.control && request.isolation == ScanIsolation::read_committed;
            if (record.offset >= low && record.offset < high && !hidden && filter.passes(record)) {
                expected[{record.partition, record.offset}] = &record;
            }
        }

        // Time goes on in jumps, so that steps end anywhere; not with an expression, which would be too slow.
        Instant now{};
        const auto clock = [&] {
            if (filter.spec.expression.empty() && below(3) == 0) now += std::chrono::milliseconds(below(30));
            return now;
        };
        std::map<PartitionIndex, Offset> last;
        std::unique_ptr<RecordScan> scan;
        std::size_t stops = 0;
        for (std::optional<ScanEnd> end; end != ScanEnd::end; ++stops) {
            ASSERT_LT(stops, 100'000U) << "it does not end";
            request.limit = below(2) == 0 ? 1 + below(20) : 1'000'000;
            request.budget.bytes = below(2) == 0 ? below(5000) : 1 << 30;
            request.budget.time = below(4) == 0 ? Duration::zero() : std::chrono::hours(1);
            if (scan) {
                const std::string token = cursors.seal(scan->cursor(), Uuid(), filter.spec);
                const auto cursor = cursors.open(token, Uuid(), filter.spec);
                ASSERT_TRUE(cursor) << cursor.error();
                ASSERT_EQ(*cursor, scan->cursor());
                scan = RecordScan::resume(request, *cursor, topic.partitions(), clock);
            } else {
                scan = RecordScan::start(request, topic.partitions(), clock);
            }
            const Found found = run(*scan);
            end = found.end;
            ASSERT_TRUE(found.warnings.empty()) << found.warnings[0].message;
            for (const ScannedRecord& record : found.records) {
                const auto place = expected.find({record.partition, record.offset});
                ASSERT_NE(place, expected.end()) << "not wanted, or given twice: " << record.partition.value << " "
                                                 << record.offset.value;
                const WrittenRecord& written = *place->second;
                EXPECT_EQ(record.timestamp, written.timestamp);
                EXPECT_EQ(record.key.is_null, !written.key);
                EXPECT_EQ(record.key.bytes, written.key.value_or(""));
                EXPECT_EQ(record.value.bytes, written.value.value_or(""));
                EXPECT_EQ(record.headers.size(), written.headers.size());
                EXPECT_EQ(record.batch->base_offset, written.batch);
                EXPECT_EQ(record.batch->codec, written.codec);
                EXPECT_TRUE(record.batch->crc_is_right());
                if (last.contains(record.partition)) {
                    EXPECT_EQ(record.offset > last[record.partition], request.order == ScanOrder::oldest_first);
                }
                last[record.partition] = record.offset;
                expected.erase(place);
            }
        }
        if (!expected.empty()) {
            const auto& [partition, offset] = expected.begin()->first;
            ADD_FAILURE() << expected.size() << " are missing, the first: " << partition.value << " " << offset.value;
        }
        if (testing::Test::HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RecordScanProperty, testing::Range<std::uint64_t>(1, 61));

}  // namespace
}  // namespace mamba::broker
