#include "protocol/record.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "protocol/compression.h"
#include "protocol/record_batch.h"
#include "tests/protocol/golden_batches.h"
#include "tests/protocol/test_bytes.h"

namespace mamba::protocol {
namespace {

using enum CompressionType;

std::string text(std::optional<BytesView> bytes) {
    return bytes ? std::string(as_text(*bytes)) : "(null)";
}

// Reads all; the error that ended it.
RecordError read_all(BytesView records, std::int32_t count, std::vector<Record>* out = nullptr) {
    RecordReader reader(records, count);
    for (;;) {
        const auto record = reader.next();
        if (!record) return record.error();
        if (out != nullptr) out->push_back(*record);
    }
}

// tests/protocol/golden/MakeBatches.java says what is in these.
TEST(RecordReader, ReadsWhatJavaWroteWithEveryCodec) {
    Compression compression;
    for (const std::string_view hex :
         {golden::none, golden::gzip, golden::snappy, golden::lz4, golden::zstd}) {
        const Bytes bytes = from_hex(hex);
        const auto batch = RecordBatchView::parse(bytes);
        ASSERT_TRUE(batch);
        SCOPED_TRACE(name_of(batch->codec()));
        EXPECT_TRUE(batch->crc_matches());
        const auto plain = compression.decompress(batch->codec(), batch->records(), 1U << 20);
        ASSERT_TRUE(plain);
        std::vector<Record> records;
        EXPECT_EQ(read_all(*plain, batch->record_count(), &records), RecordError::end);
        ASSERT_EQ(records.size(), 23U);
        EXPECT_EQ(records[0].key, std::nullopt);
        EXPECT_EQ(records[0].value, std::nullopt);
        EXPECT_TRUE(records[0].headers.empty());
        EXPECT_EQ(text(records[1].key), "key");
        EXPECT_EQ(text(records[1].value), "value");
        EXPECT_EQ(batch->timestamp_of(records[1].timestamp_delta), Timestamp{1700000000500});
        ASSERT_EQ(records[1].headers.size(), 2);
        const std::vector<RecordHeader> headers(records[1].headers.begin(),
                                                records[1].headers.end());
        EXPECT_EQ(headers[0].key, "h1");
        EXPECT_EQ(text(headers[0].value), "v1");
        EXPECT_EQ(headers[1].key, "");
        EXPECT_EQ(headers[1].value, std::nullopt);
        EXPECT_EQ(text(records[2].key), "");
        EXPECT_EQ(text(records[2].value), "");
        EXPECT_EQ(batch->timestamp_of(records[2].timestamp_delta), Timestamp{1699999999000});
        EXPECT_EQ(text(records[22].key), "k19");
        EXPECT_EQ(records[22].offset_delta, 22);
    }
}

TEST(RecordReader, GivesBackTheWidestNumbers) {
    const std::int64_t times[] = {0,
                                  -1,
                                  63,
                                  64,
                                  -64,
                                  -65,
                                  std::numeric_limits<std::int64_t>::max(),
                                  std::numeric_limits<std::int64_t>::min()};
    const std::int32_t offsets[] = {0,    63,   64,
                                    8191, 8192, std::numeric_limits<std::int32_t>::max()};
    for (const std::int64_t time : times) {
        for (const std::int32_t offset : offsets) {
            Bytes bytes;
            append_record(bytes, time, offset, as_bytes("key"), std::nullopt, {});
            RecordReader reader(bytes, 1);
            const auto record = reader.next();
            ASSERT_TRUE(record);
            EXPECT_EQ(record->timestamp_delta, time);
            EXPECT_EQ(record->offset_delta, offset);
            EXPECT_EQ(record->size, bytes.size());
            EXPECT_EQ(reader.next().error(), RecordError::end);
        }
    }
}

TEST(RecordReader, CountAndBytesMustAgree) {
    Bytes bytes;
    append_record(bytes, 0, 0, std::nullopt, std::nullopt, {});
    append_record(bytes, 0, 1, std::nullopt, std::nullopt, {});
    EXPECT_EQ(read_all(bytes, 2), RecordError::end);
    EXPECT_EQ(read_all(bytes, 1), RecordError::bytes_left);
    EXPECT_EQ(read_all(bytes, 0), RecordError::bytes_left);
    EXPECT_EQ(read_all(bytes, -1), RecordError::bytes_left);
    EXPECT_EQ(read_all(bytes, 3), RecordError::records_left);
    EXPECT_EQ(read_all({}, 0), RecordError::end);
}

TEST(RecordReader, RefusesEveryTruncation) {
    Bytes bytes;
    const RecordHeader header{"name", as_bytes("of a header")};
    append_record(bytes, 1LL << 40, 3, as_bytes("key"), as_bytes("value"), std::span(&header, 1));
    EXPECT_EQ(read_all(BytesView(bytes).first(0), 1), RecordError::records_left);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        EXPECT_EQ(read_all(BytesView(bytes).first(size), 1), RecordError::malformed);
        // The same with a length that says so.
        Bytes shorter(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        shorter[0] = static_cast<std::byte>((size - 1) * 2);
        EXPECT_EQ(read_all(shorter, 1), RecordError::malformed);
    }
}

TEST(RecordReader, RefusesNumbersThatDoNotFit) {
    // length 6: attributes, time 0, offset 0, key null, value null, headers 0
    EXPECT_EQ(read_all(from_hex("0c000000010100"), 1), RecordError::end);
    EXPECT_EQ(read_all(from_hex("0c000000010101"), 1), RecordError::malformed);  // -1 headers
    EXPECT_EQ(read_all(from_hex("01000000010100"), 1), RecordError::malformed);  // length -1
    EXPECT_EQ(read_all(from_hex("feffffff0f0000"), 1), RecordError::malformed);  // length 2^31-1
    EXPECT_EQ(read_all(from_hex("feffffff1f0000"), 1), RecordError::malformed);  // 33 bits
    EXPECT_EQ(read_all(from_hex("0e00000001010000"), 1),
              RecordError::malformed);  // a byte too many
    // 2^31-1 headers, of which none is there.
    EXPECT_EQ(read_all(from_hex("140000000101feffffff0f"), 1), RecordError::malformed);
}

TEST(RecordReader, SurvivesMutations) {
    std::mt19937_64 random(11);
    const Bytes bytes = from_hex(golden::none);
    const Bytes records(bytes.begin() + batch_header_bytes, bytes.end());
    for (int round = 0; round < 100000; ++round) {
        const Bytes changed = mutated(records, random);
        std::vector<Record> read;
        read_all(changed, 23, &read);
        std::size_t used = 0;
        for (const Record& record : read) {
            used += record.size;
            for (const RecordHeader header : record.headers) used += header.key.size() * 0;
        }
        ASSERT_LE(used, changed.size());
    }
}

}  // namespace
}  // namespace mamba::protocol
