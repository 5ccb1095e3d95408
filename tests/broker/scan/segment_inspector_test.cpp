#include "broker/scan/segment_inspector.h"

#include <gtest/gtest.h>

#include "log/segment_files.h"
#include "tests/broker/scan/scan_topic.h"

namespace mamba::broker {
namespace {

using NewRecord = ScanTopic::NewRecord;

class SegmentInspector : public testing::Test {
protected:
    // 40 batches of two records, 100 ms apart, in segments of about eight batches.
    SegmentInspector() {
        log::LogConfig config;
        config.segment_bytes = 2000;
        config.index_interval_bytes = 400;
        topic_.begin_partition(config);
        for (int i = 0; i < 40; ++i) {
            const std::string value(60, static_cast<char>('a' + i % 26));
            topic_.put({.codec = i % 5 == 0 ? protocol::CompressionType::zstd : protocol::CompressionType::none},
                       {{.timestamp = Timestamp(1000 + 100 * i), .value = value},
                        {.timestamp = Timestamp(1050 + 100 * i), .value = value}});
        }
        topic_.finish();
    }
    Partition& partition() { return topic_.partition(0); }
    std::vector<SegmentSummary> segments() { return list_segments(partition())->segments; }
    Bytes& file(Offset base, std::string_view suffix) {
        return *topic_.storage().content(ScanTopic::directory(0) + "/" + log::offset_file_name(base, suffix));
    }
    SegmentVerification::Report verify(Offset base) {
        auto verification = SegmentVerification::start(partition(), base);
        EXPECT_TRUE(verification);
        while (verification->step()) {
        }
        return verification->report();
    }

    ScanTopic topic_;
};

TEST_F(SegmentInspector, SegmentsAreListed) {
    const auto listed = list_segments(partition());
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->log_start, Offset(0));
    EXPECT_EQ(listed->log_end, Offset(80));
    EXPECT_EQ(listed->high_watermark, Offset(80));
    EXPECT_EQ(listed->last_stable, Offset(80));
    const auto& all = listed->segments;
    ASSERT_GT(all.size(), 3U);
    EXPECT_EQ(all.front().file, "00000000000000000000.log");
    EXPECT_EQ(all.front().first_timestamp, Timestamp(1000));
    EXPECT_EQ(all.back().end_offset, Offset(80));
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].is_active, i + 1 == all.size());
        if (i > 0) {
            EXPECT_EQ(all[i].base_offset, all[i - 1].end_offset);
        }
        EXPECT_EQ(all[i].first_timestamp, Timestamp(1000 + 50 * all[i].base_offset.value));
        EXPECT_EQ(all[i].largest_timestamp, Timestamp(1000 + 50 * (all[i].end_offset.value - 1)));
        EXPECT_EQ(all[i].offset_index_entries,
                  static_cast<std::int32_t>(file(all[i].base_offset, log::suffix::offset_index).size() / 8));
        bytes += all[i].bytes;
    }
    EXPECT_GT(all.front().offset_index_entries, 1);
    EXPECT_GT(all.front().time_index_entries, 1);
    EXPECT_EQ(bytes, partition().size_bytes());
}

TEST_F(SegmentInspector, BatchesComePageByPage) {
    std::vector<Offset> bases;
    for (const SegmentSummary& segment : segments()) {
        std::int64_t position = 0;
        std::optional<Offset> from = Offset(0);
        while (from) {
            const auto page = list_batches(partition(), segment.base_offset, *from, 3);
            ASSERT_TRUE(page);
            EXPECT_LE(page->batches.size(), 3U);
            EXPECT_EQ(page->damage, "");
            for (const InspectedBatch& batch : page->batches) {
                bases.push_back(batch.facts.base_offset);
                EXPECT_EQ(batch.segment_base, segment.base_offset);
                EXPECT_EQ(batch.position, position);
                EXPECT_TRUE(batch.facts.crc_is_right());
                EXPECT_EQ(batch.facts.record_count, 2);
                position += static_cast<std::int64_t>(batch.facts.bytes);
            }
            from = page->next;
        }
        EXPECT_EQ(position, segment.bytes);
    }
    ASSERT_EQ(bases.size(), 40U);
    for (std::size_t i = 0; i < bases.size(); ++i) EXPECT_EQ(bases[i], Offset(static_cast<std::int64_t>(2 * i)));
    // From within a batch, behind the segment, and a segment that is not there.
    EXPECT_EQ(list_batches(partition(), Offset(0), Offset(3), 1)->batches.at(0).facts.base_offset, Offset(2));
    EXPECT_TRUE(list_batches(partition(), Offset(0), Offset(79), 9)->batches.empty());
    EXPECT_EQ(list_batches(partition(), Offset(1), Offset(1), 9).error().code, ErrorCode::offset_out_of_range);
}

TEST_F(SegmentInspector, RecordsOfABatchComePageByPage) {
    const auto first = list_records(topic_.partitions()[0], Offset(21), 0, 1, {.bytes = 10});
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->batch.facts.base_offset, Offset(20));
    EXPECT_EQ(first->batch.facts.codec, protocol::CompressionType::zstd);
    const auto page = list_batches(partition(), first->batch.segment_base, Offset(20), 1);
    EXPECT_EQ(page->batches.at(0).position, first->batch.position);
    ASSERT_EQ(first->records.size(), 1U);
    EXPECT_EQ(first->records[0].offset, Offset(20));
    EXPECT_EQ(first->records[0].value.bytes, std::string(10, 'k'));
    EXPECT_EQ(first->next, 1U);
    const auto second = list_records(topic_.partitions()[0], Offset(21), 1, 9, {});
    ASSERT_EQ(second->records.size(), 1U);
    EXPECT_EQ(second->records[0].offset, Offset(21));
    EXPECT_EQ(second->next, std::nullopt);
    EXPECT_EQ(list_records(topic_.partitions()[0], Offset(80), 0, 9, {}).error().code, ErrorCode::offset_out_of_range);
}

TEST_F(SegmentInspector, ASoundSegmentHasNoProblems) {
    std::int64_t records = 0;
    for (const SegmentSummary& segment : segments()) {
        const auto report = verify(segment.base_offset);
        EXPECT_EQ(report.problem_count, 0) << report.problems.at(0).message;
        EXPECT_EQ(report.bytes, segment.bytes);
        EXPECT_EQ(report.bytes_total, segment.bytes);
        records += report.records;
    }
    EXPECT_EQ(records, 80);
    EXPECT_FALSE(SegmentVerification::start(partition(), Offset(1)));
}

TEST_F(SegmentInspector, EveryFlippedByteOfASegmentIsAProblem) {
    const Offset base = segments()[1].base_offset;
    Bytes& bytes = file(base, log::suffix::log);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const std::byte before = bytes[at];
        // The leader epoch is under no checksum.
        protocol::BatchCursor cursor(bytes);
        std::size_t start = 0;
        while (cursor.position() <= at) {
            start = cursor.position();
            ASSERT_TRUE(cursor.next());
        }
        const std::size_t field = at - start;
        if (field >= protocol::batch_field::partition_leader_epoch && field < protocol::batch_field::magic) continue;
        bytes[at] = before ^ std::byte{0x04};
        EXPECT_GT(verify(base).problem_count, 0) << at << " field " << field;
        bytes[at] = before;
    }
    EXPECT_EQ(verify(base).problem_count, 0);
}

TEST_F(SegmentInspector, WrongIndexEntriesAreProblems) {
    const Offset base = segments()[1].base_offset;
    for (const std::string_view suffix : {log::suffix::offset_index, log::suffix::time_index}) {
        Bytes& bytes = file(base, suffix);
        ASSERT_GT(bytes.size(), 0U);
        const std::byte before = bytes.back();
        bytes.back() = before ^ std::byte{0x40};
        EXPECT_EQ(verify(base).problem_count, 1) << suffix;
        bytes.back() = before;
    }
    // A time that no record has.
    Bytes& times = file(base, log::suffix::time_index);
    times[7] = times[7] ^ std::byte{1};
    EXPECT_EQ(verify(base).problem_count, 1);
}

TEST_F(SegmentInspector, DamageEndsAPageWithASentence) {
    const Offset base = segments()[1].base_offset;
    const auto whole = list_batches(partition(), base, base, 100);
    file(base, log::suffix::log)[static_cast<std::size_t>(whole->batches.at(3).position) +
                                 protocol::batch_field::magic] = std::byte{7};
    const auto page = list_batches(partition(), base, base, 100);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->batches.size(), 3U);
    EXPECT_NE(page->damage, "");
    EXPECT_FALSE(page->next);
}

}  // namespace
}  // namespace mamba::broker
