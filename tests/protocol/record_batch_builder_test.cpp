#include "protocol/record_batch_builder.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/protocol/golden_batches.h"
#include "tests/protocol/test_bytes.h"

namespace mamba::protocol {
namespace {

// The 23 records of tests/protocol/golden/MakeBatches.java.
void append_golden_records(RecordBatchBuilder& builder) {
    builder.append(Timestamp{1700000000000}, std::nullopt, std::nullopt);
    const RecordHeader headers[] = {{"h1", as_bytes("v1")}, {"", std::nullopt}};
    builder.append(Timestamp{1700000000500}, as_bytes("key"), as_bytes("value"), headers);
    builder.append(Timestamp{1699999999000}, BytesView{}, BytesView{});
    for (int i = 0; i < 20; ++i) {
        builder.append(Timestamp{1700000001000 + i}, as_bytes("k" + std::to_string(i)),
                       as_bytes("the same value"));
    }
}

TEST(RecordBatchBuilder, WritesTheBytesThatJavaWrites) {
    RecordBatchBuilder plain({.partition_leader_epoch = LeaderEpoch{7}});
    append_golden_records(plain);
    EXPECT_EQ(plain.build(), from_hex(golden::none));
    EXPECT_EQ(plain.uncompressed_size(), plain.build().size());

    RecordBatchBuilder transactional({.partition_leader_epoch = LeaderEpoch{7},
                                      .producer_id = ProducerId{4711},
                                      .producer_epoch = ProducerEpoch{3},
                                      .base_sequence = 42,
                                      .is_transactional = true});
    append_golden_records(transactional);
    EXPECT_EQ(transactional.build(), from_hex(golden::transactional));
}

TEST(RecordBatchBuilder, RoundTripsWithEveryCodec) {
    Compression compression;
    for (const CompressionType codec :
         {CompressionType::none, CompressionType::gzip, CompressionType::snappy,
          CompressionType::lz4, CompressionType::zstd}) {
        SCOPED_TRACE(name_of(codec));
        RecordBatchBuilder builder({.base_offset = Offset{10}, .codec = codec});
        append_golden_records(builder);
        const Bytes bytes = builder.build(compression);
        const auto batch = RecordBatchView::parse(bytes);
        ASSERT_TRUE(batch);
        EXPECT_TRUE(batch->crc_matches());
        EXPECT_EQ(batch->codec(), codec);
        EXPECT_EQ(batch->last_offset(), Offset{32});
        const auto records = compression.decompress(codec, batch->records(), 1U << 20);
        ASSERT_TRUE(records);
        const Bytes golden = from_hex(golden::none);
        EXPECT_EQ(*records, Bytes(golden.begin() + batch_header_bytes, golden.end()));
    }
}

// Compaction removes records, but the ones that stay keep their offsets, and the batch its end.
TEST(RecordBatchBuilder, KeepsGapsAndTheLastOffset) {
    RecordBatchBuilder builder({.base_offset = Offset{1000}, .last_offset_delta = 9});
    builder.append_at(Offset{1002}, Timestamp{5}, as_bytes("a"), as_bytes("1"));
    builder.append_at(Offset{1007}, Timestamp{4}, as_bytes("b"), as_bytes("2"));
    const Bytes bytes = builder.build();
    const auto batch = RecordBatchView::parse(bytes);
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->last_offset(), Offset{1009});
    EXPECT_EQ(batch->record_count(), 2);
    EXPECT_EQ(batch->base_timestamp(), Timestamp{5});
    EXPECT_EQ(batch->max_timestamp(), Timestamp{5});
    RecordReader reader(batch->records(), 2);
    EXPECT_EQ(reader.next()->offset_delta, 2);
    const auto second = reader.next();
    EXPECT_EQ(second->offset_delta, 7);
    EXPECT_EQ(batch->timestamp_of(second->timestamp_delta), Timestamp{4});
}

TEST(RecordBatchBuilder, MayBeEmpty) {
    const Bytes bytes =
        RecordBatchBuilder({.base_offset = Offset{5}, .last_offset_delta = 3}).build();
    const auto batch = RecordBatchView::parse(bytes);
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->crc_matches());
    EXPECT_EQ(batch->record_count(), 0);
    EXPECT_EQ(batch->next_offset(), Offset{9});
    EXPECT_EQ(batch->max_timestamp(), no_timestamp);
}

TEST(RecordBatchBuilder, TimesAtBothEndsSurvive) {
    RecordBatchBuilder builder(BatchOptions{});
    const Timestamp first{std::numeric_limits<std::int64_t>::max()};
    const Timestamp second{std::numeric_limits<std::int64_t>::min()};
    builder.append(first, std::nullopt, std::nullopt);
    builder.append(second, std::nullopt, std::nullopt);
    const Bytes bytes = builder.build();
    const auto batch = RecordBatchView::parse(bytes);
    RecordReader reader(batch->records(), 2);
    EXPECT_EQ(batch->timestamp_of(reader.next()->timestamp_delta), first);
    EXPECT_EQ(batch->timestamp_of(reader.next()->timestamp_delta), second);
}

}  // namespace
}  // namespace mamba::protocol
