#include "log/batch_validator.h"

#include <gtest/gtest.h>

#include <string>

#include "protocol/record.h"
#include "protocol/record_batch_builder.h"
#include "tests/protocol/test_bytes.h"

namespace mamba::log {
namespace {

using protocol::BatchOptions;
using protocol::CompressionType;
using protocol::RecordBatchBuilder;
using protocol::TimestampType;
namespace field = protocol::batch_field;

constexpr Timestamp now{1'700'000'000'000};
const TopicPartition partition{.topic = "orders", .partition = PartitionIndex{3}};

class BatchValidator : public testing::Test {
protected:
    std::expected<ValidatedBatch, BatchRejection> validate(
        BatchOrigin origin = BatchOrigin::client) {
        return validate_batch(bytes, rules, origin, partition, now, compression);
    }
    ErrorCode code(BatchOrigin origin = BatchOrigin::client) {
        const auto result = validate(origin);
        return result ? ErrorCode::none : result.error().code;
    }
    // Changes one header field and makes the checksum right again.
    template <class Int>
    void set(std::size_t at, Int value) {
        protocol::store_be(bytes.data() + at, value);
        reseal();
    }
    void reseal() {
        const auto batch = protocol::RecordBatchView::parse(bytes);
        if (batch) protocol::store_be(bytes.data() + field::crc, batch->computed_crc());
    }

    static Bytes three(BatchOptions options = {}) {
        RecordBatchBuilder builder(options);
        builder.append(now, as_bytes("a"), as_bytes("1"));
        builder.append(now + 5, as_bytes("b"), as_bytes("2"));
        builder.append(now - 5, as_bytes("c"), std::nullopt);
        return builder.build();
    }

    BatchRules rules;
    protocol::Compression compression;
    Bytes bytes = three();
};

constexpr CompressionType codecs[] = {CompressionType::none, CompressionType::gzip,
                                      CompressionType::snappy, CompressionType::lz4,
                                      CompressionType::zstd};

TEST_F(BatchValidator, LeavesAGoodBatchAsItLies) {
    for (const CompressionType codec : codecs) {
        bytes = three({.codec = codec});
        const Bytes before = bytes;
        auto result = validate();
        ASSERT_TRUE(result) << result.error().message;
        EXPECT_TRUE(result->rebuilt.empty());
        EXPECT_EQ(result->bytes.data(), bytes.data());
        EXPECT_EQ(result->bytes.size(), bytes.size());
        EXPECT_EQ(bytes, before);
        EXPECT_EQ(result->view().record_count(), 3);
    }
}

// The codes of this and the next tests are those of a running Apache Kafka 4.3.0.
TEST_F(BatchValidator, WantsExactlyOneBatch) {
    const Bytes good = bytes;
    bytes = {};
    EXPECT_EQ(code(), ErrorCode::invalid_record);
    bytes = good;
    bytes.insert(bytes.end(), good.begin(), good.end());
    EXPECT_EQ(code(), ErrorCode::invalid_record);
    for (std::size_t size = 1; size < good.size(); ++size) {
        bytes.assign(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(code(), ErrorCode::invalid_record) << size;
    }
}

TEST_F(BatchValidator, DropsATornTail) {
    const Bytes good = bytes;
    bytes.insert(bytes.end(), good.begin(), good.end() - 1);
    auto result = validate();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->bytes.size(), good.size());
    bytes = good;
    bytes.resize(good.size() + 12);  // a length of zero
    EXPECT_EQ(code(), ErrorCode::corrupt_message);
}

TEST_F(BatchValidator, RefusesOldAndUnknownMagic) {
    for (const std::int8_t magic : std::initializer_list<std::int8_t>{0, 1}) {
        set(field::magic, magic);
        EXPECT_EQ(code(), ErrorCode::invalid_record);
    }
    for (const std::int8_t magic : std::initializer_list<std::int8_t>{-1, 3}) {
        set(field::magic, magic);
        EXPECT_EQ(code(), ErrorCode::corrupt_message);
    }
}

TEST_F(BatchValidator, RefusesLengthsThatHoldNoBatch) {
    for (const std::int32_t length : {-1, 0, 13, 14, 48, 49}) {
        protocol::store_be(bytes.data() + field::batch_length, length);
        EXPECT_EQ(code(), ErrorCode::corrupt_message) << length;
    }
}

TEST_F(BatchValidator, RefusesABatchAboveTheLimitBeforeItsChecksum) {
    rules.message_bytes_max = static_cast<std::int32_t>(bytes.size());
    EXPECT_EQ(code(), ErrorCode::none);
    bytes.back() ^= std::byte{1};
    EXPECT_EQ(code(), ErrorCode::corrupt_message);
    rules.message_bytes_max -= 1;
    EXPECT_EQ(code(), ErrorCode::message_too_large);
    rules = {};
    rules.segment_bytes = 20;
    EXPECT_EQ(code(), ErrorCode::record_list_too_large);
}

TEST_F(BatchValidator, RefusesHeadersThatContradictThemselves) {
    const Bytes good = bytes;
    const auto refused = [&](std::size_t at, auto value) {
        bytes = good;
        set(at, value);
        EXPECT_EQ(code(), ErrorCode::invalid_record) << at << " " << value;
    };
    for (const std::int32_t count : {-1, 0, 2, 4, 2147483647}) refused(field::record_count, count);
    for (const std::int32_t last : {-1, 1, 7, 2147483647}) refused(field::last_offset_delta, last);
    for (const std::int64_t base : {-1, 5}) refused(field::base_offset, base);
    for (const std::int16_t attributes : std::initializer_list<std::int16_t>{5, 6, 7, 0x20, 0x10})
        refused(field::attributes, attributes);
    refused(field::producer_id, std::int64_t{5});  // with the sequence at -1
}

TEST_F(BatchValidator, CountMustBeTheRecordsThere) {
    set(field::record_count, std::int32_t{2});
    set(field::last_offset_delta, std::int32_t{1});
    EXPECT_EQ(code(), ErrorCode::invalid_record);
    set(field::record_count, std::int32_t{4});
    set(field::last_offset_delta, std::int32_t{3});
    EXPECT_EQ(code(), ErrorCode::invalid_record);
}

TEST_F(BatchValidator, OffsetsRunWithoutGaps) {
    RecordBatchBuilder builder({.last_offset_delta = 1});
    builder.append_at(Offset{0}, now, std::nullopt, std::nullopt);
    builder.append_at(Offset{5}, now, std::nullopt, std::nullopt);
    bytes = builder.build();
    EXPECT_EQ(code(), ErrorCode::invalid_record);
}

TEST_F(BatchValidator, CoordinatorsMayWriteControlBatchesAnywhere) {
    bytes = three({.base_offset = Offset{9}, .is_control = true});
    EXPECT_EQ(code(), ErrorCode::invalid_record);
    EXPECT_EQ(code(BatchOrigin::coordinator), ErrorCode::none);
}

TEST_F(BatchValidator, OldProduceVersionsCarryNoZstd) {
    bytes = three({.codec = CompressionType::zstd});
    EXPECT_EQ(code(BatchOrigin::client_before_zstd), ErrorCode::unsupported_compression_type);
    EXPECT_EQ(code(BatchOrigin::client), ErrorCode::none);
}

TEST_F(BatchValidator, AcceptsIdempotentAndTransactionalBatches) {
    bytes = three({.producer_id = ProducerId{7},
                   .producer_epoch = ProducerEpoch{1},
                   .base_sequence = 0,
                   .is_transactional = true});
    EXPECT_EQ(code(), ErrorCode::none);
}

TEST_F(BatchValidator, LogAppendTimeReplacesTheTimes) {
    rules.timestamp_type = TimestampType::log_append_time;
    for (const CompressionType codec : codecs) {
        bytes = three({.codec = codec});
        auto result = validate();
        ASSERT_TRUE(result);
        EXPECT_TRUE(result->rebuilt.empty());
        EXPECT_EQ(result->view().timestamp_type(), TimestampType::log_append_time);
        EXPECT_EQ(result->view().max_timestamp(), now);
        EXPECT_TRUE(result->view().crc_matches());
    }
}

TEST_F(BatchValidator, ProducersMustNotSetLogAppendTime) {
    rules.timestamp_type = TimestampType::log_append_time;
    for (const CompressionType codec : codecs) {
        bytes = three({.codec = codec,
                       .timestamp_type = TimestampType::log_append_time,
                       .log_append_time = now});
        const auto result = validate();
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::invalid_timestamp);
        ASSERT_EQ(result.error().record_errors.size(), 3U);
        EXPECT_EQ(result.error().record_errors[0].message,
                  "Invalid timestamp type in message DefaultRecord(offset=0, "
                  "timestamp=1700000000000, key=1 bytes, value=1 bytes). Producer should not set "
                  "timestamp type to LogAppendTime.");
    }
    // A topic of the other type takes such a batch, and takes the flag away.
    rules.timestamp_type = TimestampType::create_time;
    auto result = validate();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->view().timestamp_type(), TimestampType::create_time);
    EXPECT_TRUE(result->view().crc_matches());
}

TEST_F(BatchValidator, NamesEachRecordWhoseTimeIsOutOfRange) {
    for (const CompressionType codec : codecs) {
        RecordBatchBuilder builder({.codec = codec});
        builder.append(now, std::nullopt, std::nullopt);
        builder.append(now + 3'600'001, std::nullopt, std::nullopt);
        builder.append(now + 3'600'000, std::nullopt, std::nullopt);
        bytes = builder.build();
        const auto result = validate();
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::invalid_timestamp);
        EXPECT_EQ(result.error().message,
                  "One or more records have been rejected due to invalid timestamp");
        ASSERT_EQ(result.error().record_errors.size(), 1U);
        EXPECT_EQ(result.error().record_errors[0].batch_index, 1);
        EXPECT_EQ(result.error().record_errors[0].message,
                  "Timestamp 1700003600001 of message with offset 1 is out of range. The timestamp "
                  "should be within [-9223370336854775807, 1700003600000]");
    }
}

TEST_F(BatchValidator, TimestampLimitsHoldAtTheEndsOfTheRange) {
    const auto with_time = [&](std::int64_t time) {
        RecordBatchBuilder builder(BatchOptions{});
        builder.append(Timestamp{time}, std::nullopt, std::nullopt);
        bytes = builder.build();
        return code();
    };
    EXPECT_EQ(with_time(-1), ErrorCode::none);
    EXPECT_EQ(with_time(0), ErrorCode::none);
    EXPECT_EQ(with_time(-5), ErrorCode::none);
    EXPECT_EQ(with_time(std::numeric_limits<std::int64_t>::max()), ErrorCode::invalid_timestamp);
    EXPECT_EQ(with_time(std::numeric_limits<std::int64_t>::min()), ErrorCode::invalid_timestamp);
    rules.timestamp_before_ms_max = 1000;
    EXPECT_EQ(with_time(now.value - 1000), ErrorCode::none);
    EXPECT_EQ(with_time(now.value - 1001), ErrorCode::invalid_timestamp);
    rules.timestamp_after_ms_max = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(with_time(std::numeric_limits<std::int64_t>::max()), ErrorCode::none);
}

// The header has the largest time, not the smallest, so early records show only inside.
TEST_F(BatchValidator, LooksForEarlyRecordsInsideCompressedBatches) {
    rules.timestamp_before_ms_max = 4;
    for (const CompressionType codec : codecs) {
        bytes = three({.codec = codec});
        EXPECT_EQ(code(), ErrorCode::invalid_timestamp);
    }
}

TEST_F(BatchValidator, PutsAFalseMaxTimestampRight) {
    set(field::max_timestamp, std::int64_t{1} << 60);
    auto result = validate();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->view().max_timestamp(), now + 5);
    EXPECT_TRUE(result->view().crc_matches());
    bytes = three({.codec = CompressionType::lz4});
    set(field::max_timestamp, std::int64_t{1} << 60);
    result = validate();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->view().max_timestamp(), now + 5);
}

TEST_F(BatchValidator, CompactedTopicsWantKeys) {
    rules.compacted = true;
    for (const CompressionType codec : codecs) {
        bytes = three({.codec = codec});
        EXPECT_EQ(code(), ErrorCode::none);
        RecordBatchBuilder builder({.codec = codec});
        builder.append(now, as_bytes(""), std::nullopt);
        for (int i = 0; i < 4; ++i) builder.append(now, std::nullopt, as_bytes("v"));
        bytes = builder.build();
        const auto result = validate();
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::invalid_record);
        ASSERT_EQ(result.error().record_errors.size(), 4U);
        EXPECT_EQ(result.error().record_errors[0],
                  (BatchRecordError{1,
                                    "Compacted topic cannot accept message without key in topic "
                                    "partition orders-3"}));
        EXPECT_TRUE(result.error().message.starts_with(
            "One or more records have been rejected due to 4 record errors in total, and only "
            "showing the first three errors at most: [RecordError(batchIndex=1, "
            "message='Compacted"));
    }
}

TEST_F(BatchValidator, CompressesAnewWhenTheTopicSaysSo) {
    const Bytes plain = three();
    const Bytes plain_records(plain.begin() + protocol::batch_header_bytes, plain.end());
    for (const CompressionType from : codecs) {
        for (const CompressionType to : codecs) {
            rules.compression = to;
            bytes = three({.codec = from,
                           .producer_id = ProducerId{7},
                           .producer_epoch = ProducerEpoch{1},
                           .base_sequence = 11});
            auto result = validate();
            ASSERT_TRUE(result);
            EXPECT_EQ(result->rebuilt.empty(), from == to);
            const auto view = result->view();
            EXPECT_EQ(view.codec(), to);
            EXPECT_EQ(view.size(), result->bytes.size());
            EXPECT_TRUE(view.crc_matches());
            EXPECT_EQ(view.producer_id(), ProducerId{7});
            EXPECT_EQ(view.base_sequence(), 11);
            EXPECT_EQ(view.max_timestamp(), now + 5);
            EXPECT_EQ(compression.decompress(to, view.records(), 10000).value(), plain_records);
        }
    }
}

TEST_F(BatchValidator, ARebuiltBatchMustStillFit) {
    RecordBatchBuilder builder({.codec = CompressionType::gzip});
    builder.append(now, std::nullopt, Bytes(10000));
    bytes = builder.build();
    rules.message_bytes_max = 5000;
    EXPECT_EQ(code(), ErrorCode::none);
    rules.compression = CompressionType::none;
    EXPECT_EQ(code(), ErrorCode::message_too_large);
}

TEST_F(BatchValidator, DecompressesNoBomb) {
    rules.compacted = true;
    for (const CompressionType codec :
         {CompressionType::gzip, CompressionType::lz4, CompressionType::zstd}) {
        RecordBatchBuilder builder({.codec = codec});
        builder.append(now, as_bytes("k"), Bytes(70U << 20));
        bytes = builder.build();
        EXPECT_LT(bytes.size(), 1'048'588U);
        EXPECT_EQ(code(), ErrorCode::message_too_large);
    }
}

TEST_F(BatchValidator, RefusesCompressedBytesThatAreNone) {
    rules.compacted = true;
    for (const std::int16_t codec : std::initializer_list<std::int16_t>{1, 2, 3, 4}) {
        bytes = three();
        set(field::attributes, codec);
        EXPECT_EQ(code(), ErrorCode::invalid_record);
    }
}

// With a checksum that is right, so that the mutation gets through to the later checks.
TEST_F(BatchValidator, WhatItAcceptsAfterMutationsIsWhole) {
    std::mt19937_64 random(3);
    for (int round = 0; round < 50000; ++round) {
        bytes = three({.codec = codecs[round % 5]});
        const auto at = static_cast<std::size_t>(random() % bytes.size());
        bytes = mutated(bytes, random);
        if (at % 4 != 0 && bytes.size() >= field::records) {
            protocol::store_be(
                bytes.data() + field::batch_length,
                static_cast<std::int32_t>(bytes.size() - protocol::batch_prefix_bytes));
        }
        reseal();
        rules.compacted = (round & 1) != 0;
        auto result = validate();
        if (!result) continue;
        const auto view = result->view();
        ASSERT_TRUE(view.crc_matches());
        ASSERT_EQ(view.size(), result->bytes.size());
        ASSERT_EQ(view.last_offset_delta() + 1, view.record_count());
    }
}

}  // namespace
}  // namespace mamba::log
