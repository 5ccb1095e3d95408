#include "protocol/record_batch.h"

#include <gtest/gtest.h>

#include "protocol/record_batch_builder.h"
#include "tests/protocol/golden_batches.h"
#include "tests/protocol/test_bytes.h"

namespace mamba::protocol {
namespace {

Bytes two_records() {
    RecordBatchBuilder builder(
        {.base_offset = Offset{100}, .partition_leader_epoch = LeaderEpoch{5}});
    builder.append(Timestamp{1000}, as_bytes("k"), as_bytes("v"));
    builder.append(Timestamp{1500}, std::nullopt, as_bytes("w"));
    return builder.build();
}

TEST(RecordBatchView, ReadsTheHeaderThatJavaWrote) {
    const Bytes bytes = from_hex(golden::transactional);
    const auto batch = RecordBatchView::parse(bytes);
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->base_offset(), Offset{0});
    EXPECT_EQ(batch->size(), bytes.size());
    EXPECT_EQ(batch->partition_leader_epoch(), LeaderEpoch{7});
    EXPECT_TRUE(batch->crc_matches());
    EXPECT_EQ(batch->codec(), CompressionType::none);
    EXPECT_EQ(batch->timestamp_type(), TimestampType::create_time);
    EXPECT_TRUE(batch->is_transactional());
    EXPECT_FALSE(batch->is_control());
    EXPECT_EQ(batch->last_offset(), Offset{22});
    EXPECT_EQ(batch->base_timestamp(), Timestamp{1700000000000});
    EXPECT_EQ(batch->max_timestamp(), Timestamp{1700000001019});
    EXPECT_EQ(batch->producer_id(), ProducerId{4711});
    EXPECT_EQ(batch->producer_epoch(), ProducerEpoch{3});
    EXPECT_EQ(batch->base_sequence(), 42);
    EXPECT_EQ(batch->last_sequence(), 64);
    EXPECT_EQ(batch->record_count(), 23);
}

TEST(RecordBatchView, RefusesEveryTruncation) {
    const Bytes bytes = two_records();
    EXPECT_EQ(RecordBatchView::parse({}).error(), BatchError::end);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        EXPECT_EQ(RecordBatchView::parse(BytesView(bytes).first(size)).error(),
                  BatchError::truncated);
    }
}

TEST(RecordBatchView, RefusesLengthsThatHoldNoHeader) {
    Bytes bytes = two_records();
    for (const std::int32_t length : {-2147483647 - 1, -1, 0, 13, 14, 48}) {
        store_be(bytes.data() + batch_field::batch_length, length);
        EXPECT_EQ(RecordBatchView::parse(bytes).error(), BatchError::invalid_length) << length;
    }
    store_be(bytes.data() + batch_field::batch_length, std::int32_t{49});
    EXPECT_TRUE(RecordBatchView::parse(bytes));
    store_be(bytes.data() + batch_field::batch_length, std::int32_t{2147483647});
    EXPECT_EQ(RecordBatchView::parse(bytes).error(), BatchError::truncated);
}

TEST(RecordBatchView, TellsOldMessageSetsFromUnknownOnes) {
    Bytes bytes = two_records();
    bytes[batch_field::magic] = std::byte{1};
    EXPECT_EQ(RecordBatchView::parse(bytes).error(), BatchError::old_magic);
    bytes[batch_field::magic] = std::byte{0};
    EXPECT_EQ(RecordBatchView::parse(bytes).error(), BatchError::old_magic);
    bytes[batch_field::magic] = std::byte{3};
    EXPECT_EQ(RecordBatchView::parse(bytes).error(), BatchError::unknown_magic);
    bytes[batch_field::magic] = std::byte{0xff};
    EXPECT_EQ(RecordBatchView::parse(bytes).error(), BatchError::unknown_magic);
}

// Every byte from the attributes on is under the checksum; the ones before it are not.
TEST(RecordBatchView, ChecksumCoversAllFromTheAttributesOn) {
    const Bytes good = two_records();
    for (std::size_t i = 0; i < good.size(); ++i) {
        if (i >= batch_field::batch_length && i < batch_field::partition_leader_epoch) continue;
        if (i == batch_field::magic) continue;
        Bytes bytes = good;
        bytes[i] ^= std::byte{1};
        const auto batch = RecordBatchView::parse(bytes);
        ASSERT_TRUE(batch);
        EXPECT_EQ(batch->crc_matches(), i < batch_field::magic) << i;
    }
}

TEST(RecordBatchView, LastSequenceWrapsToZero) {
    RecordBatchBuilder builder({.producer_id = ProducerId{1},
                                .producer_epoch = ProducerEpoch{0},
                                .base_sequence = 2147483647});
    builder.append(Timestamp{1}, std::nullopt, std::nullopt);
    builder.append(Timestamp{1}, std::nullopt, std::nullopt);
    const Bytes bytes = builder.build();
    EXPECT_EQ(RecordBatchView::parse(bytes)->last_sequence(), 0);
}

TEST(RecordBatchView, PatchesOfOffsetAndEpochKeepTheChecksum) {
    Bytes bytes = two_records();
    patch_base_offset(bytes, Offset{1LL << 40});
    patch_leader_epoch(bytes, LeaderEpoch{9});
    const auto batch = RecordBatchView::parse(bytes);
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->base_offset(), Offset{1LL << 40});
    EXPECT_EQ(batch->last_offset(), Offset{(1LL << 40) + 1});
    EXPECT_EQ(batch->partition_leader_epoch(), LeaderEpoch{9});
    EXPECT_TRUE(batch->crc_matches());
}

TEST(RecordBatchView, LogAppendTimeIsEveryRecordsTime) {
    Bytes bytes = two_records();
    patch_timestamps(bytes, TimestampType::log_append_time, Timestamp{7777});
    auto batch = RecordBatchView::parse(bytes);
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->crc_matches());
    EXPECT_EQ(batch->timestamp_type(), TimestampType::log_append_time);
    EXPECT_EQ(batch->timestamp_of(500), Timestamp{7777});
    patch_timestamps(bytes, TimestampType::create_time, Timestamp{1500});
    EXPECT_EQ(bytes, two_records());
    EXPECT_EQ(RecordBatchView::parse(bytes)->timestamp_of(500), Timestamp{1500});
}

TEST(BatchCursor, WalksWholeBatchesAndStopsAtATornTail) {
    const Bytes one = two_records();
    Bytes log = one;
    log.insert(log.end(), one.begin(), one.end());
    for (std::size_t tail = 0; tail < one.size(); ++tail) {
        Bytes bytes = log;
        bytes.insert(bytes.end(), one.begin(), one.begin() + static_cast<std::ptrdiff_t>(tail));
        BatchCursor cursor(bytes);
        EXPECT_TRUE(cursor.next());
        EXPECT_TRUE(cursor.next());
        const BatchError stop = tail == 0 ? BatchError::end : BatchError::truncated;
        EXPECT_EQ(cursor.next().error(), stop);
        EXPECT_EQ(cursor.next().error(), stop);
        EXPECT_EQ(cursor.position(), log.size());
    }
}

}  // namespace
}  // namespace mamba::protocol
